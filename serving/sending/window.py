"""A window: at which local times a message may arrive, by law or by choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache

import holidays

from serving.programs.program import FrequencyCap

DAY = 24 * 60
"""Minutes; a window that closes at 24:00 closes then."""


class Sureness(StrEnum):
    """How well a row is backed, the best first."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    ONE_SOURCE = "one_source"
    UNCONFIRMED = "unconfirmed"
    OWN_CHOICE = "own_choice"


@dataclass(frozen=True, slots=True)
class Holidays:
    """Public holidays of a country and of those of its parts that have more."""

    country: str
    subdivisions: tuple[str, ...] = ()

    def on(self, day: date) -> bool:
        """Return whether `day` is one of them, anywhere in the country."""
        return any(
            day in _holidays(self.country, part, day.year)
            for part in (None, *self.subdivisions)
        )


@dataclass(frozen=True, slots=True)
class Window:
    """One row of the quiet hours.

    Attributes:
        name: whose row it is ("FL", "federal", "default").
        week: first minute of the local day that is open and first that is not again, of
            each day that has any, Monday 0.
        closed_on: holidays on which the whole day is closed; None for none.
        cap: how often at most, where the row says; None where it does not.
        sureness: how well it is backed.
        note: where it comes from.
    """

    name: str
    week: Mapping[int, tuple[int, int]]
    closed_on: Holidays | None
    cap: FrequencyCap | None
    sureness: Sureness
    note: str

    def open_at(self, local: datetime) -> bool:
        """Return whether it is open when clocks there show `local`."""
        span = self.week.get(local.weekday())
        if span is None:
            return False
        opens, closes = span
        if not opens <= local.hour * 60 + local.minute < closes:
            return False
        return self.closed_on is None or not self.closed_on.on(local.date())


def known_holidays(country: str, subdivisions: tuple[str, ...]) -> bool:
    """Return whether the holidays of all of these are known."""
    parts = holidays.list_supported_countries().get(country)
    return parts is not None and set(subdivisions) <= set(parts)


@cache
def _holidays(country: str, part: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=part, years=year))
