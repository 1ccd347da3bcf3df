"""What somebody reviewed lately."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from serving.reviews.review import Review, review_of
from serving.reviews.subject import subject
from serving.store.review_tables import reviews

MOST = 20


@dataclass(frozen=True, slots=True)
class Recent:
    """A review, and the reply that it is about; empty where the words are gone."""

    review: Review
    text: str = field(repr=False)


def recent(connection: sa.Connection, user_id: str) -> list[Recent]:
    """Return the latest reviews of somebody that stand, the newest first."""
    table = reviews.c
    rows = connection.execute(
        sa.select(reviews)
        .where(table.user_id == user_id, table.undone_at.is_(None))
        .order_by(table.reviewed_at.desc(), table.review_id.desc())
        .limit(MOST)
    )
    found = [review_of(row) for row in rows]
    return [
        Recent(review, subject(connection, review.decision_id).text) for review in found
    ]
