"""A store of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.store.database import engine_of
from tests.databases import KINDS, store


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Give an empty store."""
    with store(request.param, tmp_path) as url:
        engine = engine_of(url)
        yield engine
        engine.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[sa.Engine]:
    """Give an empty store on SQLite, for what no database does otherwise."""
    with store("sqlite", tmp_path) as url:
        engine = engine_of(url)
        yield engine
        engine.dispose()
