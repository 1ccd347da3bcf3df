"""Figures: what was decided, counted as it closes, and read without a long look."""
