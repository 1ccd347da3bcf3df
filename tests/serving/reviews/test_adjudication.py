import sqlalchemy as sa

from serving.reviews.adjudication import disputed, hold_disputed
from serving.reviews.finding import Finding
from serving.reviews.recording import undo
from serving.reviews.verdict import ReviewKind, Verdict
from serving.store.database import reading, writing
from tests.serving.reviews.making import (
    ESCALATED,
    NOON,
    RIGHT,
    a_decision,
    a_draw,
    drawn,
    reviewed,
)

REFUND = Finding(Verdict.WRONG_INTENT, intent="refund")
STORE = Finding(Verdict.WRONG_INTENT, intent="store_info")


def waits(
    engine: sa.Engine, user: str = "eve", besides: tuple[str, ...] = ()
) -> list[str]:
    with reading(engine) as connection:
        return disputed(connection, user, NOON, most=9, besides=besides)


def two(engine: sa.Engine, decision_id: str, one: Finding, other: Finding) -> None:
    reviewed(engine, "ada", decision_id, one)
    reviewed(engine, "bea", decision_id, other)


def test_those_who_differ_wait_for_a_third_and_those_who_agree_do_not(
    engine: sa.Engine,
) -> None:
    drawn(engine, "d1", "d2", "d3", "d4", double=True)
    two(engine, "d1", RIGHT, RIGHT)
    two(engine, "d2", RIGHT, REFUND)
    two(engine, "d3", STORE, REFUND)
    reviewed(engine, "ada", "d4", REFUND)

    assert waits(engine) == ["d2", "d3"]
    assert waits(engine, besides=("d2",)) == ["d3"]


def test_a_queue_alone_may_differ(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        a_decision(connection, "d1", ESCALATED)
        a_draw(connection, "d1", double=True)
    two(
        engine,
        "d1",
        Finding(Verdict.WRONG_QUEUE, queue="care"),
        Finding(Verdict.WRONG_QUEUE, queue="billing"),
    )

    assert waits(engine) == ["d1"]


def test_nobody_decides_about_themselves(engine: sa.Engine) -> None:
    drawn(engine, "d1", double=True)
    two(engine, "d1", RIGHT, REFUND)

    assert waits(engine, "ada") == []
    assert waits(engine, "bea") == []


def test_what_another_analyst_decides_is_left_to_them(engine: sa.Engine) -> None:
    drawn(engine, "d1", double=True)
    two(engine, "d1", RIGHT, REFUND)
    with writing(engine) as connection:
        ids = ["d1", "d2"]
        assert hold_disputed(connection, "joy", ids, NOON, most=2) == ["d1"]
        assert hold_disputed(connection, "eve", ids, NOON, most=2) == []

    assert waits(engine) == []
    assert waits(engine, "joy") == ["d1"]


def test_what_is_decided_waits_no_more_unless_undone(engine: sa.Engine) -> None:
    drawn(engine, "d1", double=True)
    two(engine, "d1", RIGHT, REFUND)
    reviewed(engine, "eve", "d1", kind=ReviewKind.ADJUDICATED)
    assert waits(engine, "joy") == []

    with writing(engine) as connection:
        undo(connection, "eve", NOON)
    assert waits(engine, "joy") == ["d1"]


def test_picks_make_no_dispute(engine: sa.Engine) -> None:
    drawn(engine, "d1")
    reviewed(engine, "ada", "d1")
    reviewed(engine, "bea", "d1", REFUND, kind=ReviewKind.PICKED)

    assert waits(engine) == []
