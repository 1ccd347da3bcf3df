"""Moments of the store."""

from datetime import UTC, datetime


def aware(moment: datetime) -> datetime:
    """Return a moment of the store in UTC; SQLite keeps no zone."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)
