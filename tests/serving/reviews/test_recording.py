from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.reviews.finding import Finding
from serving.reviews.holds import HELD
from serving.reviews.recording import UNDONE_WITHIN, undo
from serving.reviews.refusal import ReviewOverdue, ReviewRefused, ReviewUnknown
from serving.reviews.review import Review, standing
from serving.reviews.verdict import ReviewKind, Verdict
from serving.reviews.waiting import waiting
from serving.store.database import reading, writing
from serving.store.review_tables import review_holds, reviews
from tests.serving.reviews.making import (
    NOON,
    RIGHT,
    a_decision,
    drawn,
    emptied,
    forgotten,
    reviewed,
)

WRONG = Finding(Verdict.WRONG_INTENT, intent="refund", note="money back")
MINUTE = timedelta(minutes=1)


def undone(
    engine: sa.Engine,
    user: str = "ada",
    review_id: str | None = None,
    *,
    late: timedelta = MINUTE,
) -> Review:
    with writing(engine) as connection:
        return undo(connection, user, NOON + late, review_id)


def stands(engine: sa.Engine, decision_id: str = "d1") -> list[Review]:
    with reading(engine) as connection:
        return standing(connection, decision_id)


def queue(engine: sa.Engine, user: str, *, late: timedelta = MINUTE) -> list[str]:
    with reading(engine) as connection:
        return waiting(connection, user, NOON + late, most=9)


def test_a_review_is_on_record_whole_and_its_hold_is_over(engine: sa.Engine) -> None:
    drawn(engine, "d1")

    taken = reviewed(engine, "ada", "d1", WRONG)

    assert stands(engine) == [taken]
    assert taken.finding == WRONG
    assert (taken.user_id, taken.kind, taken.reviewed_at) == ("ada", "drawn", NOON)
    with reading(engine) as connection:
        assert connection.execute(sa.select(review_holds)).all() == []


def test_an_unknown_decision_is_not_reviewed(engine: sa.Engine) -> None:
    with pytest.raises(ReviewUnknown, match="no decision"):
        reviewed(engine, "ada", "d1", kind=ReviewKind.PICKED)


def test_nobody_reviews_the_same_twice(engine: sa.Engine) -> None:
    drawn(engine, "d1", double=True)
    reviewed(engine, "ada", "d1")

    with pytest.raises(ReviewRefused, match="already"):
        reviewed(engine, "ada", "d1", at=NOON + MINUTE)


def test_a_pick_and_a_drawn_review_stand_beside_each_other(
    engine: sa.Engine,
) -> None:
    drawn(engine, "d1")
    reviewed(engine, "ada", "d1", WRONG, kind=ReviewKind.PICKED)
    reviewed(engine, "ada", "d1")

    assert {r.kind: r.finding.verdict for r in stands(engine)} == {
        "picked": "wrong_intent",
        "drawn": "right",
    }


def test_nobody_picks_what_they_have_reviewed(engine: sa.Engine) -> None:
    drawn(engine, "d1")
    reviewed(engine, "ada", "d1")

    with pytest.raises(ReviewOverdue, match="already"):
        reviewed(engine, "ada", "d1", WRONG, kind=ReviewKind.PICKED)
    assert reviewed(engine, "bea", "d1", kind=ReviewKind.PICKED).user_id == "bea"


