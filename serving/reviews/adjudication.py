"""Two who reviewed the same reply and differ: an analyst decides between them."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from serving.reviews.holds import held_by_another, keep
from serving.reviews.places import MOST
from serving.reviews.review import Review, differ, standing
from serving.reviews.verdict import ReviewKind
from serving.store.review_tables import review_holds, reviews, sample_draws


def disputed(
    connection: sa.Connection,
    user_id: str,
    now: datetime,
    *,
    most: int,
    besides: Collection[str] = (),
) -> list[str]:
    """Return up to `most` decisions that wait to be decided on by this analyst.

    The newest period comes first, as in review. Left out are those of which one review
    is the analyst's own, and those that another analyst is looking at.
    """
    given = {
        "user": user_id,
        "now": now.astimezone(UTC),
        "besides": list(besides),
        "most": most,
    }
    return list(connection.scalars(_disputed(), given))


def hold_disputed(
    connection: sa.Connection,
    user_id: str,
    decision_ids: Sequence[str],
    now: datetime,
    *,
    most: int,
) -> list[str]:
    """Hold the first `most` that still wait to be decided on; return those.

    Call it in a transaction that writes.
    """
    held: list[str] = []
    for decision_id in decision_ids:
        if len(held) == most:
            break
        waits = undecided(standing(connection, decision_id))
        if waits and not held_by_another(connection, user_id, decision_id, now):
            keep(connection, user_id, decision_id, now)
            held.append(decision_id)
    return held


def undecided(found: Sequence[Review]) -> bool:
    """Return whether the reviews of a decision are two that differ, and no third."""
    drawn = [review for review in found if review.kind is ReviewKind.DRAWN]
    two = len(drawn) == MOST and differ(drawn[0].finding, drawn[1].finding)
    return two and not any(r.kind is ReviewKind.ADJUDICATED for r in found)


@cache
def _disputed() -> sa.Select[Any]:
    one, other, third = (sa.alias(reviews, n) for n in ("one", "other", "third"))
    draws, holds = sample_draws.c, review_holds.c
    user = sa.bindparam("user", type_=sa.String)
    pair = (
        (other.c.decision_id == one.c.decision_id)
        & (other.c.review_id > one.c.review_id)
        & _stands(other, ReviewKind.DRAWN)
    )
    decided = sa.exists().where(
        third.c.decision_id == one.c.decision_id,
        _stands(third, ReviewKind.ADJUDICATED),
    )
    held = sa.exists().where(
        holds.decision_id == one.c.decision_id,
        holds.user_id != user,
        holds.until > sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    )
    return (
        sa.select(draws.decision_id)
        .join(one, one.c.decision_id == draws.decision_id)
        .join(other, pair)
        .where(
            draws.double,
            _stands(one, ReviewKind.DRAWN),
            _differ(one, other),
            one.c.user_id != user,
            other.c.user_id != user,
            ~decided,
            ~held,
            draws.decision_id.not_in(sa.bindparam("besides", expanding=True)),
        )
        .order_by(draws.period.desc(), draws.place)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def _stands(table: sa.FromClause, kind: ReviewKind) -> sa.ColumnElement[bool]:
    return (table.c.kind == kind.value) & table.c.undone_at.is_(None)


def _differ(one: sa.FromClause, other: sa.FromClause) -> sa.ColumnElement[bool]:
    """As `review.differ` says it of two findings."""
    return sa.or_(
        one.c.verdict != other.c.verdict,
        one.c.intent.is_distinct_from(other.c.intent),
        one.c.queue.is_distinct_from(other.c.queue),
    )
