"""Reading figures: from counts, and from the decisions that are not counted yet.

Both together are exact and of this moment, and no more than a few minutes of decisions
are looked at, however many there are.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from serving.figures.kept import Kept
from serving.figures.marks import Mark, marked
from serving.figures.period import Parts, Period, Reach, parts_of
from serving.store.moments import DAY, HOUR, aware, floored
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
    parts = parts_of(asked.period, asked.reach, by_days=True)
    selects = [*_of_counts(kept, asked, names, parts)]
    if parts.tail:
        selects.append(_of_decisions(kept, asked, names, parts.tail))
    return _added(connection, selects)


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
    parts = parts_of(asked.period, asked.reach, by_days=step == DAY)
    selects = [*_of_counts(kept, asked, names, parts, dated=True)]
    selects += [
        _of_decisions(kept, asked, names, hour, dated=True)
        for hour in _by_hours(parts.tail)
    ]
    found: Counter[tuple[Any, ...]] = Counter()
    for (begins, *values), replies in _added(connection, selects).items():
        found[floored(aware(begins), step), *values] += replies
    return found


def _added(
    connection: sa.Connection, selects: Sequence[sa.Select[Any]]
) -> Counter[tuple[Any, ...]]:
    """Return the counts of `selects`, added up; the last column is the count."""
    found: Counter[tuple[Any, ...]] = Counter()
    if selects:
        for *key, replies in connection.execute(sa.union_all(*selects)):
            if replies:
                found[tuple(key)] += replies
    return found


def _of_counts(
    kept: Kept,
    asked: Asked,
    names: tuple[str, ...],
    parts: Parts,
    *,
    dated: bool = False,
) -> Iterator[sa.Select[Any]]:
    """Yield what to ask daily and hourly counts for, by their beginnings if `dated`."""
    days, hours = kept.daily.c.day, kept.hourly.c.hour
    spans = [(kept.daily, days, parts.days)] if parts.days else []
    for table, begins, part in [
        *spans,
        *((kept.hourly, hours, p) for p in parts.hours),
    ]:
        columns = [begins] * dated + [table.c[name] for name in names]
        found = (
            sa.select(*columns, sa.func.sum(table.c.replies))
            .where(begins >= part.start, begins < part.end)
            .group_by(*columns)
        )
        if asked.program is not None:
            found = found.where(table.c.program == asked.program)
        yield found


def _of_decisions(
    kept: Kept,
    asked: Asked,
    names: tuple[str, ...],
    part: Period,
    *,
    dated: bool = False,
) -> sa.Select[Any]:
    """Return what to ask the decisions of `part`, which lies in one hour if `dated`."""
    recorded = decisions.c.recorded_at
    values = [kept.by[name] for name in names]
    hour = [sa.literal(floored(part.start, HOUR), recorded.type)] * dated
    found = (
        sa.select(*hour, *values, sa.func.count())
        .where(recorded >= part.start, recorded < part.end)
        .group_by(*values)
    )
    if asked.program is not None:
        found = found.where(decisions.c.program == asked.program)
    return found


def _by_hours(tail: Period | None) -> Iterator[Period]:
    start = tail.start if tail else None
    while tail and start and start < tail.end:
        end = min(floored(start, HOUR) + HOUR, tail.end)
        yield Period(start, end)
        start = end
