"""Counting by the day: the hours of a day that is over, added up."""

from datetime import datetime

import sqlalchemy as sa

from serving.figures.hours import Write
from serving.figures.kept import COUNTS, DELAYS, Kept
from serving.figures.marks import Mark, marked, move
from serving.figures.period import Period
from serving.store.database import reading
from serving.store.figure_tables import hourly_counts
from serving.store.moments import DAY, aware, floored


def count_day(engine: sa.Engine, write: Write, _now: datetime) -> bool:
    """Add up the next day whose hours are all final; return whether there was one."""
    with reading(engine) as connection:
        until = marked(connection, Mark.DAYS)
        hours = marked(connection, Mark.HOURS)
        first = sa.select(sa.func.min(hourly_counts.c.hour))
        if until is not None:
            first = first.where(hourly_counts.c.hour >= until)
        found = connection.scalar(first)
    if found is None or hours is None:
        return False
    start = floored(aware(found), DAY)
    day = Period(start, start + DAY)
    if hours < day.end:
        return False

    def keep(connection: sa.Connection) -> None:
        if marked(connection, Mark.DAYS) != until:
            return  # Another process was faster.
        for kept in (COUNTS, DELAYS):
            _add_up(connection, kept, day)
        move(connection, Mark.DAYS, day.end)

    write(keep)
    return True


def _add_up(connection: sa.Connection, kept: Kept, day: Period) -> None:
    hourly, daily = kept.hourly.c, kept.daily
    connection.execute(sa.delete(daily).where(daily.c.day == day.start))
    begins = sa.literal(day.start, daily.c.day.type)
    sums = [sa.func.sum(hourly[name]) for name in kept.sums]
    connection.execute(
        sa.insert(daily).from_select(
            ["day", *kept.by, *kept.sums],
            sa.select(begins, *(hourly[name] for name in kept.by), *sums)
            .where(hourly.hour >= day.start, hourly.hour < day.end)
            .group_by(*(hourly[name] for name in kept.by)),
        )
    )
