"""Up to which moment things are counted."""

from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa

from serving.store.figure_tables import counted_until
from serving.store.moments import aware


class Mark(StrEnum):
    """What is counted up to a moment; the moment itself is not."""

    HOURS = "hours"
    """Counts and delays by the hour."""
    DAYS = "days"
    """Counts and delays by the day."""
    CONTAINMENT = "containment"
    """What became of automatic answers."""
    SAMPLE = "sample"
    """What was drawn for review."""


def marked(connection: sa.Connection, mark: Mark) -> datetime | None:
    """Return up to when it is counted; None where it never was."""
    until = connection.scalar(
        sa.select(counted_until.c.until).where(counted_until.c.name == mark)
    )
    return until and aware(until)


def move(connection: sa.Connection, mark: Mark, until: datetime) -> None:
    """Note that it is counted up to `until`; the caller holds the writers' lock."""
    table = counted_until.c
    connection.execute(sa.delete(counted_until).where(table.name == mark))
    connection.execute(
        sa.insert(counted_until).values(name=mark.value, until=until.astimezone(UTC))
    )
