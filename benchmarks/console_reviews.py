"""A month of reviews: each day is drawn from by its design, and most is reviewed."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from serving.ids import new_id
from serving.reviews.verdict import ReviewKind, Verdict
from serving.routing.policy import Policy
from serving.sampling.chosen import by_policy
from serving.sampling.draw import draw_day
from serving.store.database import reading, writing
from serving.store.review_tables import reviews, sample_draws

REVIEWED = 0.9
"""How much of what was drawn is reviewed."""
_VERDICTS = {
    Verdict.RIGHT: 92,
    Verdict.WRONG_INTENT: 5,
    Verdict.WRONG_WORDS: 1,
    Verdict.MISSED_OPT_OUT: 1,
}
_REVIEWERS = ("reviewer-one", "reviewer-two")


def review(
    engine: sa.Engine, policy: Policy, now: Callable[[], datetime], seed: int = 1
) -> int:
    """Draw from every day that is over and review what is drawn; return how much."""

    def write(work: Callable[[sa.Connection], Any]) -> Any:
        with writing(engine) as connection:
            return work(connection)

    while draw_day(engine, write, now, by_policy(policy, new_id)):
        pass
    with reading(engine) as connection:
        drawn = connection.execute(sa.select(sample_draws)).all()
    chance = random.Random(seed)  # noqa: S311 - no secret
    found = [row for draw in drawn for row in _reviews(chance, draw)]
    with writing(engine) as connection:
        connection.execute(sa.insert(reviews), found)
    return len(found)


def _reviews(chance: random.Random, draw: sa.Row[Any]) -> Iterator[dict[str, object]]:
    if chance.random() > REVIEWED:
        return
    for user in _REVIEWERS if draw.double else _REVIEWERS[:1]:
        verdict = chance.choices(list(_VERDICTS), list(_VERDICTS.values()))[0]
        yield {
            "review_id": new_id(),
            "decision_id": draw.decision_id,
            "user_id": user,
            "kind": ReviewKind.DRAWN.value,
            "verdict": verdict.value,
            "intent": "other" if verdict is Verdict.WRONG_INTENT else None,
            "note": "",
            "reviewed_at": draw.decided_at + timedelta(days=1),
        }
