from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.sampling.estimate import Estimate, Weighing, estimate, variance

LAW = settings(deadline=None, max_examples=50)

LARGE = [1, 0, 0, 1, 0, 0]
SMALL = [1, 1, 0, 0]
"""Two strata, and which of their decisions are mistakes."""


def every_sample() -> list[
    tuple[Weighing, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]
]:
    """Return every sample of three of the large and two of the small, with mistakes."""
    cell = np.array([0, 0, 0, 1, 1])
    return [
        (Weighing.of(cell, [6, 4]), np.array([*large, *small], dtype=bool))
        for large, small in product(combinations(LARGE, 3), combinations(SMALL, 2))
    ]


def every(rows: Weighing) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return np.ones(len(rows.cell), dtype=bool)


def of(weighing: Weighing, meant: object, counted: object) -> Estimate:
    found = estimate(weighing, np.asarray(meant), np.asarray(counted))
    assert found
    return found


def test_over_all_samples_the_estimate_is_the_truth() -> None:
    shares = [of(w, every(w), mistakes).share for w, mistakes in every_sample()]

    assert np.mean(shares) == pytest.approx(4 / 10)


def test_over_all_samples_the_variance_is_the_true_one() -> None:
    totals, variances = [], []
    for weighing, mistakes in every_sample():
        totals.append(float(weighing.weight[mistakes].sum()))
        variances.append(variance(weighing, mistakes.astype(float)))

    assert np.mean(variances) == pytest.approx(np.var(totals))


def test_reviews_stand_for_as_many_as_their_stratum_has() -> None:
    weighing = Weighing.of(np.array([0, 0, 1, 1]), [900, 100])
    mistakes = np.array([False, False, True, True])

    found = of(weighing, every(weighing), mistakes)

    assert found.share == pytest.approx(0.1)
    assert (found.reviewed, found.events, found.decisions) == (4, 2, 1_000)
    assert not found.enough


def test_only_what_is_meant_counts() -> None:
    weighing = Weighing.of(np.array([0, 0, 0, 0, 1, 1]), [400, 20])
    meant = np.array([True, True, False, False, True, False])
    counted = np.array([True, False, True, True, False, True])

    found = of(weighing, meant, counted)

    assert found.share == pytest.approx(100 / 210)
    assert (found.reviewed, found.events) == (3, 1)


def test_what_is_reviewed_whole_is_known() -> None:
    weighing = Weighing.of(np.array([0] * 4), [4])
    found = of(weighing, every(weighing), [True, False, False, False])

    assert (found.share, found.low, found.high) == (0.25, 0.25, 0.25)
    assert found.enough


def test_of_what_was_not_reviewed_nothing_is_told() -> None:
    weighing = Weighing.of(np.array([0, 0]), [10])
    none = np.zeros(2, dtype=bool)

    assert estimate(weighing, none, ~none) is None


def test_one_stratum_drawn_one_by_one_is_a_plain_share() -> None:
    seen, events = 400, 8
    weighing = Weighing.of(np.zeros(seen, dtype=np.int64), [10**9])
    found = of(weighing, every(weighing), np.arange(seen) < events)

    assert found.share == pytest.approx(events / seen)
    assert found.effective == pytest.approx(seen, rel=0.05)
    assert found.low == pytest.approx(0.0102, abs=5e-4)
    assert found.high == pytest.approx(0.0390, abs=1e-3)


@LAW
@given(st.integers(1, 50), st.integers(1, 50), st.data())
def test_the_ends_lie_about_the_share(
    first: int, second: int, data: st.DataObject
) -> None:
    cell = np.array([0] * first + [1] * second)
    sizes = [
        first + data.draw(st.integers(0, 1_000)),
        second + data.draw(st.integers(0, 1_000)),
    ]
    size = len(cell)
    flags = st.lists(st.booleans(), min_size=size, max_size=size)
    meant, counted = np.array(data.draw(flags)), np.array(data.draw(flags))
    found = estimate(Weighing.of(cell, sizes), meant, counted)

    if found is None:
        assert not meant.any()
    else:
        assert 0 <= found.low <= found.share <= found.high <= 1
        assert found.events <= found.reviewed <= size
        assert found.decisions <= sum(sizes) + 1e-6
