"""Reading figures: from counts, and from the decisions that are not counted yet.

Both together are exact and of this moment, and no more than a few minutes of decisions
are looked at, however many there are.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from serving.figures.kept import Kept
from serving.figures.marks import Mark, marked
from serving.figures.moments import DAY, HOUR, aware, floored
from serving.figures.period import Parts, Period, Reach, parts_of
from serving.store.tables import decisions

BEHIND = timedelta(hours=2)
"""Older decisions that are not counted yet are not looked at: there may be millions."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What figures are asked for.

    Attributes:
        period: of when.
        reach: how far counting has come.
        program: of which program; None for all of them.
    """

    period: Period
    reach: Reach
    program: str | None = None


def reach_of(connection: sa.Connection, now: datetime) -> Reach:
    """Return how far counting has come."""
    days = marked(connection, Mark.DAYS)
    until = marked(connection, Mark.HOURS)
    first = sa.select(sa.func.min(decisions.c.recorded_at))
    if until is not None:
        first = first.where(decisions.c.recorded_at >= until)
    found = connection.scalar(first)
    if found is None:
        return Reach(days, now)
    # Between the mark and the first decision after it there was nothing to count.
    hours = floored(aware(found), HOUR)
    hours = hours if until is None else max(hours, until)
    return Reach(days, hours, whole=now - hours <= BEHIND)


def totals(
    connection: sa.Connection, kept: Kept, asked: Asked, *names: str
) -> Counter[tuple[Any, ...]]:
    """Return how many replies there were in the period, by the values of `names`."""
    found: Counter[tuple[Any, ...]] = Counter()
    for (_, *values), replies in _read(connection, kept, asked, names, DAY):
        found[tuple(values)] += replies
    return found


def series(
    connection: sa.Connection, kept: Kept, asked: Asked, *names: str, step: timedelta
) -> Counter[tuple[Any, ...]]:
    """Return how many there were by the beginning of each `step` and by `names`.

    Args:
        connection: to the store.
        kept: what is counted.
        asked: of when, and of which program.
        names: columns of `kept.by`.
        step: `HOUR` or `DAY`, of UTC.
    """
    found: Counter[tuple[Any, ...]] = Counter()
    for (begins, *values), replies in _read(connection, kept, asked, names, step):
        found[floored(aware(begins), step), *values] += replies
    return found


def _read(
    connection: sa.Connection,
    kept: Kept,
    asked: Asked,
    names: tuple[str, ...],
    step: timedelta,
) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Yield the beginning of an hour or day with values, and the replies there."""
    parts = parts_of(asked.period, asked.reach, by_days=step == DAY)
    for statement in _statements(kept, asked, names, parts):
        for *key, replies in connection.execute(statement):
            if replies:
                yield tuple(key), replies


def _statements(
    kept: Kept, asked: Asked, names: tuple[str, ...], parts: Parts
) -> Iterator[sa.Select[Any]]:
    if parts.days:
        yield _of_counts(kept.daily, kept.daily.c.day, names, parts.days, asked)
    for part in parts.hours:
        yield _of_counts(kept.hourly, kept.hourly.c.hour, names, part, asked)
    if parts.tail:
        for hour in _by_hours(parts.tail):
            yield _of_decisions(kept, names, hour, asked)


def _of_counts(
    table: sa.Table,
    begins: sa.Column[Any],
    names: tuple[str, ...],
    part: Period,
    asked: Asked,
) -> sa.Select[Any]:
    columns = [table.c[name] for name in names]
    found = (
        sa.select(begins, *columns, sa.func.sum(table.c.replies))
        .where(begins >= part.start, begins < part.end)
        .group_by(begins, *columns)
    )
    if asked.program is not None:
        found = found.where(table.c.program == asked.program)
    return found


def _of_decisions(
    kept: Kept, names: tuple[str, ...], part: Period, asked: Asked
) -> sa.Select[Any]:
    recorded = decisions.c.recorded_at
    values = [kept.by[name] for name in names]
    begins = sa.literal(floored(part.start, HOUR), recorded.type)
    found = (
        sa.select(begins, *values, sa.func.count())
        .where(recorded >= part.start, recorded < part.end)
        .group_by(*values)
    )
    if asked.program is not None:
        found = found.where(decisions.c.program == asked.program)
    return found


def _by_hours(tail: Period) -> Iterator[Period]:
    start = tail.start
    while start < tail.end:
        end = min(floored(start, HOUR) + HOUR, tail.end)
        yield Period(start, end)
        start = end
