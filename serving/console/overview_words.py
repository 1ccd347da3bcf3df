"""Numbers of the Overview as people read them. Pure."""

from datetime import date, timedelta

NONE = "\N{EN DASH}"
"""Stands where there is no number."""

_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000))
_WHOLE = 10


def day(moment: date) -> str:
    """Return a day of this year: "23 Nov"."""
    return f"{moment.day} {moment:%b}"


def duration(milliseconds: float | None) -> str:
    """Return a delay: "36 ms", "1.2 s", "4 min"; a day stands for longer ones too."""
    if milliseconds is None:
        return NONE
    if milliseconds >= _UNITS[0][1]:
        return "a day or longer"
    for unit, size in _UNITS[1:]:
        if milliseconds >= size:
            value = milliseconds / size
            return f"{value:.{0 if value >= _WHOLE else 1}f} {unit}"
    return f"{milliseconds:.{0 if milliseconds >= _WHOLE else 1}f} ms"


def wait(time: timedelta) -> str:
    """Return a wait in its two largest units: "3 d 4 h", "2 h 5 min", "40 s"."""
    seconds = max(0, int(time.total_seconds()))
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        value, seconds = divmod(seconds, size)
        parts.append((value, unit))
    first = next((n for n, (value, _) in enumerate(parts) if value), len(parts) - 1)
    told = [f"{value} {unit}" for value, unit in parts[first : first + 2] if value]
    return " ".join(told) or "0 s"


def percent(part: int, whole: int) -> float | None:
    """Return a part of a whole in percent; None of nothing."""
    return 100 * part / whole if whole else None


def share(part: int, whole: int) -> str:
    """Return a share as it is shown: "43.1 %", "0.25 %"."""
    value = percent(part, whole)
    if value is None:
        return NONE
    return f"{value:.{2 if 0 < value < 1 else 1}f} %"


def more(now: int, before: int) -> str:
    """Return how much more there is than before: "12 % more"."""
    if not before:
        return "none before"
    change = round(100 * (now - before) / before, 1)
    if not change:
        return "as many as before"
    return f"{abs(change):g} % {'more' if change > 0 else 'fewer'}"


def points(now: float | None, before: float | None) -> str:
    """Return how much a percentage has moved, "1.2 points more"; "" from nothing."""
    if now is None or before is None:
        return ""
    change = round(now - before, 2 if max(now, before) < _WHOLE else 1)
    if not change:
        return "as before"
    return f"{abs(change):g} points {'more' if change > 0 else 'less'}"


def slower(now: float | None, before: float | None) -> str:
    """Return how much a delay has moved, "20 % longer"; "" from nothing."""
    if now is None or not before:
        return ""
    change = round(100 * (now - before) / before)
    if not change:
        return "as before"
    return f"{abs(change)} % {'longer' if change > 0 else 'shorter'}"
