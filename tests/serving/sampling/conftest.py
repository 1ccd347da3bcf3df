"""A store of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.store.database import open_store
from tests.databases import KINDS, store


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a store that holds nothing."""
    with store(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    """Return that store, opened."""
    engine = open_store(url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[sa.Engine]:
    """Return a store, opened, for what no database changes."""
    with store("sqlite", tmp_path) as url:
        engine = open_store(url)
        yield engine
        engine.dispose()
