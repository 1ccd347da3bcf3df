"""What providers and platforms tell of consent that they saw change."""
