"""The consent ledger: what each person agreed to and took back, and the proof of it."""
