"""One module a peer, run by the Python of that peer's own environment."""
