"""The console over a store of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.live import LiveBundle
from serving.routing.ruleset import RuleSet
from serving.store.database import open_store
from tests.databases import KINDS, store
from tests.serving.console.desk import Desk, desk
from tests.serving.parrot import parrot_live


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a store that holds nothing."""
    with store(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def parrot(rules: RuleSet) -> LiveBundle:
    """Return a bundle whose classifier is a stub."""
    return parrot_live(rules)


@pytest.fixture
def at_desk(parrot: LiveBundle, url: str) -> Iterator[Desk]:
    """Return someone at the console, not signed in yet; each kind of store in turn."""
    with desk(parrot, url) as found:
        yield found


@pytest.fixture
def quick_desk(parrot: LiveBundle, tmp_path: Path) -> Iterator[Desk]:
    """Return someone at the console over SQLite, for what no store changes."""
    with store("sqlite", tmp_path) as url, desk(parrot, url) as found:
        yield found


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    """Return a store of each kind, opened."""
    engine = open_store(url)
    yield engine
    engine.dispose()
