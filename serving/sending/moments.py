"""From when and until when windows are open in several zones at once, to the second.

Whether all are open changes only where some clock passes midnight, the edge of a
window, or a change of its offset from UTC; so only those moments are looked at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from serving.sending.window import DAY, Window

HORIZON = timedelta(days=14)
"""No country closes for longer; windows that never meet are found out after it."""

_STEP = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """The windows that hold by one zone's clock, at least one."""

    zone: ZoneInfo
    windows: tuple[Window, ...]


def closed_at(
    clocks: Iterable[Clock], moment: datetime
) -> Iterator[tuple[Clock, Window]]:
    """Yield every window that is closed at `moment` (aware)."""
    for clock in clocks:
        local = moment.astimezone(clock.zone)
        for window in clock.windows:
            if not window.open_at(local):
                yield clock, window


def open_at(clocks: Iterable[Clock], moment: datetime) -> bool:
    """Return whether all windows are open at `moment` (aware)."""
    return next(closed_at(clocks, moment), None) is None


def opens_at(clocks: tuple[Clock, ...], moment: datetime) -> datetime | None:
    """Return the first moment (UTC) from `moment` on at which all windows are open.

    None where there is none within `HORIZON`.
    """
    if open_at(clocks, moment):
        return moment.astimezone(UTC)
    edges = _edges(clocks, moment)
    return next((edge for edge in edges if open_at(clocks, edge)), None)


def closes_at(clocks: tuple[Clock, ...], moment: datetime) -> datetime | None:
    """Return the first moment (UTC) after `moment` at which some window is closed.

    None where there is none within `HORIZON`.
    """
    edges = _edges(clocks, moment)
    return next((edge for edge in edges if not open_at(clocks, edge)), None)


def _edges(clocks: tuple[Clock, ...], moment: datetime) -> Iterator[datetime]:
    """Yield, in order, the moments after `moment` at which anything can change."""
    start = moment.astimezone(UTC)
    end = start + HORIZON
    while start < end:
        stop = start + _STEP
        found = {e for clock in clocks for e in _edges_of(clock, start, stop)}
        yield from sorted(found)
        start = stop


def _edges_of(clock: Clock, start: datetime, stop: datetime) -> Iterator[datetime]:
    """Yield the edges after `start` and up to `stop` by one clock, in no order."""
    minutes = {0} | {m % DAY for w in clock.windows for s in w.week.values() for m in s}
    first = start.astimezone(clock.zone).date()
    last = stop.astimezone(clock.zone).date()
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        for minute in minutes:
            for moment in _moments(date.fromordinal(ordinal), minute, clock.zone):
                if start < moment <= stop:
                    yield moment
    if start.astimezone(clock.zone).utcoffset() != _offset(stop, clock.zone):
        yield _change(start, stop, clock.zone)


def _moments(day: date, minute: int, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield when a clock shows that minute: twice where it is put back."""
    local = datetime(day.year, day.month, day.day, *divmod(minute, 60), tzinfo=zone)
    yield local.astimezone(UTC)
    yield local.replace(fold=1).astimezone(UTC)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


def _change(start: datetime, stop: datetime, zone: ZoneInfo) -> datetime:
    """Return the second at which the offset changes; it does, between the two."""
    before, after = start, stop
    old = _offset(before, zone)
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if _offset(middle, zone) == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
