"""A store of each kind."""

from tests.serving.reviews.conftest import engine, url

__all__ = ["engine", "url"]
