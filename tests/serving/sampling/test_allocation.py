import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.sampling.allocation import allot
from serving.sampling.stratum import Stratum
from tests.serving.sampling.making import counts

LAW = settings(deadline=None, max_examples=50)

A, B, C = (Stratum("answered", "model", "usual", "*", p) for p in "abc")


def test_reviews_go_where_mistakes_are_dear() -> None:
    sizes = {A: 1_000, B: 1_000}

    drawn = allot(sizes, {A: 3.0, B: 1.0}, 200, floor=2, spread=0.5)

    # Half of 196 by size, the other half as 3 to 1.
    assert drawn == {A: 2 + 49 + 74, B: 2 + 49 + 24}


def test_without_any_worth_size_alone_decides() -> None:
    drawn = allot({A: 300, B: 100}, {A: 0.0, B: 0.0}, 44, floor=2, spread=0.5)

    assert drawn == {A: 32, B: 12}


def test_what_a_small_stratum_leaves_over_is_shared_out() -> None:
    drawn = allot({A: 3, B: 500}, {A: 99.0, B: 1.0}, 50, floor=2, spread=0.01)

    assert drawn == {A: 3, B: 47}


def test_a_quiet_day_is_reviewed_whole() -> None:
    assert allot({A: 3, B: 1}, {A: 1.0, B: 1.0}, 50, floor=2, spread=0.5) == {
        A: 3,
        B: 1,
    }


@LAW
@given(
    counts,
    st.integers(1, 500),
    st.integers(1, 4),
    st.floats(0.01, 1),
    st.floats(0.0, 10.0),
)
def test_every_stratum_is_drawn_from_and_the_budget_is_kept(
    sizes: dict[Stratum, int], budget: int, floor: int, spread: float, slope: float
) -> None:
    worth = {s: slope * n for n, s in enumerate(sorted(sizes))}

    drawn = allot(sizes, worth, budget, floor=floor, spread=spread)

    floors = sum(min(size, floor) for size in sizes.values())
    assert drawn.keys() == sizes.keys()
    assert all(min(floor, sizes[s]) <= drawn[s] <= sizes[s] for s in sizes)
    assert sum(drawn.values()) == max(floors, min(budget, sum(sizes.values())))


@LAW
@given(counts, st.integers(50, 500), st.sampled_from([0.25, 0.5, 1.0]))
def test_no_decision_weighs_more_than_the_spread_allows(
    sizes: dict[Stratum, int], budget: int, spread: float
) -> None:
    worth = {s: 100.0 if n == 0 else 0.0 for n, s in enumerate(sorted(sizes))}

    drawn = allot(sizes, worth, budget, floor=1, spread=spread)

    left = budget - len(sizes)
    if left > 0:
        average = sum(sizes.values()) / left
        for stratum, size in sizes.items():
            least = math.floor(size / (average / spread))
            assert drawn[stratum] >= min(size, least)


def test_of_equal_claims_the_same_one_wins_each_time() -> None:
    sizes = {C: 10, B: 10, A: 10}
    worth = dict.fromkeys(sizes, 1.0)

    drawn = allot(sizes, worth, 4, floor=1, spread=0.5)

    assert drawn == {A: 2, B: 1, C: 1}
    assert drawn == pytest.approx(
        allot(dict(reversed(sizes.items())), worth, 4, floor=1, spread=0.5)
    )
