"""Taking replies in: claimed, decided, and on record in one transaction."""
