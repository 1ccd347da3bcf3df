"""A store of each kind."""

from tests.serving.reviews.conftest import engine, opened, url

__all__ = ["engine", "opened", "url"]
