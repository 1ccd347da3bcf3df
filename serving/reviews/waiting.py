"""The queue: which drawn decision a reviewer looks at next.

The newest period comes first, so that what goes wrong today is seen today; within a
period the order is random (`place`), so that however many of it are reviewed, they
are a fair sample of it. A reviewer who passes a decision by gets it again after all
others: what is hard to judge must not go missing from the sample. Decisions whose
words were erased are left out, nothing is there to judge; so are old ones.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from serving.ledger.texts import FORGOTTEN
from serving.reviews.places import places
from serving.store.review_tables import review_holds, sample_draws
from serving.store.tables import decisions

COUNTED = 200
"""More that wait are not counted one by one: they are an hour's work and more."""

OFFERED = timedelta(days=90)
"""How long a drawn decision waits; what was said a quarter ago nobody mends now."""


def waiting(
    connection: sa.Connection,
    user_id: str,
    now: datetime,
    *,
    most: int,
    besides: Collection[str] = (),
) -> list[str]:
    """Return up to `most` decisions that wait for this reviewer, in order of review.

    Those in `besides` are left out. It only reads: `hold` what is to be shown.
    """
    given = {**_asked(user_id, now), "besides": list(besides), "most": most}
    found = list(connection.scalars(_fresh(), given))
    if len(found) < most:
        found += connection.scalars(_again(), given | {"most": most - len(found)})
    return found


def count_waiting(connection: sa.Connection, user_id: str, now: datetime) -> int:
    """Return how many wait for this reviewer; `COUNTED` where there are more."""
    given = {**_asked(user_id, now), "most": COUNTED}
    return connection.scalar(_count(), given) or 0


def _asked(user_id: str, now: datetime) -> dict[str, object]:
    moment = now.astimezone(UTC)
    return {"user": user_id, "now": moment, "since": moment - OFFERED}


_DRAWS, _HOLDS = sample_draws.c, review_holds.c
_LIMIT = sa.bindparam("most", type_=sa.Integer)
_PASSED_BY = sa.exists().where(
    _HOLDS.decision_id == _DRAWS.decision_id,
    _HOLDS.user_id == sa.bindparam("user"),
    _HOLDS.skipped_at.is_not(None),
)
_READABLE = sa.exists().where(
    decisions.c.decision_id == _DRAWS.decision_id,
    decisions.c.inputs.not_like(f"%{FORGOTTEN}%"),
)


# Made once each: making a statement costs more than running it.
@cache
def _fresh() -> sa.Select[Any]:
    return (
        _open()
        .where(
            ~_PASSED_BY,
            _DRAWS.decision_id.not_in(sa.bindparam("besides", expanding=True)),
        )
        .order_by(_DRAWS.period.desc(), _DRAWS.place)
        .limit(_LIMIT)
    )


@cache
def _again() -> sa.Select[Any]:
    return (
        _open()
        .join(
            review_holds,
            (_HOLDS.decision_id == _DRAWS.decision_id)
            & (_HOLDS.user_id == sa.bindparam("user")),
        )
        .where(
            _HOLDS.skipped_at.is_not(None),
            _DRAWS.decision_id.not_in(sa.bindparam("besides", expanding=True)),
        )
        .order_by(_HOLDS.skipped_at)
        .limit(_LIMIT)
    )


@cache
def _count() -> sa.Select[Any]:
    # The newest first: those of long ago are reviewed, and would be passed in vain.
    some = _open().order_by(_DRAWS.period.desc()).limit(_LIMIT)
    return sa.select(sa.func.count()).select_from(some.subquery())


def _open() -> sa.Select[Any]:
    """Return the ids of what wants this reviewer and can be read."""
    since = sa.bindparam("since", type_=sa.DateTime(timezone=True))
    recent = _DRAWS.decided_at >= since
    return sa.select(_DRAWS.decision_id).where(recent, places() > 0, _READABLE)
