"""Other systems beside ours: same splits, same machine, one run, one scorer."""
