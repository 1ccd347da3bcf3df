from datetime import timedelta

import sqlalchemy as sa

from serving.reviews.holds import pass_by
from serving.reviews.verdict import ReviewKind
from serving.reviews.waiting import OFFERED, count_waiting, waiting
from serving.store.database import reading, writing
from tests.serving.reviews.making import (
    NOON,
    a_decision,
    a_draw,
    drawn,
    forgotten,
    held,
    reviewed,
)


def queue(
    engine: sa.Engine, user: str = "ada", most: int = 9, besides: tuple[str, ...] = ()
) -> list[str]:
    with reading(engine) as connection:
        return waiting(connection, user, NOON, most=most, besides=besides)


def passed_by(engine: sa.Engine, decision_id: str, minutes: float = 0) -> None:
    with writing(engine) as connection:
        moment = NOON + timedelta(minutes=minutes)
        pass_by(connection, "ada", decision_id, moment)


def test_the_newest_period_comes_first_and_within_it_the_drawn_order(
    engine: sa.Engine,
) -> None:
    with writing(engine) as connection:
        for name, period, place in (
            ("old", "2026-11-16", 0.1),
            ("late", "2026-11-23", 0.9),
            ("early", "2026-11-23", 0.2),
        ):
            a_decision(connection, name)
            a_draw(connection, name, period=period, place=place)

    assert queue(engine) == ["early", "late", "old"]
    assert queue(engine, most=1) == ["early"]
    assert queue(engine, besides=("early",)) == ["late", "old"]


def test_what_was_not_drawn_is_in_no_queue(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        a_decision(connection, "d1")

    assert queue(engine) == []


def test_what_is_reviewed_waits_for_nobody(engine: sa.Engine) -> None:
    drawn(engine, "d1", "d2")
    reviewed(engine, "bea", "d1")

    assert queue(engine) == ["d2"]
    assert queue(engine, "bea") == ["d2"]


def test_a_double_waits_for_a_second_reviewer_and_for_no_third(
    engine: sa.Engine,
) -> None:
    drawn(engine, "d1", double=True)

    reviewed(engine, "bea", "d1")
    assert queue(engine, "bea") == []
    assert queue(engine, "ada") == ["d1"]

    reviewed(engine, "ada", "d1")
    assert queue(engine, "eve") == []


def test_what_somebody_looks_at_waits_for_nobody_else(engine: sa.Engine) -> None:
    drawn(engine, "d1", "d2")
    held(engine, "bea", "d1")

    assert queue(engine, "ada") == ["d2"]
    assert queue(engine, "bea") == ["d1", "d2"]


def test_a_pick_takes_nobody_s_place(engine: sa.Engine) -> None:
    drawn(engine, "d1")
    reviewed(engine, "ada", "d1", kind=ReviewKind.PICKED)

    assert queue(engine, "ada") == ["d1"]


def test_what_was_passed_by_comes_last_the_longest_ago_first(
    engine: sa.Engine,
) -> None:
    drawn(engine, "d1", "d2", "d3")
    held(engine, "ada", "d1", "d2")
    passed_by(engine, "d2", minutes=-1)
    passed_by(engine, "d1")

    assert queue(engine) == ["d3", "d2", "d1"]
    assert queue(engine, "bea") == ["d1", "d2", "d3"]


def test_what_was_decided_long_ago_is_not_offered(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        a_decision(connection, "d1")
        a_draw(connection, "d1", at=NOON)

    with reading(engine) as connection:
        for after, found in ((OFFERED, 1), (OFFERED + timedelta(seconds=1), 0)):
            assert count_waiting(connection, "ada", NOON + after) == found
            assert len(waiting(connection, "ada", NOON + after, most=9)) == found


def test_erased_words_are_not_asked_about(engine: sa.Engine) -> None:
    drawn(engine, "d1", "d2")
    forgotten(engine, "d1")

    assert queue(engine) == ["d2"]


def test_a_person_who_writes_the_mark_of_erased_words_stays(
    engine: sa.Engine,
) -> None:
    with writing(engine) as connection:
        a_decision(connection, "d1", text='{"forgotten":true}')
        a_draw(connection, "d1")

    assert queue(engine) == ["d1"]


def test_what_waits_is_counted_as_it_is_handed_out(engine: sa.Engine) -> None:
    drawn(engine, "d1", "d2", "d3")
    held(engine, "bea", "d3")
    held(engine, "ada", "d1")
    passed_by(engine, "d1")

    with reading(engine) as connection:
        assert count_waiting(connection, "ada", NOON) == 2
        assert count_waiting(connection, "bea", NOON) == 3
