"""What the shipped bundle must get right, whatever its scores: `data/behaviour.yaml`.

The gate holds every later bundle to the same cases.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from model.bundle import DEFAULT
from serving.live import LiveBundle, load_live
from serving.routing.decide import decide
from serving.routing.situation import Reply, Situation
from training.gate.cases import CaseSet, otherwise, read_cases

MONDAY = datetime(2026, 11, 23, 17, tzinfo=UTC)
CASES = read_cases([Path(__file__).parent.parent.parent / "data" / "behaviour.yaml"])


@pytest.fixture(scope="module")
def shipped() -> LiveBundle:
    return load_live(DEFAULT)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_decides_as_it_must(shipped: LiveBundle, case: CaseSet) -> None:
    decisions = [
        decide(Reply(text, MONDAY), Situation(), shipped.rules, shipped.read(text))
        for text in case.texts
    ]

    assert otherwise(case, decisions) == ()


def test_whoever_is_left_to_people_is_told_so(shipped: LiveBundle) -> None:
    case = next(case for case in CASES if case.expect == {"action": "escalate"})

    for text in case.texts:
        decision = decide(
            Reply(text, MONDAY), Situation(), shipped.rules, shipped.read(text)
        )
        assert decision.reply is not None


@pytest.mark.parametrize(
    "text", ["where is my order", "i want a refund", "what time do you close"]
)
@pytest.mark.parametrize(
    "change",
    [str.upper, str.title, lambda t: t + "?", lambda t: t + "  ", lambda t: f" {t}!"],
    ids=["upper", "title", "question", "spaces", "exclamation"],
)
def test_is_not_moved_by_how_it_is_typed(
    shipped: LiveBundle, text: str, change: Callable[[str], str]
) -> None:
    changed = change(text)

    plain, typed = shipped.bundle.classifier.predict([text, changed])

    assert typed.intent == plain.intent
