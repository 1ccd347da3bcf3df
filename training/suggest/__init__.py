"""What to do next with the labels: what to label, mend, add, and tell apart."""
