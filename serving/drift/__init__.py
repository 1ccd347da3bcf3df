"""Drift: whether replies are still what the bundle was made for, without labels."""
