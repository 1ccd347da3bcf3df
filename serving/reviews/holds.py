"""Holds: who is looking at which drawn decision, so that nobody else gets it.

A hold is a row, so it is right however many processes serve the console.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from serving.reviews.places import places
from serving.reviews.refusal import ReviewOverdue
from serving.store.review_tables import review_holds, sample_draws

HELD = timedelta(minutes=5)
"""How long nobody else gets what a reviewer is looking at."""

KEPT = timedelta(days=1)
"""How long it is remembered who was given what: a reviewer who comes back to an open
page may still say what they found, unless others were faster."""

_TABLE = review_holds.c


def hold(
    connection: sa.Connection,
    user_id: str,
    decision_ids: Sequence[str],
    now: datetime,
    *,
    most: int,
) -> list[str]:
    """Hold the first `most` of the decisions that are still to be had; return those.

    Call it in a transaction that writes, like all that change holds.
    """
    held: list[str] = []
    for decision_id in decision_ids:
        if len(held) == most:
            break
        if _to_be_had(connection, user_id, decision_id, now):
            keep(connection, user_id, decision_id, now)
            held.append(decision_id)
    return held


def keep(
    connection: sa.Connection, user_id: str, decision_id: str, now: datetime
) -> None:
    """Hold a decision that the caller knows is to be had, or hold it longer."""
    until = (now + HELD).astimezone(UTC)
    renewed = connection.execute(
        sa.update(review_holds).where(*_its(user_id, decision_id)).values(until=until)
    )
    if not renewed.rowcount:
        row = {"decision_id": decision_id, "user_id": user_id, "until": until}
        connection.execute(sa.insert(review_holds).values(row))


def check_hold(
    connection: sa.Connection, user_id: str, decision_id: str, now: datetime
) -> None:
    """Make sure that a drawn decision is this reviewer's to judge.

    Raises:
        ReviewOverdue: it was never given to them, or others were faster.
    """
    known = connection.scalar(
        sa.select(_TABLE.until).where(*_its(user_id, decision_id))
    )
    if known is None:
        raise ReviewOverdue(
            "This reply was not given to you, or more than a day ago; nothing was "
            "recorded. Go on with the next one."
        )
    if not _to_be_had(connection, user_id, decision_id, now):
        raise ReviewOverdue(
            "Somebody else got this reply while you were away; nothing was recorded. "
            "Go on with the next one."
        )


def held_by_another(
    connection: sa.Connection, user_id: str, decision_id: str, now: datetime
) -> bool:
    """Return whether anybody else is looking at a decision."""
    theirs = sa.select(_TABLE.until).where(
        _TABLE.decision_id == decision_id,
        _TABLE.user_id != user_id,
        _TABLE.until > now.astimezone(UTC),
    )
    return connection.execute(theirs.limit(1)).first() is not None


def release(connection: sa.Connection, user_id: str, decision_id: str) -> None:
    """End a hold; the decision was reviewed."""
    connection.execute(sa.delete(review_holds).where(*_its(user_id, decision_id)))


def pass_by(
    connection: sa.Connection, user_id: str, decision_id: str, now: datetime
) -> None:
    """Pass a held decision by: others may have it, this reviewer gets it last."""
    moment = now.astimezone(UTC)
    connection.execute(
        sa.update(review_holds)
        .where(*_its(user_id, decision_id))
        .values(until=moment, skipped_at=moment)
    )


def forget_holds(connection: sa.Connection, now: datetime) -> None:
    """Remove holds that ended long ago; what was passed by stays so."""
    connection.execute(
        sa.delete(review_holds).where(
            _TABLE.until < (now - KEPT).astimezone(UTC), _TABLE.skipped_at.is_(None)
        )
    )


def _its(user_id: str, decision_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _TABLE.decision_id == decision_id, _TABLE.user_id == user_id


def _to_be_had(
    connection: sa.Connection, user_id: str, decision_id: str, now: datetime
) -> bool:
    given = {"decision": decision_id, "user": user_id, "now": now.astimezone(UTC)}
    return (connection.scalar(_places_of_one(), given) or 0) > 0


@cache
def _places_of_one() -> sa.Select[Any]:
    return sa.select(places()).where(
        sample_draws.c.decision_id == sa.bindparam("decision")
    )
