from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain

import pytest
import sqlalchemy as sa

from serving.reviews.holds import HELD, KEPT, check_hold, forget_holds, hold, pass_by
from serving.reviews.refusal import ReviewOverdue
from serving.reviews.waiting import waiting
from serving.store.database import open_store, reading, writing
from serving.store.review_tables import review_holds
from tests.serving.reviews.making import NOON, drawn, held, reviewed

LATER = NOON + HELD


def check(engine: sa.Engine, user: str, decision_id: str) -> None:
    with reading(engine) as connection:
        check_hold(connection, user, decision_id, LATER)


def test_what_one_holds_another_does_not_get(engine: sa.Engine) -> None:
    drawn(engine, "d1", "d2")

    assert held(engine, "ada", "d1") == ["d1"]
    assert held(engine, "bea", "d1", "d2") == ["d2"]


def test_a_double_is_held_by_two(engine: sa.Engine) -> None:
    drawn(engine, "d1", double=True)

    got = [held(engine, user, "d1") for user in ("ada", "bea", "eve")]

    assert got == [["d1"], ["d1"], []]


def test_no_more_is_held_than_is_wanted(engine: sa.Engine) -> None:
    drawn(engine, "d1", "d2", "d3")

    with writing(engine) as connection:
        assert hold(connection, "ada", ["d1", "d2", "d3"], NOON, most=2) == ["d1", "d2"]


def test_a_hold_ends_and_may_be_renewed_before(engine: sa.Engine) -> None:
    drawn(engine, "d1")
    held(engine, "ada", "d1")
    held(engine, "ada", "d1", at=NOON + HELD / 2)

    assert held(engine, "bea", "d1", at=LATER) == []
    assert held(engine, "bea", "d1", at=LATER + HELD / 2) == ["d1"]


def test_what_was_not_drawn_or_is_reviewed_is_not_to_be_had(
    engine: sa.Engine,
) -> None:
    drawn(engine, "d1")
    reviewed(engine, "ada", "d1")

    assert held(engine, "ada", "d1", "unknown") == []


def test_a_late_reviewer_keeps_their_place_while_nobody_took_it(
    engine: sa.Engine,
) -> None:
    drawn(engine, "d1")
    held(engine, "ada", "d1")

    check(engine, "ada", "d1")

    held(engine, "bea", "d1", at=LATER)
    with pytest.raises(ReviewOverdue, match="Somebody else"):
        check(engine, "ada", "d1")


def test_who_was_not_given_a_decision_has_no_place_there(engine: sa.Engine) -> None:
    drawn(engine, "d1")

    with pytest.raises(ReviewOverdue, match="not given to you"):
        check(engine, "ada", "d1")


def test_old_holds_are_removed_and_what_was_passed_by_is_remembered(
    engine: sa.Engine,
) -> None:
    drawn(engine, "d1", "d2")
    held(engine, "ada", "d1", "d2")
    with writing(engine) as connection:
        pass_by(connection, "ada", "d2", NOON)
        forget_holds(connection, NOON + KEPT)
        assert len(connection.execute(sa.select(review_holds)).all()) == 2
        forget_holds(connection, NOON + KEPT + HELD + timedelta(seconds=1))
        left = connection.scalars(sa.select(review_holds.c.decision_id)).all()

    assert left == ["d2"]


def test_reviewers_who_ask_at_once_get_different_decisions(
    engine: sa.Engine, url: str
) -> None:
    """Each has an engine of its own, as each process has."""
    names = [f"d{n}" for n in range(12)]
    drawn(engine, *names)

    def take_three(user: str) -> list[str]:
        own = open_store(url)
        got: list[str] = []
        while len(got) < 3:
            with reading(own) as connection:
                ids = waiting(connection, user, NOON, most=4, besides=got)
            with writing(own) as connection:
                got += hold(connection, user, ids, NOON, most=1)
        own.dispose()
        return got

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(take_three, ("ada", "bea", "eve", "joy")))

    assert sorted(chain.from_iterable(got)) == sorted(names)
