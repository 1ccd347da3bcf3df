from datetime import timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from serving.reviews.verdict import ReviewKind, Verdict
from serving.sampling.draw import draw_day
from serving.sampling.gathered import Gathered, frame_of, gather, last_day
from serving.store.database import reading
from serving.store.review_tables import sample_draws
from tests.serving.sampling.making import DAY, MIDNIGHT, a_day, finding, review, writer
from tests.serving.sampling.test_draw import always

MONDAY, TUESDAY = MIDNIGHT.date(), (MIDNIGHT + DAY).date()


@pytest.fixture
def drawn(engine: sa.Engine) -> list[str]:
    return drawn_from(engine)


@pytest.fixture
def quick_drawn(sqlite: sa.Engine) -> list[str]:
    return drawn_from(sqlite)


def drawn_from(engine: sa.Engine) -> list[str]:
    """Return the ids of what was drawn from a Monday, in order of review."""
    for day in (MIDNIGHT, MIDNIGHT + DAY):
        a_day(engine, day)
        now = day + DAY + timedelta(hours=1)
        draw_day(engine, writer(engine), lambda now=now: now, always)  # type: ignore[misc]
    with reading(engine) as connection:
        found = connection.scalars(
            sa.select(sample_draws.c.decision_id)
            .where(sample_draws.c.period == "2026-11-23")
            .order_by(sample_draws.c.place)
        )
        return list(found)


def monday(engine: sa.Engine) -> Gathered:
    with reading(engine) as connection:
        return gather(connection, MONDAY, MONDAY)


def verdicts(engine: sa.Engine) -> list[str]:
    return sorted(v for v in monday(engine).facts.verdict.tolist() if v)


def test_drawn_decisions_come_with_what_they_were(
    engine: sa.Engine, drawn: list[str]
) -> None:
    found = monday(engine)

    assert len(found.facts) == len(drawn) == 40
    assert set(found.facts.program.tolist()) == {"acme", "other"}
    assert set(found.facts.action.tolist()) == {"reply", "escalate"}
    assert set(found.facts.consent.tolist()) == {"", "opt_out"}
    assert (found.facts.verdict == "").all()
    counts = np.bincount(found.facts.part, minlength=len(found.frame))
    assert counts.tolist() == [row.drawn for row in found.frame]
    assert {row.period for row in found.frame} == {"2026-11-23"}


def test_days_come_together(sqlite: sa.Engine, quick_drawn: list[str]) -> None:
    with reading(sqlite) as connection:
        both = gather(connection, MONDAY, TUESDAY)
        assert both.frame == frame_of(connection, MONDAY, TUESDAY)
        assert last_day(connection) == TUESDAY

    assert len(both.facts) == 2 * len(quick_drawn)


def test_the_first_review_counts(sqlite: sa.Engine, quick_drawn: list[str]) -> None:
    review(
        sqlite,
        finding(quick_drawn[0], Verdict.WRONG_WORDS, user="late", minute=9),
        finding(quick_drawn[0], Verdict.WRONG_INTENT, user="early", minute=1),
    )

    assert verdicts(sqlite) == ["wrong_intent"]


def test_what_was_undone_does_not_count(
    sqlite: sa.Engine, quick_drawn: list[str]
) -> None:
    review(
        sqlite,
        finding(quick_drawn[0], Verdict.WRONG_WORDS, minute=1, undone=True),
        finding(quick_drawn[1], Verdict.WRONG_INTENT, minute=1, undone=True),
        finding(quick_drawn[1], Verdict.RIGHT, minute=2),
    )

    assert verdicts(sqlite) == ["right"]


def test_what_a_reviewer_picked_does_not_count(
    engine: sa.Engine, drawn: list[str]
) -> None:
    review(
        engine,
        *(finding(i, Verdict.WRONG_INTENT, kind=ReviewKind.PICKED) for i in drawn),
    )

    assert verdicts(engine) == []


def test_who_decides_between_two_decides(engine: sa.Engine, drawn: list[str]) -> None:
    judged = finding(
        drawn[0],
        Verdict.WRONG_INTENT,
        user="judge",
        kind=ReviewKind.ADJUDICATED,
        minute=3,
    )
    review(
        engine,
        finding(drawn[0], Verdict.WRONG_WORDS, user="one", minute=1),
        finding(drawn[0], Verdict.RIGHT, user="other", minute=2),
        judged,
    )

    found = monday(engine)
    assert verdicts(engine) == ["wrong_intent"]
    assert found.pairs.first == ["wrong_words"]
    assert found.pairs.second == ["right"]
    assert found.facts.verdict[found.pairs.row].tolist() == ["wrong_intent"]


def test_two_reviews_of_one_person_are_no_pair(
    sqlite: sa.Engine, quick_drawn: list[str]
) -> None:
    review(
        sqlite,
        finding(quick_drawn[0], Verdict.RIGHT, minute=1),
        finding(quick_drawn[0], Verdict.WRONG_WORDS, minute=2),
    )

    assert verdicts(sqlite) == ["right"]
    assert len(monday(sqlite).pairs.row) == 0


def test_a_store_without_draws_has_nothing(sqlite: sa.Engine) -> None:
    found = monday(sqlite)

    assert (len(found.facts), found.frame, len(found.pairs.row)) == (0, (), 0)
    with reading(sqlite) as connection:
        assert last_day(connection) is None
