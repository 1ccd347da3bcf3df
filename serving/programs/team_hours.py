"""A program's hours as customers read them, in the languages that ship."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from itertools import groupby

from serving.routing.hours import Hours


@dataclass(frozen=True, slots=True)
class _Spoken:
    """How hours are said in one language.

    Attributes:
        days: what the days are called, Monday first; without an accent, as one of
            them may cut a message to 70 characters.
        says: writes a time.
        unit: what stands after a span.
        holidays: what is said where there are dates on which nobody is there.
    """

    days: str
    says: Callable[[time], str]
    unit: str
    holidays: str


def team_hours(hours: Hours) -> dict[str, str]:
    """Return when people are there, by language ("Mon-Fri 9am-6pm (New York)")."""
    place = hours.zone.key.rpartition("/")[2].replace("_", " ")
    told = {}
    for language, spoken in _SPOKEN.items():
        holidays = f", {spoken.holidays}" if hours.closed_on else ""
        told[language] = f"{', '.join(_spans(hours, spoken))} ({place}){holidays}"
    # Where nobody is ever there, there are no hours to tell.
    return told if hours.week else {}


def _spans(hours: Hours, spoken: _Spoken) -> Iterator[str]:
    """Yield the days in a row that have the same hours ("Mon-Fri 9am-6pm")."""
    names = spoken.days.split()
    listed = [(day, *span) for day, span in sorted(hours.week.items())]
    # A day's distance to its place in the list grows where a day is left out.
    rows = groupby(enumerate(listed), lambda row: (row[1][0] - row[0], row[1][1:]))
    for (_, (opens, closes)), row in rows:
        days = [names[day] for _, (day, *_) in row]
        name = "-".join(dict.fromkeys((days[0], days[-1])))
        yield f"{name} {spoken.says(opens)}-{spoken.says(closes)}{spoken.unit}"


def _by_half_days(moment: time) -> str:
    half = "am" if moment.hour < 12 else "pm"  # noqa: PLR2004 - noon
    return f"{moment.hour % 12 or 12}{_minutes(moment, ':')}{half}"


def _by_the_day(moment: time) -> str:
    return f"{moment.hour}{_minutes(moment, ':')}"


def _in_french(moment: time) -> str:
    return f"{moment.hour}h{_minutes(moment, '')}"


def _minutes(moment: time, mark: str) -> str:
    return f"{mark}{moment.minute:02}" if moment.minute else ""


_SPOKEN: Mapping[str, _Spoken] = {
    "en": _Spoken("Mon Tue Wed Thu Fri Sat Sun", _by_half_days, "", "not holidays"),
    "es": _Spoken("lun mar mie jue vie sab dom", _by_the_day, "", "salvo feriados"),
    "fr": _Spoken("lun mar mer jeu ven sam dim", _in_french, "", "hors fériés"),
    "pt": _Spoken("seg ter qua qui sex sab dom", _by_the_day, "h", "exceto feriados"),
    "de": _Spoken("Mo Di Mi Do Fr Sa So", _by_the_day, " Uhr", "nicht feiertags"),
}
