"""Recording what was found of a decision, and taking it back.

Both run in the caller's transaction, which writes: what is read here stays true.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from serving.reviews.adjudication import undecided
from serving.reviews.finding import Choices, Finding, checked
from serving.reviews.holds import check_hold, hold, release
from serving.reviews.refusal import ReviewOverdue, ReviewUnknown
from serving.reviews.review import Review, already, review_of, standing
from serving.reviews.subject import subject
from serving.reviews.verdict import ReviewKind
from serving.store.review_tables import reviews

UNDONE_WITHIN = timedelta(hours=24)
"""How long a reviewer may take a finding back; later an estimate may stand on it."""


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Somebody reviews a decision.

    Attributes:
        review_id: the id that the review gets.
        decision_id: what is reviewed.
        user_id: by whom.
        kind: whether the queue gave it to them, they picked it, or they decide
            between two who differ.
        at: when, aware.
    """

    review_id: str
    decision_id: str
    user_id: str
    kind: ReviewKind
    at: datetime


def record(
    connection: sa.Connection, reviewing: Reviewing, finding: Finding, choices: Choices
) -> Review:
    """Record what somebody found.

    Raises:
        ReviewUnknown: there is no such decision.
        ReviewRefused: the finding cannot be meant of it.
        ReviewOverdue: they reviewed it already, it is not theirs to review, or others
            were faster.
    """
    about = subject(connection, reviewing.decision_id)
    taken = checked(finding, about.decision, choices)
    if about.forgotten:  # What the person said is gone; no note brings it back.
        taken = Finding(taken.verdict, taken.intent, taken.queue)
    _check_turn(connection, reviewing)
    review = Review(
        review_id=reviewing.review_id,
        decision_id=reviewing.decision_id,
        user_id=reviewing.user_id,
        kind=reviewing.kind,
        finding=taken,
        reviewed_at=reviewing.at,
    )
    connection.execute(sa.insert(reviews).values(review.row()))
    release(connection, reviewing.user_id, reviewing.decision_id)
    return review


def undo(
    connection: sa.Connection,
    user_id: str,
    now: datetime,
    review_id: str | None = None,
) -> Review:
    """Take a finding back, their last one where none is named; return it.

    A drawn decision is theirs to review again.

    Raises:
        ReviewUnknown: they have none that stands.
        ReviewOverdue: it is too old, or an analyst decided upon it since.
    """
    review = _last(connection, user_id, review_id)
    if now - review.reviewed_at > UNDONE_WITHIN:
        raise ReviewOverdue(
            "A finding can be undone for 24 hours; this one is older. Tell an analyst."
        )
    drawn = review.kind is ReviewKind.DRAWN
    if drawn and _adjudicated(standing(connection, review.decision_id)):
        raise ReviewOverdue(
            "An analyst has decided between the two reviews of this reply; it stands."
        )
    connection.execute(
        sa.update(reviews)
        .where(reviews.c.review_id == review.review_id)
        .values(undone_at=now.astimezone(UTC))
    )
    if drawn:
        hold(connection, user_id, [review.decision_id], now, most=1)
    return review


def _check_turn(connection: sa.Connection, reviewing: Reviewing) -> None:
    found = standing(connection, reviewing.decision_id)
    if already(found, reviewing.user_id, reviewing.kind):
        raise ReviewOverdue(
            "You have reviewed this reply already; undo that first to change it."
        )
    if reviewing.kind is ReviewKind.DRAWN:
        check_hold(connection, reviewing.user_id, reviewing.decision_id, reviewing.at)
    elif reviewing.kind is ReviewKind.ADJUDICATED:
        _check_between_two(found, reviewing.user_id)


def _check_between_two(found: list[Review], user_id: str) -> None:
    if already(found, user_id, ReviewKind.DRAWN):
        raise ReviewOverdue("One of the two reviews is yours; another must decide.")
    if _adjudicated(found):
        raise ReviewOverdue("Another analyst has decided this one already.")
    if not undecided(found):
        raise ReviewOverdue("There are no two reviews of this reply that differ.")


def _adjudicated(found: list[Review]) -> bool:
    return any(review.kind is ReviewKind.ADJUDICATED for review in found)


def _last(connection: sa.Connection, user_id: str, review_id: str | None) -> Review:
    table = reviews.c
    wanted = sa.select(reviews).where(table.user_id == user_id)
    wanted = wanted.where(table.undone_at.is_(None))
    if review_id is not None:
        wanted = wanted.where(table.review_id == review_id)
    newest = wanted.order_by(table.reviewed_at.desc(), table.review_id.desc())
    row = connection.execute(newest.limit(1)).first()
    if row is None:
        raise ReviewUnknown("There is nothing of yours to undo.")
    return review_of(row)
