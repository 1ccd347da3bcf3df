"""A program's opening hours."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from serving.routing.hours import DAYS, Hours
from serving.routing.lined_yaml import LinedYaml


def parse_hours(source: LinedYaml) -> Hours:
    """Read `zone`, `week` and `closed_on`; a day left out is closed."""
    source.only("zone", "week", "closed_on")
    week = source.child("week")
    week.only(*DAYS)
    return Hours(
        zone=_zone(source),
        week={DAYS.index(day): _span(week, day) for day in week.fields},
        closed_on=frozenset(_dates(source)),
    )


def _zone(source: LinedYaml) -> ZoneInfo:
    name = source.text("zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        problem = f"expected a zone like America/New_York, got {name!r}"
        raise source.error("zone", problem) from error


def _span(week: LinedYaml, day: str) -> tuple[time, time]:
    text = week.text(day)
    try:
        opens, closes = map(time.fromisoformat, text.split("-"))
    except ValueError as error:
        problem = f'expected hours like "09:00-18:00", got {text!r}'
        raise week.error(day, problem) from error
    if opens >= closes:
        raise week.error(day, f"expected opening before closing, got {text!r}")
    return opens, closes


def _dates(source: LinedYaml) -> list[date]:
    listed = source.fields.get("closed_on", [])
    # A moment is a date to Python, and would never equal one.
    if not isinstance(listed, list) or not all(
        isinstance(d, date) and not isinstance(d, datetime) for d in listed
    ):
        raise source.error("closed_on", "expected a list of dates like 2026-12-25")
    return listed
