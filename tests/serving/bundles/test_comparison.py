import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from model.uses import CHALLENGER, CHAMPION, NOBODY, BundleRole, How, Use
from serving.bundles.comparison import (
    Span,
    Tally,
    counts,
    differences,
    examples,
    last_span,
)
from serving.routing.flips import FlipKind
from serving.store.bundle_tables import shadow_decisions
from serving.store.database import open_store, reading, writing
from serving.store.tables import decisions
from tests.databases import KINDS
from tests.databases import store as store_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OURS = Span("B", "A", NOON, NOON + 10 * HOUR)


def use(hour: int, role: BundleRole, bundle_id: str) -> Use:
    return Use(bundle_id, role, NOON + hour * HOUR, "ann", "why", How.PROMOTED)


@pytest.mark.parametrize(
    ("uses", "span"),
    [
        ([], None),
        ([use(0, CHAMPION, "A")], None),
        ([use(0, CHALLENGER, "B")], Span("B", NOBODY, NOON, None)),
        (
            [use(0, CHAMPION, "A"), use(1, CHALLENGER, "B")],
            Span("B", "A", NOON + HOUR, None),
        ),
        # It ended, and is still worth a look.
        (
            [
                use(0, CHAMPION, "A"),
                use(1, CHALLENGER, "B"),
                use(2, CHALLENGER, NOBODY),
            ],
            Span("B", "A", NOON + HOUR, NOON + 2 * HOUR),
        ),
        # Another champion, another comparison.
        (
            [use(0, CHAMPION, "A"), use(1, CHALLENGER, "B"), use(2, CHAMPION, "C")],
            Span("B", "C", NOON + 2 * HOUR, None),
        ),
        # It became the champion; its withdrawal follows in the same moment.
        (
            [
                use(0, CHAMPION, "A"),
                use(1, CHALLENGER, "B"),
                use(2, CHAMPION, "B"),
                use(2, CHALLENGER, NOBODY),
                use(3, CHAMPION, "A"),
            ],
            Span("B", "A", NOON + HOUR, NOON + 2 * HOUR),
        ),
    ],
)
def test_what_is_compared_is_the_last_challenger_with_whom_it_met(
    uses: list[Use], span: Span | None
) -> None:
    assert last_span(uses) == span


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Return a store in which B decided beside A, and other things happened."""
    with store_of(request.param, tmp_path) as url:
        engine = open_store(url)
        fill(engine)
        yield engine
        engine.dispose()


def fill(engine: sa.Engine) -> None:
    kinds = ["", "", "", "opt_out", "action", "action", "intent"]
    inside = [(f"d{n}", "B", kind, n) for n, kind in enumerate(kinds)]
    beside = [("d0", "C", "action", 1), ("e1", "B", "action", -1), ("e2", "B", "", 10)]
    told = {
        "change": "reply → escalate",
        "cost": 2.3,
        "intent": "refund",
        "confidence": 0.4,
        "action": "escalate",
        "consent": None,
        "queue": "orders",
        "template": None,
        "priority": "normal",
        "reasons": [{"code": "below_threshold", "detail": "0.4 < 0.9 for refund"}],
    }
    with writing(engine) as connection:
        for decision_id, bundle, kind, hour in inside + beside:
            connection.execute(
                sa.insert(shadow_decisions).values(
                    decision_id=decision_id,
                    bundle=bundle,
                    champion="A",
                    kind=kind,
                    decision=json.dumps(told) if kind else "",
                    decided_at=NOON + hour * HOUR,
                )
            )
        # The last one's decision is gone.
        for decision_id, *_ in inside[:-1]:
            connection.execute(
                sa.insert(decisions).values(
                    message_id=decision_id,
                    decision_id=decision_id,
                    conversation_id="c1",
                    received_at=NOON,
                    recorded_at=NOON,
                    bundle="A",
                    inputs="{}",
                    decision="{}",
                    program="fernhill",
                    intent="order_status",
                    confidence=0.97,
                    decided_by="model",
                    action="reply",
                )
            )


def test_replies_are_counted_by_kind_within_the_span(engine: sa.Engine) -> None:
    with reading(engine) as connection:
        assert counts(connection, OURS) == {
            "": 3,
            "opt_out": 1,
            "action": 2,
            "words": 0,
            "queue": 0,
            "effects": 0,
            "intent": 1,
        }
        goes_on = counts(connection, Span("B", "A", NOON, None))
    assert goes_on[""] == 4


def test_what_was_counted_is_kept_and_what_is_new_is_added(engine: sa.Engine) -> None:
    tally, span = Tally(), Span("B", "A", NOON, None)
    with reading(engine) as connection:
        told = [
            tally.counts(connection, span, NOON + hour * HOUR)
            for hour in (0, 1, 5, 5, 12, 5)
        ]
        whole = counts(connection, span)
    fresh = {
        "decision_id": "late",
        "bundle": "B",
        "champion": "A",
        "kind": "queue",
        "decision": "{}",
        "decided_at": NOON + 12 * HOUR,
    }
    with writing(engine) as connection:
        connection.execute(sa.insert(shadow_decisions).values(fresh))
    with reading(engine) as connection:
        later = tally.counts(connection, span, NOON + 12.5 * HOUR)
        ended = replace(span, until=NOON + 13 * HOUR)
        closed = tally.counts(connection, ended, NOON + 20 * HOUR)
        other = tally.counts(connection, replace(span, since=NOON + HOUR), NOON)

    assert told == [whole] * 6
    assert later == closed == {**whole, "queue": 1}
    assert other[""] == whole[""] - 1


def test_what_is_kept_is_not_counted_again(engine: sa.Engine) -> None:
    tally, span = Tally(), Span("B", "A", NOON, None)
    with reading(engine) as connection:
        before = tally.counts(connection, span, NOON + 12 * HOUR)
    with writing(engine) as connection:
        connection.execute(sa.delete(shadow_decisions))

    with reading(engine) as connection:
        assert tally.counts(connection, span, NOON + 13 * HOUR) == before


def test_the_latest_flips_come_first(engine: sa.Engine) -> None:
    with reading(engine) as connection:
        both = examples(connection, OURS, FlipKind.ACTION)
        one = examples(connection, OURS, FlipKind.ACTION, most=1)

    assert [flip.decision_id for flip in both] == ["d5", "d4"]
    assert one == both[:1]
    assert one[0].decided_at == NOON + 5 * HOUR
    assert one[0].told["change"] == "reply → escalate"


def test_differences_stand_beside_what_was_decided(engine: sa.Engine) -> None:
    with reading(engine) as connection:
        rows = differences(connection, OURS)

    assert [row["decision_id"] for row in rows] == ["d3", "d5", "d4"]
    assert rows[0] == {
        "decision_id": "d3",
        "decided_at": NOON + 3 * HOUR,
        "kind": "opt_out",
        "change": "reply → escalate",
        "cost": 2.3,
        "program": "fernhill",
        "champion": "A",
        "champion_intent": "order_status",
        "champion_confidence": 0.97,
        "champion_action": "reply",
        "champion_consent": None,
        "champion_queue": None,
        "challenger_intent": "refund",
        "challenger_confidence": 0.4,
        "challenger_action": "escalate",
        "challenger_consent": None,
        "challenger_queue": "orders",
        "challenger_template": None,
        "challenger_priority": "normal",
        "challenger_reasons": "below_threshold",
    }
