"""Moments as people type them on the command line: "30d" ago, or a date."""

import re
from datetime import UTC, datetime, timedelta

from model.errors import SettingsError

_AGO = re.compile(r"(\d{1,5})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def moment_of(text: str, option: str, now: datetime) -> datetime:
    """Return the moment that `text` means, in UTC; one without a zone is in UTC.

    Args:
        text: "12h", "30d" or "4w" before `now`, or ISO 8601 ("2026-11-01",
            "2026-11-01T08:00-05:00").
        option: what the option is called, for the message.
        now: the present moment, aware.

    Raises:
        SettingsError: it is neither.
    """
    try:
        if ago := _AGO.fullmatch(text.strip()):
            return now.astimezone(UTC) - int(ago[1]) * _UNITS[ago[2]]
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        problem = f"{option}: expected 12h, 30d, 4w or a date like 2026-11-01"
        raise SettingsError(f"{problem}, got {text!r}") from error
