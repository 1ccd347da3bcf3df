"""How a bundle goes live in a running service, and how another decides beside it."""
