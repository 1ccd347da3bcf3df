"""Decisions as the record holds them, made up for figures."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import sqlalchemy as sa

from serving.figures.hours import Write
from serving.store.database import writing
from serving.store.review_tables import handoff_events
from serving.store.tables import decisions

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
_NUMBERS = count()

Row = dict[str, Any]


def decided(at: datetime, **fields: object) -> Row:
    """Return a row of `decisions` recorded `at`, an answer unless told otherwise."""
    number = next(_NUMBERS)
    return {
        "message_id": f"m{number}",
        "decision_id": f"d{number:09}",
        "conversation_id": "c1",
        "received_at": at - timedelta(milliseconds=20),
        "recorded_at": at,
        "bundle": "sha256:one",
        "inputs": "{}",
        "decision": "{}",
        "program": "fernhill",
        "intent": "order_status",
        "confidence": 0.9,
        "sentiment": "neutral",
        "language": "en",
        "decided_by": "model",
        "action": "reply",
        "consent": None,
        "queue": None,
        **fields,
    }


def chance(seed: int = 1) -> Random:
    """Return chance that is the same in every run."""
    return Random(seed)  # noqa: S311 - no secret


def some(chance: Random, start: datetime, end: datetime, number: int) -> list[Row]:
    """Return so many decisions of all kinds between two moments, in their order.

    They come in bursts, so that not every hour has to be counted.
    """
    length = (end - start).total_seconds()
    bursts = [chance.uniform(0, length) for _ in range(max(3, number // 20))]
    moments = sorted(
        start
        + timedelta(seconds=(chance.choice(bursts) + chance.uniform(0, 1800)) % length)
        for _ in range(number)
    )
    return [
        decided(
            at,
            conversation_id=f"c{chance.randrange(60)}",
            received_at=at - timedelta(milliseconds=chance.lognormvariate(4, 3)),
            bundle=chance.choice(["sha256:one", "sha256:two"]),
            program=chance.choice(["fernhill", "fernhill_visits"]),
            intent=chance.choice(["order_status", "refund", "thanks", ""]),
            confidence=chance.random(),
            sentiment=chance.choice(["positive", "negative", None]),
            language=chance.choice(["en", "es", None]),
            decided_by=chance.choice(["model", "model", "keyword", "owner"]),
            action=chance.choice(["reply", "reply", "ask", "escalate", "silent"]),
            consent=chance.choice([None, None, None, "opt_out"]),
            queue=chance.choice(["support", "orders"]),
        )
        for at in moments
    ]


def record(engine: sa.Engine, rows: Iterable[Row]) -> None:
    """Write decisions."""
    with writing(engine) as connection:
        connection.execute(sa.insert(decisions), list(rows))


def tell(engine: sa.Engine, kind: str, at: datetime, conversation: str = "c1") -> None:
    """Write that the team took or closed a conversation."""
    row = {
        "event_id": f"e{next(_NUMBERS)}",
        "conversation_id": conversation,
        "kind": kind,
        "at": at,
        "actor": "key:inbox",
    }
    with writing(engine) as connection:
        connection.execute(sa.insert(handoff_events), row)


def writer(engine: sa.Engine) -> Write:
    """Return what runs a transaction that writes."""

    def write(work: Callable[[sa.Connection], Any]) -> Any:
        with writing(engine) as connection:
            return work(connection)

    return write
