from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.live import LiveBundle, load_live
from serving.routing.ruleset import RuleSet
from serving.store.database import open_store
from tests.databases import KINDS
from tests.databases import store as store_of
from tests.serving.parrot import parrot_live
from tests.serving.replay.bundles import bundle_of
from tests.serving.replay.logbook import TEXTS, Logbook


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    with store_of(request.param, tmp_path) as url:
        engine = open_store(url)
        yield engine
        engine.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[sa.Engine]:
    with store_of("sqlite", tmp_path) as url:
        engine = open_store(url)
        yield engine
        engine.dispose()


@pytest.fixture
def answering(rules: RuleSet) -> LiveBundle:
    """Return a bundle that takes every reply for a question after opening hours."""
    return parrot_live(replace(rules, thresholds={"store_info": 0.5}))


@pytest.fixture
def logbook(sqlite: sa.Engine, answering: LiveBundle) -> Logbook:
    return Logbook(sqlite, answering)


@pytest.fixture(scope="module")
def then(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the bundle that decided."""
    return bundle_of(tmp_path_factory.mktemp("then") / "bundle", 0.01)


@pytest.fixture(scope="module")
def candidate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of one that answers nothing."""
    return bundle_of(tmp_path_factory.mktemp("candidate") / "bundle", 1.0)


@pytest.fixture
def logged(sqlite: sa.Engine, then: Path) -> sa.Engine:
    Logbook(sqlite, load_live(then)).log(TEXTS)
    return sqlite
