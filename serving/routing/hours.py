"""When people are there to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours in one zone.

    Attributes:
        zone: where the hours are told.
        week: opening and closing time of each day that is open, Monday 0.
        closed_on: dates on which nobody is there.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[time, time]]
    closed_on: frozenset[date]

    def open_at(self, moment: datetime) -> bool:
        """Return whether people are there at `moment` (aware)."""
        local = moment.astimezone(self.zone)
        if local.date() in self.closed_on or local.weekday() not in self.week:
            return False
        opens, closes = self.week[local.weekday()]
        return opens <= local.time() < closes
