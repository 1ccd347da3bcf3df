"""Deciding logged replies again with another bundle, and showing what flips."""
