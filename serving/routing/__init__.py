"""How a prediction becomes a decision; pure: nothing here reads or writes."""
