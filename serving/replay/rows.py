"""Logged decisions as the store has them, in the order of the record, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from serving.store.database import reading
from serving.store.moments import aware
from serving.store.tables import decisions

PAGE = 1000
"""Rows read at once, some 5 KB each; each page is a short transaction of its own."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which decisions: recorded from `since` on and before `until` (both aware).

    `program` is the id of one program; None for all.
    """

    since: datetime
    until: datetime
    program: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """How far the reading came: the last row, in the order of the record."""

    recorded_at: datetime
    decision_id: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `decisions`; `inputs` and `decision` are JSON."""

    decision_id: str
    recorded_at: datetime
    bundle: str
    program: str
    inputs: str
    decision: str

    @property
    def place(self) -> Place:
        """Where the row stands."""
        return Place(self.recorded_at, self.decision_id)


def pages(
    engine: sa.Engine, span: Span, after: Place | None = None, rows: int = PAGE
) -> Iterator[list[Row]]:
    """Yield the rows of `span` that come after `after`, at most `rows` at once.

    Raises:
        StoreError: the store could not be read.
    """
    while True:
        with reading(engine) as connection:
            found = connection.execute(_page(span, after).limit(rows)).all()
        page = [
            Row(
                row.decision_id,
                aware(row.recorded_at),
                row.bundle,
                row.program,
                row.inputs,
                row.decision,
            )
            for row in found
        ]
        if page:
            yield page
        if len(page) < rows:
            return
        after = page[-1].place


def count_rows(engine: sa.Engine, span: Span) -> int:
    """Return how many decisions `span` holds."""
    query = sa.select(sa.func.count()).select_from(decisions).where(_within(span))
    with reading(engine) as connection:
        return connection.scalar(query) or 0


def _page(span: Span, after: Place | None) -> "sa.Select[tuple[object, ...]]":
    table = decisions.c
    wanted = _within(span)
    if after is not None:
        moment = after.recorded_at.astimezone(UTC)
        # The first half is for the index, which knows the moment alone.
        wanted &= (table.recorded_at >= moment) & (
            (table.recorded_at > moment) | (table.decision_id > after.decision_id)
        )
    columns = (getattr(table, name) for name in Row.__slots__)
    return (
        sa.select(*columns).where(wanted).order_by(table.recorded_at, table.decision_id)
    )


def _within(span: Span) -> "sa.ColumnElement[bool]":
    table = decisions.c
    wanted = (table.recorded_at >= span.since.astimezone(UTC)) & (
        table.recorded_at < span.until.astimezone(UTC)
    )
    return wanted if span.program is None else wanted & (table.program == span.program)
