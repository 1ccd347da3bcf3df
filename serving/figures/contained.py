"""Reading what became of automatic answers."""

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from serving.figures.period import Period
from serving.store.figure_tables import daily_containment
from serving.store.moments import DAY, floored, raised


@dataclass(frozen=True, slots=True)
class Contained:
    """What became of the automatic answers of some days, as `containment` has it.

    Attributes:
        answered: how many there were.
        came_back: after how many the person wrote again about the same.
        handed_over: after how many a person of the team had to act.
        opted_out: after how many the person opted out.
        contained: after how many none of these happened.
        first: the first day that is judged; None where none is.
        last: the last one.
    """

    answered: int
    came_back: int
    handed_over: int
    opted_out: int
    contained: int
    first: date | None
    last: date | None


def contained(
    connection: sa.Connection,
    period: Period,
    program: str | None = None,
    intent: str | None = None,
) -> Contained:
    """Return what became of the answers of the whole days of UTC within `period`.

    Days whose window is not over are not in it.
    """
    table = daily_containment.c
    last = floored(period.end, DAY) - timedelta(days=1)
    sums = [
        sa.func.coalesce(sa.func.sum(table[name]), 0).label(name)
        for name in ("answered", "came_back", "handed_over", "opted_out", "contained")
    ]
    days = sa.func.min(table.day).label("first"), sa.func.max(table.day).label("last")
    wanted = sa.select(*sums, *days).where(
        table.day >= raised(period.start, DAY).date(), table.day <= last.date()
    )
    if program is not None:
        wanted = wanted.where(table.program == program)
    if intent is not None:
        wanted = wanted.where(table.intent == intent)
    return Contained(**connection.execute(wanted).mappings().one())
