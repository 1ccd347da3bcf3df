import numpy as np
import pytest

from benchmarks.sampling import (
    SEED,
    Setting,
    Tally,
    coverage,
    shipped_policy,
    some_progress,
    table,
)
from benchmarks.sampling_tried import INTERVALS, tried
from benchmarks.sampling_tried import table as tried_table
from benchmarks.sampling_world import World, made, reviewed
from serving.sampling.design import Design, design_for
from serving.sampling.rate import RATES

FAST = Setting("a fortnight", 14, 300, 60)


@pytest.fixture(scope="module")
def design() -> Design:
    return design_for(shipped_policy(), SEED, per_day=60, double=0.2)


@pytest.fixture(scope="module")
def world(design: Design) -> World:
    return made(np.random.default_rng(1), design, days=5, a_day=300)


@pytest.fixture(scope="module")
def found() -> dict[str, Tally]:
    return coverage(FAST, worlds=40, repeats=5, seed=9)


@pytest.mark.parametrize("rate", [rate.key for rate in RATES] + ["missed_of_all"])
def test_intervals_cover_as_they_promise(found: dict[str, Tally], rate: str) -> None:
    tally = found[f"{rate}, all"]

    # Wider than 93 to 97 by what chance alone does to so few samples.
    assert tally.shown > 150
    assert 0.93 - tally.error / 2 <= tally.coverage <= 0.97 + tally.error / 2


def test_all_rates_together_cover_as_they_promise(found: dict[str, Tally]) -> None:
    every = [tally for name, tally in found.items() if name.endswith(", all")]
    shown = sum(tally.shown for tally in every)

    assert shown > 1_900
    assert 0.935 <= sum(tally.held for tally in every) / shown <= 0.97


def test_of_what_is_drawn_the_plan_is_kept(world: World) -> None:
    rng = np.random.default_rng(2)

    gathered = reviewed(rng, world, np.ones(5), 0.2)

    counts = np.bincount(gathered.facts.part, minlength=len(world.frame))
    assert counts.tolist() == [row.drawn for row in world.frame]
    assert (gathered.facts.verdict != "").all()
    assert 0.05 < len(gathered.pairs.row) / len(gathered.facts) < 0.4


def test_so_much_of_each_day_is_reviewed(world: World) -> None:
    progress = np.array([0.0, 0.25, 0.5, 0.75, 1.0])

    gathered = reviewed(np.random.default_rng(3), world, progress, 0.0)

    done = gathered.facts.verdict != ""
    days = np.array([row.period for row in world.frame])[gathered.facts.part]
    shares = [done[days == day].mean() for day in np.unique(days)]
    assert shares == pytest.approx(progress.tolist(), abs=0.1)


def test_some_days_have_no_reviewer() -> None:
    progress = some_progress(np.random.default_rng(4), 1_000)

    assert 0.05 < (progress == 0).mean() < 0.15
    assert (progress <= 1).all()


def test_mistakes_are_as_rare_as_they_are_said_to_be(world: World) -> None:
    wrong = (world.facts.verdict != "right").mean()

    assert 0.01 < wrong < 0.3


def test_the_tables_have_a_row_each(found: dict[str, Tally]) -> None:
    lines = table(FAST, found).splitlines()

    assert sum(line.startswith("| ") for line in lines) == 1 + sum(
        bool(tally.shown) for tally in found.values()
    )


def test_other_intervals_are_tried_on_the_same_samples() -> None:
    month = Setting("a month", 30, 300, 100)

    found = tried(month, worlds=1, repeats=2, seed=1)

    assert len({kinds["overall"].shown for kinds in found.values()}) == 1
    told = tried_table(month, found)
    assert all(name in told for name in INTERVALS)
