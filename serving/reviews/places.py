"""Places: how many reviewers a drawn decision still wants, as SQL."""

import sqlalchemy as sa

from serving.reviews.verdict import ReviewKind
from serving.store.review_tables import review_holds, reviews, sample_draws

MOST = 2
"""Reviewers that any decision wants."""

_DRAWS, _REVIEWS = sample_draws.c, reviews.c
# By a name of its own: the query around it may look at holds too.
_HOLDS = review_holds.alias("other_holds").c


def places() -> sa.ColumnElement[int]:
    """Return how many reviewers a row of `sample_draws` wants, `:user` among them.

    One, or two for those that are reviewed double; less whoever reviewed it, and
    whoever else holds it at `:now`. None, or less, for whom has reviewed it already.
    """
    mine = _REVIEWS.user_id == sa.bindparam("user")
    # One's own review takes all places. A sum: databases that turn "is there one of
    # mine" into a list would read all that a reviewer ever did.
    reviewed = (
        sa.select(sa.func.coalesce(sa.func.sum(sa.case((mine, MOST), else_=1)), 0))
        .where(
            _REVIEWS.decision_id == _DRAWS.decision_id,
            _REVIEWS.kind == ReviewKind.DRAWN.value,
            _REVIEWS.undone_at.is_(None),
        )
        .scalar_subquery()
    )
    held = (
        sa.select(sa.func.count())
        .where(
            _HOLDS.decision_id == _DRAWS.decision_id,
            _HOLDS.user_id != sa.bindparam("user"),
            _HOLDS.until > sa.bindparam("now", type_=sa.DateTime(timezone=True)),
        )
        .scalar_subquery()
    )
    wanted = sa.case((_DRAWS.double, MOST), else_=1)
    return wanted - reviewed - held
