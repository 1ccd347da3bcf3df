"""How far a reviewer is today, and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa

from serving.store.moments import aware
from serving.store.review_tables import reviews

LOOKED_BACK = timedelta(hours=1)
"""The pace is that of the last hour."""

PAUSE = timedelta(minutes=2)
"""Longer between two reviews, and the reviewer was doing something else."""

FEWEST = 5
"""Fewer gaps between reviews say nothing of a pace."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A reviewer's day so far.

    Attributes:
        today: reviews of today that stand.
        an_hour: how many an hour they do while at it; None where too few are done.
    """

    today: int
    an_hour: int | None


def progress(
    connection: sa.Connection, user_id: str, now: datetime, midnight: datetime
) -> Progress:
    """Return how far this reviewer is; `midnight` is when their day began."""
    table = reviews.c
    since = min(midnight, now - LOOKED_BACK)
    moments = connection.scalars(
        sa.select(table.reviewed_at)
        .where(
            table.user_id == user_id,
            table.reviewed_at >= since.astimezone(UTC),
            table.undone_at.is_(None),
        )
        .order_by(table.reviewed_at)
    )
    done = [aware(moment) for moment in moments]
    lately = [moment for moment in done if moment >= now - LOOKED_BACK]
    return Progress(sum(moment >= midnight for moment in done), pace(lately))


def pace(moments: Sequence[datetime]) -> int | None:
    """Return reviews an hour of work, pauses left out; `moments` are in order."""
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    worked = [gap for gap in gaps if gap <= PAUSE]
    spent = sum(worked, timedelta())
    if len(worked) < FEWEST or not spent:
        return None
    return round(len(worked) * timedelta(hours=1) / spent)
