from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.live import LiveBundle
from serving.routing.ruleset import RuleSet
from serving.store.database import open_store
from tests.databases import KINDS
from tests.databases import store as store_of
from tests.serving.drift.store import Calendar, bag_live


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    with store_of(request.param, tmp_path) as url:
        engine = open_store(url)
        yield engine
        engine.dispose()


@pytest.fixture
def quick_calendar(tmp_path: Path) -> Iterator[Calendar]:
    """Return a calendar over SQLite, for what no store changes."""
    with store_of("sqlite", tmp_path) as url:
        engine = open_store(url)
        yield Calendar(engine)
        engine.dispose()


@pytest.fixture
def calendar(engine: sa.Engine) -> Calendar:
    return Calendar(engine)


@pytest.fixture(scope="session")
def bag(rules: RuleSet) -> LiveBundle:
    """Return a bundle that reads a little, at once."""
    return bag_live(rules)
