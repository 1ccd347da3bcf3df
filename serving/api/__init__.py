"""The calls of the messaging platform, one module each, and their shapes."""
