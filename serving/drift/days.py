"""Days whose drift is kept, and the next one that is due."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from serving.drift.drift_day import TRAFFIC, DriftDay, from_body
from serving.store.figure_tables import drift_days

BACK = 30
"""So many days back are looked at for a bundle that is new here."""

DAY = timedelta(days=1)


def kept_days(
    connection: sa.Connection, since: date, until: date, bundle: str | None = None
) -> list[DriftDay]:
    """Return the days from `since` to `until` that are kept, the first first.

    Args:
        connection: to the store.
        since: the first day.
        until: the last day.
        bundle: by which bundle; None for whichever looked at the day last.
    """
    table = drift_days.c
    wanted = (table.day >= since) & (table.day <= until)
    if bundle is not None:
        wanted &= table.bundle == bundle
    rows = connection.execute(
        sa.select(table.measures).where(wanted).order_by(table.day, table.computed_at)
    )
    found: dict[date, DriftDay] = {}
    for row in rows:
        try:
            told = from_body(json.loads(row.measures))
        except (KeyError, TypeError, ValueError):
            continue  # Another version wrote it.
        found[told.day] = told
    return list(found.values())


def latest(connection: sa.Connection) -> DriftDay | None:
    """Return the last day that is kept; None where there is none to be read."""
    last: date | None = connection.scalar(sa.select(sa.func.max(drift_days.c.day)))
    return None if last is None else next(iter(kept_days(connection, last, last)), None)


def due(connection: sa.Connection, bundle: str, first: date, last: date) -> date | None:
    """Return the first day without drift by `bundle`, of `BACK` days up to `last`.

    None where there is none. Days before `first` had no replies.
    """
    start = max(first, last - (BACK - 1) * DAY)
    table = drift_days.c
    query = sa.select(table.day).where(
        table.bundle == bundle, table.day >= start, table.day <= last
    )
    known = set(connection.scalars(query))
    days = (start + number * DAY for number in range((last - start).days + 1))
    return next((day for day in days if day not in known), None)


def keep(connection: sa.Connection, told: DriftDay, now: datetime) -> None:
    """Keep a day's drift; what was kept of it by the same bundle is replaced.

    The caller's transaction writes, so nobody else does meanwhile.
    """
    table = drift_days.c
    connection.execute(
        sa.delete(drift_days).where(table.day == told.day, table.bundle == told.bundle)
    )
    connection.execute(
        sa.insert(drift_days).values(
            day=told.day,
            bundle=told.bundle,
            replies=told.replies,
            measures=json.dumps(told.to_body(), separators=(",", ":")),
            computed_at=now.astimezone(UTC),
        )
    )


def comparable(days: Sequence[DriftDay]) -> list[DriftDay]:
    """Return the days that say what is usual: with replies, held against traffic."""
    return [day for day in days if day.reference == TRAFFIC and day.measures]


def stand_ins(days: Sequence[DriftDay]) -> tuple[str, ...]:
    """Return the decisions that stand for some days."""
    return tuple(one for day in days for one in day.kept)
