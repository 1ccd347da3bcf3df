"""One review as the store has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from serving.reviews.finding import Finding
from serving.reviews.verdict import ReviewKind, Verdict
from serving.store.moments import aware
from serving.store.review_tables import reviews


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody found of a decision.

    Attributes:
        review_id: orders reviews of one moment.
        decision_id: what was reviewed.
        user_id: by whom.
        kind: how it came about.
        finding: what was found.
        reviewed_at: when, in UTC.
        undone_at: when it was taken back; None where it stands.
    """

    review_id: str
    decision_id: str
    user_id: str
    kind: ReviewKind
    finding: Finding
    reviewed_at: datetime
    undone_at: datetime | None = None

    def row(self) -> dict[str, object]:
        """Return the row of `reviews`."""
        return {
            "review_id": self.review_id,
            "decision_id": self.decision_id,
            "user_id": self.user_id,
            "kind": self.kind.value,
            "verdict": self.finding.verdict.value,
            "intent": self.finding.intent,
            "queue": self.finding.queue,
            "note": self.finding.note,
            "reviewed_at": self.reviewed_at.astimezone(UTC),
            "undone_at": self.undone_at,
        }


def review_of(row: sa.Row[Any]) -> Review:
    """Return the review that a row of `reviews` holds."""
    return Review(
        review_id=row.review_id,
        decision_id=row.decision_id,
        user_id=row.user_id,
        kind=ReviewKind(row.kind),
        finding=Finding(Verdict(row.verdict), row.intent, row.queue, row.note),
        reviewed_at=aware(row.reviewed_at),
        undone_at=row.undone_at and aware(row.undone_at),
    )


def standing(connection: sa.Connection, decision_id: str) -> list[Review]:
    """Return the reviews of a decision that nobody took back, oldest first."""
    table = reviews.c
    rows = connection.execute(
        sa.select(reviews)
        .where(table.decision_id == decision_id, table.undone_at.is_(None))
        .order_by(table.reviewed_at, table.review_id)
    )
    return [review_of(row) for row in rows]


def already(found: Iterable[Review], user_id: str, kind: ReviewKind) -> bool:
    """Return whether somebody has said what a review of this kind would say.

    Nobody picks what they have reviewed. What one has picked may still be drawn: if it
    went missing from the sample, picks would bend the rates after all.
    """
    kinds = (
        {ReviewKind.DRAWN, ReviewKind.PICKED} if kind is ReviewKind.PICKED else {kind}
    )
    return any(r.user_id == user_id and r.kind in kinds for r in found)


def differ(one: Finding, other: Finding) -> bool:
    """Return whether two findings cannot both be right; notes may differ."""
    return (one.verdict, one.intent, one.queue) != (
        other.verdict,
        other.intent,
        other.queue,
    )
