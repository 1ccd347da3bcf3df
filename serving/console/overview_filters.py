"""What the Overview is asked for: which program, and of when. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from serving.figures.period import Period
from serving.store.moments import DAY, HOUR, floored

PERIODS = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", "custom": "Dates"}
USUAL = "7d"

LONGEST_DAYS = 366

BY_HOURS = timedelta(days=7)
"""Replies of a longer period are shown by the day."""

RATES_BY_HOURS = timedelta(days=2)
"""Rates and delays of a longer one are: those of a quiet hour say little."""

YEARS = range(2000, 3000)
"""Nearer to the ends of the calendar there is no period before."""

_DAYS = {"7d": 7, "30d": 30}


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for, and when that is.

    Attributes:
        program: which one; None for all.
        choice: one of `PERIODS`.
        first: the first day of `custom`.
        last: its last day.
        period: what that means now.
        length: how long the period is once it is over.
        problem: why the usual period is shown instead; empty where it is not.
    """

    program: str | None
    choice: str
    first: str
    last: str
    period: Period
    length: timedelta
    problem: str = ""

    @property
    def step(self) -> timedelta:
        """By what replies are shown: `HOUR` or `DAY`."""
        return HOUR if self.length <= BY_HOURS else DAY

    @property
    def rate_step(self) -> timedelta:
        """By what rates and delays are shown: `HOUR` or `DAY`."""
        return HOUR if self.length <= RATES_BY_HOURS else DAY

    def steps(self, step: timedelta) -> list[datetime]:
        """Return the beginnings of all hours or days of the period."""
        first = floored(self.period.start, step)
        number = -((first - self.period.end) // step)
        return [first + n * step for n in range(number)]

    @property
    def before(self) -> Period:
        """The period before, as much of it as is over of this one, in whole hours."""
        return Period(
            self.period.start - self.length,
            self.period.whole_hours().end - self.length,
        )

    def query(self, **changed: str) -> str:
        """Return the address's query that asks for this, but for what is `changed`."""
        told = {"program": self.program or "", "period": self.choice}
        if self.choice == "custom":
            told |= {"from": self.first, "to": self.last}
        return urlencode(
            {name: value for name, value in (told | changed).items() if value}
        )


def read_filters(
    query: Mapping[str, str], programs: Collection[str], now: datetime
) -> Filters:
    """Return what `query` asks for; what cannot be meant is told in `problem`."""
    asked = query.get("program") or None
    program = asked if asked in programs else None
    choice = query.get("period") or USUAL
    first, last = query.get("from", ""), query.get("to", "")
    try:
        if asked is not None and program is None:
            known = ", ".join(programs)
            raise ValueError(f"Program: expected one of {known}")  # noqa: TRY301
        period, length = _period(choice, first, last, now)
    except ValueError as problem:
        usual = _latest(_DAYS[USUAL], now)
        return Filters(program, USUAL, first, last, *usual, problem=f"{problem}.")
    return Filters(program, choice, first, last, period, length)


def _period(
    choice: str, first: str, last: str, now: datetime
) -> tuple[Period, timedelta]:
    if choice == "24h":
        return Period(floored(now, HOUR) - 23 * HOUR, now), DAY
    if choice in _DAYS:
        return _latest(_DAYS[choice], now)
    if choice != "custom":
        raise ValueError(f"Period: expected one of {', '.join(PERIODS)}")
    start, end = _midnight("From", first), _midnight("To", last) + DAY
    if start >= end:
        raise ValueError("From: expected a day that is not after the last one")
    if start > now:
        raise ValueError("From: expected a day that has begun")
    if end - start > LONGEST_DAYS * DAY:
        raise ValueError(f"Dates: expected at most {LONGEST_DAYS} days")
    return Period(start, min(end, now)), end - start


def _latest(days: int, now: datetime) -> tuple[Period, timedelta]:
    return Period(floored(now, DAY) - (days - 1) * DAY, now), days * DAY


def _midnight(name: str, text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise ValueError(f"{name}: expected a day like 2026-11-23")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
