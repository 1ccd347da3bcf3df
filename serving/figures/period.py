"""Spans of time that are asked about. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from serving.store.moments import DAY, HOUR, floored, raised


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` on, before `end`; both aware.

    Counts are kept by the hour: a period begins on an hour of UTC, and ends on one
    unless it ends with the present.
    """

    start: datetime
    end: datetime

    def before(self) -> Self:
        """Return the period of the same length that ends where this one begins."""
        return type(self)(self.start - (self.end - self.start), self.start)

    def whole_hours(self) -> Self:
        """Return the period without the hour that is under way at its end."""
        return type(self)(self.start, max(self.start, floored(self.end, HOUR)))


@dataclass(frozen=True, slots=True)
class Reach:
    """How far counting has come.

    Attributes:
        days: the daily counts hold what was recorded before it; None: nothing.
        hours: the hourly counts hold what was recorded before it.
        whole: what was recorded since is so little that it is read as it lies. False
            while counting catches up; figures end at `hours` then.
    """

    days: datetime | None
    hours: datetime
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the figures of a period are: parts that follow each other without a gap.

    Attributes:
        days: what is read from daily counts.
        hours: what is read from hourly counts, before the days and after them.
        tail: what is read from the decisions themselves.
    """

    days: Period | None
    hours: tuple[Period, ...]
    tail: Period | None


def parts_of(period: Period, reach: Reach, *, by_days: bool) -> Parts:
    """Return where to read the figures of `period`; daily counts only if `by_days`."""
    counted = min(period.end, reach.hours)
    days: Period | None = None
    if by_days and reach.days is not None:
        days = _period(
            raised(period.start, DAY), floored(min(counted, reach.days), DAY)
        )
    hours = (
        (_period(period.start, days.start), _period(days.end, counted))
        if days
        else (_period(period.start, counted),)
    )
    tail = _period(max(period.start, reach.hours), period.end) if reach.whole else None
    return Parts(days, tuple(part for part in hours if part), tail)


def _period(start: datetime, end: datetime) -> Period | None:
    return Period(start, end) if start < end else None
