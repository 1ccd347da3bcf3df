from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from scipy import stats

from serving.reviews.verdict import ReviewKind, Verdict
from serving.routing.ruleset import RuleSet
from serving.sampling.chosen import by_policy
from serving.sampling.design import design_for
from serving.sampling.designs import KeptDesign, design_on, designs, keep_design
from serving.sampling.draw import FIRST_DAYS, Day, draw_day, plan_of
from serving.sampling.frame import counted, listed
from serving.sampling.lots import lot_of
from serving.store.database import reading, writing
from serving.store.review_tables import sample_draws, sample_strata
from tests.serving.sampling.making import (
    DAY,
    DESIGN,
    MIDNIGHT,
    a_day,
    add,
    finding,
    review,
    row,
    writer,
)

Find = Callable[[sa.Connection, Any], KeptDesign]
MORNING = MIDNIGHT + DAY + timedelta(hours=8)


def always(_connection: sa.Connection, day: Any) -> KeptDesign:
    return KeptDesign("design", DESIGN, day, "test")


def draw(engine: sa.Engine, now: datetime = MORNING, find: Find = always) -> Day | None:
    return draw_day(engine, writer(engine), lambda: now, find)


def everything(engine: sa.Engine, table: sa.Table) -> list[sa.Row[Any]]:
    with reading(engine) as connection:
        return list(connection.execute(sa.select(table)))


def test_a_day_that_is_over_is_drawn_from(engine: sa.Engine) -> None:
    a_day(engine)

    day = draw(engine)

    strata, draws = everything(engine, sample_strata), everything(engine, sample_draws)
    assert day == Day(MIDNIGHT.date(), 400, 40, sum(row.double for row in draws))
    assert sum(row.decisions for row in strata) == 400
    assert sum(row.drawn for row in strata) == len(draws) == 40
    assert len(strata) <= DESIGN.most_strata
    assert {row.period for row in (*strata, *draws)} == {"2026-11-23"}
    assert {row.design_id for row in strata} == {"design"}
    drawn = Counter(row.stratum for row in draws)
    for stratum in strata:
        assert drawn[stratum.stratum] == stratum.drawn >= 2
        [probability] = {
            row.probability for row in draws if row.stratum == stratum.stratum
        }
        assert probability == pytest.approx(stratum.drawn / stratum.decisions)


def test_drawn_are_the_smallest_lots_of_each_stratum(sqlite: sa.Engine) -> None:
    a_day(sqlite)
    draw(sqlite)

    with reading(sqlite) as connection:
        day = MIDNIGHT.date()
        plan = plan_of(counted(connection, day, DESIGN), DESIGN)
        frame = list(listed(connection, day, DESIGN))
    seed = bytes.fromhex(DESIGN.seed)
    expected = set()
    for stratum, size in plan.drawn.items():
        ids = [row.decision_id for row in frame if plan.into[row.stratum] == stratum]
        expected |= set(sorted(ids, key=lambda i: lot_of(seed, i))[:size])

    assert {row.decision_id for row in everything(sqlite, sample_draws)} == expected


def test_places_are_random_and_even_over_the_strata(sqlite: sa.Engine) -> None:
    a_day(sqlite)
    draw(sqlite)

    draws = sorted(everything(sqlite, sample_draws), key=lambda drawn: drawn.place)
    assert all(0 <= drawn.place < 1 for drawn in draws)
    half = Counter(drawn.stratum for drawn in draws if drawn.place < 0.5)
    for stratum, size in Counter(drawn.stratum for drawn in draws).items():
        assert size / 2 - 1 <= half[stratum] <= size / 2 + 1
    seed = bytes.fromhex(DESIGN.seed)
    ids = [drawn.decision_id for drawn in draws]
    assert ids != sorted(ids, key=lambda decision_id: lot_of(seed, decision_id))


def test_a_day_is_drawn_from_once(sqlite: sa.Engine) -> None:
    a_day(sqlite)
    draw(sqlite)
    before = everything(sqlite, sample_draws)

    assert draw(sqlite) is None
    assert everything(sqlite, sample_draws) == before


def test_a_day_that_is_not_over_waits(sqlite: sa.Engine) -> None:
    a_day(sqlite)

    assert draw(sqlite, MIDNIGHT + DAY + timedelta(minutes=1)) is None
    assert draw(sqlite, MIDNIGHT + DAY + timedelta(minutes=3)) is not None


def test_days_without_decisions_are_passed_over(sqlite: sa.Engine) -> None:
    a_day(sqlite, of=50)
    a_day(sqlite, MIDNIGHT + 3 * DAY, of=50)
    now = MIDNIGHT + 5 * DAY

    found = [draw(sqlite, now), draw(sqlite, now), draw(sqlite, now)]

    assert [day and day.day.day for day in found] == [23, 26, None]


def test_a_store_with_a_past_begins_with_the_last_days(sqlite: sa.Engine) -> None:
    for days in (0, 1, 2):
        add(sqlite, [row(days, MIDNIGHT + days * DAY)])

    day = draw(sqlite, MIDNIGHT + (FIRST_DAYS + 1) * DAY + timedelta(hours=1))

    assert day
    assert day.day == (MIDNIGHT + DAY).date()


