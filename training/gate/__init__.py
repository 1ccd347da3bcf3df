"""The gate: is a new bundle fit to decide, beside the one that decides now?"""
