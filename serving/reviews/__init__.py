"""Reviews: what people find of decisions, and in what order they look."""
