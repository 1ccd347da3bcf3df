"""The pages that people look at, their assets beside them."""
