"""A store of each kind, one for all tests of a module, emptied after each."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from serving.store.database import open_store
from tests.databases import KINDS, store
from tests.serving.reviews.making import emptied


@pytest.fixture(scope="module", params=KINDS)
def url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Return the URL of a store."""
    with store(request.param, tmp_path_factory.mktemp("reviews")) as url:
        yield url


@pytest.fixture(scope="module")
def opened(url: str) -> Iterator[sa.Engine]:
    """Return that store, opened."""
    engine = open_store(url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(opened: sa.Engine) -> Iterator[sa.Engine]:
    """Return that store; it holds nothing."""
    yield opened
    emptied(opened)
