"""A brand's programs: who texts, from which numbers, by which rules."""
