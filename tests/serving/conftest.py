"""The app over real stores: with a trained bundle, and with one that costs nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.live import LiveBundle
from serving.routing.ruleset import RuleSet
from tests.serving.parrot import parrot_live
from tests.serving.phone import Phone, served


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return where the database file of the app lies."""
    return tmp_path / "replywise.db"


@pytest.fixture
def parrot(rules: RuleSet) -> LiveBundle:
    """Return a bundle whose classifier is a stub."""
    return parrot_live(rules)


@pytest.fixture
def quick(parrot: LiveBundle, store: Path) -> Iterator[TestClient]:
    """Return a client of the app, for what does not depend on the model."""
    with served(parrot, store) as client:
        yield client


@pytest.fixture
def live(tiny_live: LiveBundle) -> LiveBundle:
    """Return the trained bundle, ready to answer from a confidence of 0.5.

    40 replies an intent are too few to promise an error limit: training gives none
    a threshold.
    """
    intents = tiny_live.bundle.manifest.intents
    rules = replace(tiny_live.rules, thresholds=dict.fromkeys(intents, 0.5))
    return replace(tiny_live, rules=rules)


@pytest.fixture
def phone(live: LiveBundle, store: Path) -> Iterator[Phone]:
    """Return a phone that writes to the app with the trained bundle."""
    with served(live, store) as client:
        yield Phone(client)
