"""Benchmarks on public sets: trained and scored on their published splits."""
