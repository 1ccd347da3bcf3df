"""Counting by the hour: the hour under way grows by minutes, a closed one is final.

What is counted is read without the writers' lock, then written in one short
transaction that goes on only where nobody has counted it meanwhile. A part that begins
with its hour takes the place of what was there: once its hour is over, an hour is
counted as a whole, so that it is right whoever counted it before, and a mark that is
set back to an hour's beginning repairs what follows.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from serving.figures.kept import COUNTS, DELAYS, Kept
from serving.figures.marks import Mark, marked, move
from serving.figures.period import Period
from serving.store.database import reading
from serving.store.moments import HOUR, MINUTE, aware, floored
from serving.store.tables import decisions

SLACK = timedelta(minutes=2)
"""A moment is closed so long after it: transactions that recorded in it have ended,
and clocks of several machines differ by less."""

Write = Callable[[Callable[[sa.Connection], Any]], Any]
"""Runs what it is given in a transaction that writes, and returns what that returns."""

_Rows = Sequence[dict[str, object]]


def count_hour(engine: sa.Engine, write: Write, now: datetime) -> bool:
    """Count the next part of an hour; return whether there was one to count."""
    with reading(engine) as connection:
        until = marked(connection, Mark.HOURS)
        part = _next_part(_recorded_from(connection, until), until, now - SLACK)
        if part is None:
            return False
        found = [(kept, _counted(connection, kept, part)) for kept in (COUNTS, DELAYS)]

    def keep(connection: sa.Connection) -> None:
        if marked(connection, Mark.HOURS) != until:
            return  # Another process was faster.
        for kept, rows in found:
            _put(connection, kept, part, rows)
        move(connection, Mark.HOURS, part.end)

    write(keep)
    return True


def _recorded_from(
    connection: sa.Connection, until: datetime | None
) -> datetime | None:
    """Return when the first decision that is not counted was recorded."""
    first = sa.select(sa.func.min(decisions.c.recorded_at))
    if until is not None:
        first = first.where(decisions.c.recorded_at >= until)
    found = connection.scalar(first)
    return found and aware(found)


def _next_part(
    first: datetime | None, until: datetime | None, closed: datetime
) -> Period | None:
    """Return what to count next; None where there is nothing that is closed.

    Args:
        first: when the first decision that is not counted was recorded.
        until: up to when everything is counted.
        closed: before it nothing is recorded any more.
    """
    if until is not None and until != floored(until, HOUR):
        hour, start = floored(until, HOUR), until
    elif first is not None:
        hour = start = floored(first, HOUR)
    else:
        return None
    if closed >= hour + HOUR:
        return Period(hour, hour + HOUR)
    end = floored(closed, MINUTE)
    anything = first is not None and first < end
    return Period(start, end) if anything else None


def _counted(connection: sa.Connection, kept: Kept, part: Period) -> _Rows:
    """Return the rows of the hour that `part` lies in, of the part alone."""
    given = {"start": part.start, "end": part.end}
    rows = connection.execute(_counting(kept), given).mappings()
    hour = floored(part.start, HOUR)
    return [{"hour": hour, **row} for row in rows]


def _put(connection: sa.Connection, kept: Kept, part: Period, rows: _Rows) -> None:
    hour = floored(part.start, HOUR)
    if part.start == hour:
        connection.execute(sa.delete(kept.hourly).where(kept.hourly.c.hour == hour))
    if rows:
        connection.execute(_adding(connection.dialect.name, kept), rows)


# Statements are made once: making one costs more than running it.
@cache
def _counting(kept: Kept) -> sa.Select[Any]:
    recorded = decisions.c.recorded_at
    start, end = (sa.bindparam(name, type_=recorded.type) for name in ("start", "end"))
    values = {**kept.by, **kept.sums}
    return (
        sa.select(*(value.label(name) for name, value in values.items()))
        .where(recorded >= start, recorded < end)
        .group_by(*kept.by.values())
    )


@cache
def _adding(dialect: str, kept: Kept) -> sa.Insert:
    """Return an insert that adds to the row that is there, if one is."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(kept.hourly)
    return statement.on_conflict_do_update(
        index_elements=list(kept.hourly.primary_key),
        set_={
            name: kept.hourly.c[name] + statement.excluded[name] for name in kept.sums
        },
    )
