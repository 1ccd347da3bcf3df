from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.figures.buckets import DAY_MS, EDGES, LONGER, percentile


def bucketed(delays: list[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for delay in delays:
        edge = next(edge for edge in EDGES if delay <= edge)
        found[edge] = found.get(edge, 0) + 1
    return found


def test_edges_rise_by_half_at_most() -> None:
    assert EDGES[-2:] == (DAY_MS, LONGER)
    assert all(low < high for low, high in pairwise(EDGES))
    assert all(2 * high <= 3 * low for low, high in pairwise(EDGES[1:-1]))


@given(
    st.lists(st.integers(2, DAY_MS), min_size=1),
    st.sampled_from([0.5, 0.95, 0.99, 1.0]),
)
def test_a_percentile_is_within_half_of_the_true_one(
    delays: list[int], share: float
) -> None:
    rank = max(0, -int(-share * len(delays) // 1) - 1)
    true = sorted(delays)[rank]

    found = percentile(bucketed(delays), share)

    assert found is not None
    assert true / 2 <= found <= 1.5 * true


def test_delays_within_a_bucket_are_taken_as_spread_evenly() -> None:
    assert percentile({100: 10}, 0.5) == 90
    assert percentile({100: 10, 150: 10}, 0.75) == 125
    assert percentile({1: 10}, 0.5) == 0.5


@pytest.mark.parametrize("buckets", [{}, {100: 0}])
def test_of_no_replies_there_is_none(buckets: dict[int, int]) -> None:
    assert percentile(buckets, 0.5) is None


def test_longer_than_a_day_is_told_as_a_day() -> None:
    assert percentile({100: 1, LONGER: 9}, 0.5) == DAY_MS
