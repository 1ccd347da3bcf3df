"""Which decisions are reviewed, drawn by a stated design, and what the reviews say."""
