"""Which replies of a day are looked at, and what is known of them.

A decision is drawn by a digest of its id: every one is as likely as any other, and the
same ones are drawn by whoever draws again.
"""

import hashlib
import heapq
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from serving.routing.decision import Action, DecidedBy
from serving.store.database import reading
from serving.store.tables import decisions

IDS = 50_000
"""Ids read at once."""

ROWS = 200
"""Rows read at once, some 5 KB each."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The replies of a day that are looked at.

    Attributes:
        replies: how many the day had.
        ids: decision ids, in the order of the draw: the first n are a draw of n.
    """

    replies: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply as it is on record.

    Attributes:
        decision_id: of its decision.
        person: the conversation's id.
        text: what was written.
        intent: as decided; "" where there was nothing to read.
        language: ISO 639-1, or None.
        confidence: as decided (0 to 1).
        by_model: the model settled it.
        answered: by the model, with words and without a person.
    """

    decision_id: str
    person: str
    text: str
    intent: str
    language: str | None
    confidence: float
    by_model: bool
    answered: bool


def draw(engine: sa.Engine, day: date, most: int) -> Drawn:
    """Draw at most `most` of the decisions recorded on `day` (UTC).

    Raises:
        StoreError: the store could not be read.
    """
    count = 0

    def lots() -> Iterator[tuple[bytes, str]]:
        nonlocal count
        for decision_id in _ids(engine, day):
            count += 1
            digest = hashlib.blake2b(decision_id.encode(), digest_size=8).digest()
            yield digest, decision_id

    drawn = heapq.nsmallest(most, lots())
    return Drawn(count, tuple(decision_id for _, decision_id in drawn))


def replies_of(engine: sa.Engine, ids: Sequence[str]) -> list[Reply]:
    """Return the replies of these decisions whose words are still there, in order.

    Raises:
        StoreError: the store could not be read.
    """
    found: dict[str, Reply] = {}
    for start in range(0, len(ids), ROWS):
        part = ids[start : start + ROWS]
        with reading(engine) as connection:
            rows = connection.execute(
                sa.select(*_COLUMNS).where(decisions.c.decision_id.in_(part))
            ).all()
        found |= {row.decision_id: _reply(row) for row in rows}
    return [found[one] for one in ids if one in found and found[one].text]


def first_day(engine: sa.Engine) -> date | None:
    """Return the day of the first decision; None where there is none."""
    with reading(engine) as connection:
        first = sa.select(sa.func.min(decisions.c.recorded_at))
        found: datetime | None = connection.scalar(first)
    if found is None:
        return None
    # SQLite keeps no zone; everything is written in UTC.
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).date()


def _ids(engine: sa.Engine, day: date) -> Iterator[str]:
    """Yield the day's ids; an hour at a time, so that no transaction is long."""
    table = decisions.c
    began = datetime.combine(day, time(), UTC)
    for hour in range(24):
        start = began + timedelta(hours=hour)
        query = sa.select(table.decision_id).where(
            table.recorded_at >= start, table.recorded_at < start + timedelta(hours=1)
        )
        with reading(engine) as connection:
            yield from connection.scalars(query.execution_options(yield_per=IDS))


_COLUMNS = [
    decisions.c[name]
    for name in (
        "decision_id",
        "conversation_id",
        "inputs",
        "intent",
        "language",
        "confidence",
        "decided_by",
        "action",
    )
]


def _reply(row: "sa.Row[tuple[object, ...]]") -> Reply:
    by_model = row.decided_by == DecidedBy.MODEL
    return Reply(
        decision_id=row.decision_id,
        person=row.conversation_id,
        text=json.loads(row.inputs).get("text") or "",
        intent=row.intent,
        language=row.language,
        confidence=row.confidence,
        by_model=by_model,
        answered=by_model and row.action == Action.REPLY,
    )