def test_what_comes_late_is_in_no_frame_and_never_drawn(sqlite: sa.Engine) -> None:
    a_day(sqlite, of=100)
    draw(sqlite)
    add(sqlite, [row(7, MIDNIGHT + timedelta(hours=5))])

    assert draw(sqlite) is None
    assert "d7" not in {r.decision_id for r in everything(sqlite, sample_draws)}


def test_several_at_once_draw_the_same_once(engine: sa.Engine) -> None:
    a_day(engine)
    ready = Barrier(4, timeout=30)

    def at_once(_number: int) -> Day | None:
        ready.wait()
        return draw(engine)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(at_once, range(4)))

    assert len(everything(engine, sample_draws)) == 40


def test_reviews_have_no_part_in_the_draw(sqlite: sa.Engine) -> None:
    a_day(sqlite)
    first = int(MIDNIGHT.timestamp())
    picked = (f"d{first + number}" for number in range(60))
    review(
        sqlite,
        *(finding(i, Verdict.WRONG_INTENT, kind=ReviewKind.PICKED) for i in picked),
    )
    draw(sqlite)
    with_reviews = {r.decision_id for r in everything(sqlite, sample_draws)}
    with writing(sqlite) as connection:
        for name in ("sample_draws", "sample_strata", "counted_until", "reviews"):
            connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608 - the names above

    draw(sqlite)

    assert {r.decision_id for r in everything(sqlite, sample_draws)} == with_reviews


def test_each_decision_is_as_likely_as_its_probability_says(
    sqlite: sa.Engine,
) -> None:
    a_day(sqlite, of=200)
    day = MIDNIGHT.date()
    with reading(sqlite) as connection:
        plan = plan_of(counted(connection, day, DESIGN), DESIGN)
        frame = [
            (row.decision_id, plan.into[row.stratum])
            for row in listed(connection, day, DESIGN)
        ]
    times, seeds = Counter[str](), 300
    for number in range(seeds):
        seed = number.to_bytes(16)
        for stratum, size in plan.drawn.items():
            ids = [i for i, of in frame if of == stratum]
            times.update(sorted(ids, key=lambda i: lot_of(seed, i))[:size])
    squares = 0.0
    for decision_id, stratum in frame:
        chance = plan.drawn[stratum] / plan.decisions[stratum]
        spread = seeds * chance * (1 - chance)
        squares += (times[decision_id] - seeds * chance) ** 2 / spread if spread else 0

    assert 0.001 < stats.chi2.sf(squares, len(frame) - len(plan.drawn)) < 0.999


def test_the_policys_costs_make_the_design(engine: sa.Engine, rules: RuleSet) -> None:
    a_day(engine, of=100)
    a_day(engine, MIDNIGHT + DAY, of=100)
    numbers = count()

    def find(connection: sa.Connection, day: Any) -> KeptDesign:
        new_id = lambda: f"design-{next(numbers)}"  # noqa: E731
        return by_policy(rules.policy, new_id, lambda: "ab" * 16)(connection, day)

    draw(engine, MORNING + DAY, find)
    draw(engine, MORNING + DAY, find)

    with reading(engine) as connection:
        [kept] = designs(connection)
    assert (kept.actor, kept.since) == ("policy", MIDNIGHT.date())
    assert kept.design == design_for(rules.policy, "ab" * 16)
    used = {row.design_id for row in everything(engine, sample_strata)}
    assert used == {"design-0"}


def test_new_costs_make_a_new_design_with_the_chosen_budget(
    engine: sa.Engine, rules: RuleSet
) -> None:
    a_day(engine, of=100)
    with writing(engine) as connection:
        keep_design(connection, KeptDesign("a", DESIGN, MIDNIGHT.date(), "operator"))
    find = by_policy(rules.policy, lambda: "b")

    draw(engine, MORNING, find)

    with reading(engine) as connection:
        new = design_on(connection, MIDNIGHT.date())
    assert new
    assert (new.design_id, new.actor) == ("b", "policy")
    assert new.design.dear_intents != DESIGN.dear_intents
    assert (new.design.per_day, new.design.double) == (DESIGN.per_day, DESIGN.double)
    assert new.design.seed == DESIGN.seed


def test_a_design_holds_from_its_day_on(engine: sa.Engine) -> None:
    monday, tuesday = MIDNIGHT.date(), (MIDNIGHT + DAY).date()
    with writing(engine) as connection:
        for design_id, since in (("a", monday), ("b", tuesday), ("c", tuesday)):
            keep_design(connection, KeptDesign(design_id, DESIGN, since, "test"))

    with reading(engine) as connection:
        held = [
            design_on(connection, (MIDNIGHT + days * DAY).date())
            for days in (-1, 0, 1, 9)
        ]

    assert [kept and kept.design_id for kept in held] == [None, "a", "c", "c"]
    assert held[1] == KeptDesign("a", DESIGN, monday, "test")


def test_moments_are_kept_in_utc(engine: sa.Engine) -> None:
    a_day(engine, of=100)
    draw(engine)

    for drawn in everything(engine, sample_draws):
        decided = drawn.decided_at.replace(tzinfo=drawn.decided_at.tzinfo or UTC)
        assert MIDNIGHT <= decided < MIDNIGHT + DAY