def test_what_was_not_handed_out_is_not_counted_as_drawn(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        a_decision(connection, "d1")

    with pytest.raises(ReviewOverdue):
        reviewed(engine, "ada", "d1")
    assert stands(engine) == []


def test_a_refused_finding_leaves_nothing(engine: sa.Engine) -> None:
    drawn(engine, "d1")

    with pytest.raises(ReviewRefused, match="needless escalation"):
        reviewed(engine, "ada", "d1", Finding(Verdict.NEEDLESS_ESCALATION))
    assert stands(engine) == []
    assert queue(engine, "ada") == ["d1"]


def test_no_note_is_kept_of_a_person_who_was_erased(engine: sa.Engine) -> None:
    drawn(engine, "d1")
    forgotten(engine, "d1")

    assert reviewed(engine, "ada", "d1", WRONG).finding.note == ""


def test_the_last_one_is_undone_and_is_theirs_again(engine: sa.Engine) -> None:
    drawn(engine, "d1", "d2")
    reviewed(engine, "ada", "d1")
    reviewed(engine, "ada", "d2", at=NOON + MINUTE / 2)

    assert undone(engine).decision_id == "d2"

    assert queue(engine, "ada") == ["d2"]
    assert queue(engine, "bea") == []
    assert queue(engine, "bea", late=MINUTE + HELD) == ["d2"]


def test_an_undone_review_stays_on_the_record(engine: sa.Engine) -> None:
    drawn(engine, "d1")
    reviewed(engine, "ada", "d1", WRONG)
    undone(engine)

    with reading(engine) as connection:
        (row,) = connection.execute(sa.select(reviews)).all()
    assert row.verdict == "wrong_intent"
    assert row.undone_at is not None


def test_any_own_review_may_be_undone_and_no_other(engine: sa.Engine) -> None:
    drawn(engine, "d1", "d2", "d3")
    first = reviewed(engine, "ada", "d1")
    reviewed(engine, "ada", "d2", at=NOON + MINUTE / 2)
    theirs = reviewed(engine, "bea", "d3")

    assert undone(engine, "ada", first.review_id).decision_id == "d1"
    for review_id in (theirs.review_id, first.review_id, "unknown"):
        with pytest.raises(ReviewUnknown):
            undone(engine, "ada", review_id)


def test_there_may_be_nothing_to_undo(engine: sa.Engine) -> None:
    with pytest.raises(ReviewUnknown, match="nothing of yours"):
        undone(engine)


def test_after_a_day_a_review_stands(engine: sa.Engine) -> None:
    drawn(engine, "d1")
    reviewed(engine, "ada", "d1")

    with pytest.raises(ReviewOverdue, match="24 hours"):
        undone(engine, late=UNDONE_WITHIN + MINUTE)
    assert undone(engine, late=UNDONE_WITHIN).decision_id == "d1"


def test_what_an_analyst_decided_on_is_not_undone_below_it(
    engine: sa.Engine,
) -> None:
    drawn(engine, "d1", double=True)
    reviewed(engine, "ada", "d1", WRONG)
    reviewed(engine, "bea", "d1")
    reviewed(engine, "eve", "d1", kind=ReviewKind.ADJUDICATED)

    with pytest.raises(ReviewOverdue, match="analyst"):
        undone(engine)
    undone(engine, "eve")
    assert undone(engine).finding == WRONG


def test_between_two_decides_a_third_who_finds_two(engine: sa.Engine) -> None:
    drawn(engine, "d1", "d2", "d3", double=True)
    reviewed(engine, "ada", "d1", WRONG)
    reviewed(engine, "bea", "d1")
    reviewed(engine, "ada", "d2")
    reviewed(engine, "bea", "d2")
    reviewed(engine, "ada", "d3", WRONG)

    def decide(user: str, decision_id: str) -> None:
        reviewed(engine, user, decision_id, kind=ReviewKind.ADJUDICATED)

    with pytest.raises(ReviewRefused, match="yours"):
        decide("ada", "d1")
    for decision_id in ("d2", "d3"):
        with pytest.raises(ReviewOverdue, match="no two reviews"):
            decide("eve", decision_id)
    decide("eve", "d1")
    with pytest.raises(ReviewOverdue, match="already"):
        decide("joy", "d1")


USERS = ("ada", "bea", "eve")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(USERS),
        st.sampled_from(("d1", "d2", "d3")),
        st.sampled_from((RIGHT, WRONG)),
        st.sampled_from((ReviewKind.DRAWN, ReviewKind.PICKED)),
        st.booleans(),
    ),
    max_size=9,
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_whatever_is_done_laws_hold(
    engine: sa.Engine, steps: list[tuple[str, str, Finding, ReviewKind, bool]]
) -> None:
    """Of reviews that are recorded and undone in any order.

    To undo right after recording changes nothing of what stands, nor of what waits.
    One stands of each person, decision and kind. No draw has more reviews than it
    wants.
    """
    emptied(engine)
    drawn(engine, "d1", "d2")
    drawn(engine, "d3", double=True)
    for number, (user, decision_id, finding, kind, back) in enumerate(steps):
        before = everything(engine)
        moment = NOON + number * HELD * 2
        try:
            taken = reviewed(engine, user, decision_id, finding, kind=kind, at=moment)
        except ReviewRefused:
            assert everything(engine) == before
            continue
        if back:
            with writing(engine) as connection:
                undo(connection, user, moment, taken.review_id)
            assert everything(engine) == before
        _check_standing(engine)


def everything(engine: sa.Engine) -> tuple[list[list[Review]], list[list[str]]]:
    """Return what stands, and what waits for each once no hold is left."""
    long_after = timedelta(days=30)
    return (
        [stands(engine, name) for name in ("d1", "d2", "d3")],
        [queue(engine, user, late=long_after) for user in USERS],
    )


def _check_standing(engine: sa.Engine) -> None:
    for name, wanted in (("d1", 1), ("d2", 1), ("d3", 2)):
        found = stands(engine, name)
        assert len({(r.user_id, r.kind) for r in found}) == len(found)
        assert sum(r.kind is ReviewKind.DRAWN for r in found) <= wanted
