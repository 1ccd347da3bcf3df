"""A browser and the console over a store, for tests that look as a person does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser

from serving.routing.ruleset import RuleSet
from serving.store.database import open_store
from tests.browser import console_at, started
from tests.databases import store
from tests.serving.parrot import parrot_live


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return the browser, one a file: its event loop is in the way of the others'."""
    with started() as browser:
        yield browser


@pytest.fixture
def store_url(tmp_path: Path) -> Iterator[str]:
    """Return the URL of a store that holds nothing."""
    with store("sqlite", tmp_path) as url:
        yield url


@pytest.fixture
def engine(store_url: str) -> Iterator[sa.Engine]:
    """Return that store, opened."""
    engine = open_store(store_url)
    yield engine
    engine.dispose()


@pytest.fixture
def address(rules: RuleSet, store_url: str) -> Iterator[str]:
    """Return where the console over that store is served."""
    with console_at(parrot_live(rules), store_url) as address:
        yield address
