"""`quiet_hours.yaml` to `QuietHours`."""

import re
from collections.abc import Collection
from datetime import timedelta

import phonenumbers

from serving.programs.program import FrequencyCap
from serving.routing.hours import DAYS
from serving.routing.lined_yaml import LinedYaml
from serving.sending.quiet_hours import QuietHours, WindowTable
from serving.sending.window import DAY, Holidays, Sureness, Window, known_holidays
from serving.sending.zone_tables import STATES

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_TABLES = ("federal", "default", "states", "countries")
_CLOSED = "closed"


def parse_quiet_hours(source: LinedYaml, programs: Collection[str]) -> QuietHours:
    """Read the windows; RulesError names the line and field that cannot be meant.

    Args:
        source: the file.
        programs: ids of the programs that may have rows of their own.
    """
    source.only("version", *_TABLES, "programs")
    source.number("version", 1, 1)
    own = source.child("programs") if "programs" in source.fields else None
    for name in own.fields if own else ():
        if own is not None and name not in programs:
            known = ", ".join(programs)
            raise own.error(name, f"expected one of the programs ({known})")
    return QuietHours(
        federal=_window("federal", source.child("federal")),
        default=_window("default", source.child("default")),
        states=_states(source),
        countries=_countries(source),
        of_program={n: _table(line) for n, line in own.children()} if own else {},
    )


def _table(line: LinedYaml) -> WindowTable:
    line.only(*_TABLES)
    one = {
        name: _window(name, line.child(name))
        for name in ("federal", "default")
        if name in line.fields
    }
    return WindowTable(
        federal=one.get("federal"),
        default=one.get("default"),
        states=_states(line) if "states" in line.fields else {},
        countries=_countries(line) if "countries" in line.fields else {},
    )


def _states(source: LinedYaml) -> dict[str, Window]:
    lines = source.child("states")
    for name in lines.fields:
        if name not in STATES:
            raise lines.error(name, "expected a state of the US, like FL")
    return {name: _window(name, line) for name, line in lines.children()}


def _countries(source: LinedYaml) -> dict[str, Window]:
    lines = source.child("countries")
    for name in lines.fields:
        if name not in phonenumbers.SUPPORTED_REGIONS or name == "US":
            problem = "expected a country like FR; the US has `federal` and `states`"
            raise lines.error(name, problem)
    return {name: _window(name, line) for name, line in lines.children()}


def _window(name: str, line: LinedYaml) -> Window:
    line.only("hours", *DAYS, "holidays", "cap", "sure", "note")
    week = {}
    for index, day in enumerate(DAYS):
        key = day if day in line.fields else "hours"
        if key == "hours" and key not in line.fields:
            continue
        if (span := _span(line, key)) is not None:
            week[index] = span
    if not week:
        raise line.error("hours", 'expected hours like "09:00-20:00", got nothing')
    return Window(
        name=name,
        week=week,
        closed_on=_holidays(line) if "holidays" in line.fields else None,
        cap=_cap(line) if "cap" in line.fields else None,
        sureness=line.choice("sure", Sureness),
        note=line.text("note").strip(),
    )


def _span(line: LinedYaml, key: str) -> tuple[int, int] | None:
    text = line.text(key).strip()
    if text == _CLOSED and key != "hours":
        return None
    match = _SPAN.fullmatch(text)
    if match is None:
        problem = f'expected hours like "09:00-20:00" or closed, got {text!r}'
        raise line.error(key, problem)
    hour, minute, to_hour, to_minute = map(int, match.groups())
    opens, closes = hour * 60 + minute, to_hour * 60 + to_minute
    if not opens < closes <= DAY:
        problem = f"expected opening before closing, by 24:00, got {text!r}"
        raise line.error(key, f"{problem}; nothing is open across midnight")
    return opens, closes


def _holidays(line: LinedYaml) -> Holidays:
    source = line.child("holidays")
    source.only("country", "subdivisions")
    country, parts = source.text("country"), source.texts("subdivisions")
    if not known_holidays(country, parts):
        problem = f"expected a country and parts whose holidays are known, {country!r}"
        raise source.error("country", f"{problem} or one of its parts is not")
    return Holidays(country, parts)


def _cap(line: LinedYaml) -> FrequencyCap:
    cap = line.child("cap")
    cap.only("messages", "hours")
    return FrequencyCap(
        messages=int(cap.number("messages", 1, 10_000)),
        period=timedelta(hours=cap.number("hours", 1, 24 * 366)),
    )
