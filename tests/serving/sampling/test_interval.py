from dataclasses import replace
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from serving.sampling.interval import (
    Moments,
    effective_size,
    interval,
    size_to_tell,
    wilson,
)

LAW = settings(deadline=None, max_examples=50)


def drawn_one_by_one(events: int, seen: int) -> Moments:
    share = events / seen
    return Moments(share, share * (1 - share) / seen, seen, events, 1 / seen**2)


@LAW
@given(st.integers(1, 5_000), st.data())
def test_wilson_is_that_of_scipy(seen: int, data: st.DataObject) -> None:
    events = data.draw(st.integers(0, seen))
    other = stats.binomtest(events, seen).proportion_ci(method="wilson")

    assert wilson(events / seen, seen) == pytest.approx((other.low, other.high))


@LAW
@given(st.integers(30, 5_000), st.data())
def test_draws_one_by_one_count_for_what_they_are(
    seen: int, data: st.DataObject
) -> None:
    events = data.draw(st.integers(0, seen))

    size = effective_size(drawn_one_by_one(events, seen))

    assert size == pytest.approx(seen, rel=0.15)


@LAW
@given(st.integers(30, 5_000), st.data())
def test_the_interval_holds_the_estimate(seen: int, data: st.DataObject) -> None:
    events = data.draw(st.integers(0, seen))
    low, high = interval(drawn_one_by_one(events, seen))

    assert 0 <= low <= events / seen <= high <= 1
    assert low < high
    assert (low == 0) == (events == 0)
    assert (high == 1) == (events == seen)


def test_what_was_looked_at_whole_is_known() -> None:
    whole = Moments(share=0.2, variance=0.0, seen=10, events=2, one_variance=0.0)

    assert effective_size(whole) == inf
    assert interval(whole) == (0.2, 0.2)


@LAW
@given(st.floats(0.001, 0.2), st.floats(1.01, 4))
def test_a_larger_variance_is_a_smaller_sample(share: float, times: float) -> None:
    seen = 1_000
    one = drawn_one_by_one(round(share * seen), seen)
    wider = replace(one, variance=one.variance * times)

    assert effective_size(wider) <= effective_size(one)


def test_no_mistake_seen_is_not_no_mistake() -> None:
    low, high = interval(drawn_one_by_one(0, 200))

    assert low == 0
    assert 3 / 200 < high < 5 / 200


@LAW
@given(st.floats(0, 0.3), st.floats(0.001, 0.5))
def test_so_many_are_needed_to_leave_the_limit_out(share: float, limit: float) -> None:
    size = size_to_tell(share, limit)
    if size > 1e9:
        return

    def leaves_out(size: float) -> bool:
        low, high = wilson(share, size)
        return limit < low or limit > high

    assert leaves_out(size * 1.01)
    assert not leaves_out(size * 0.99)


def test_on_the_limit_no_number_is_enough() -> None:
    assert size_to_tell(0.01, 0.01) == inf
