"""Numbers and times as providers write them."""

from datetime import UTC, datetime

_SHORT_CODE = 8  # digits at most
_E164 = 15  # digits at most


def with_plus(address: str) -> str:
    """Return `address` with the plus that its provider leaves out of E.164.

    Short codes (3 to 8 digits), names, prefixed addresses and whatever begins with 0
    are no E.164 numbers and stay as they came.
    """
    digits = address.isascii() and address.isdecimal()
    if digits and _SHORT_CODE < len(address) <= _E164 and address[0] != "0":
        return f"+{address}"
    return address


def instant(text: str | None) -> datetime | None:
    """Return the moment of an ISO 8601 time, UTC where no offset is said.

    None for what is no time: a message is not lost for a wrong clock.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def instant_of_milliseconds(number: object) -> datetime | None:
    """Return the moment so many milliseconds after 1970; None for what is no such."""
    if not isinstance(number, int | float) or isinstance(number, bool):
        return None
    try:
        return datetime.fromtimestamp(number / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
