"""How a bundle is made from labelled replies, and how it is judged."""
