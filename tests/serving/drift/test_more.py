import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from serving.drift.more import tail, times
from serving.shares import share_of


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 60), st.integers(0, 60))
def test_the_tail_is_that_of_the_hypergeometric(
    now: int, before: int, more_now: int, more_before: int
) -> None:
    of_now, of_before = now + more_now, before + more_before
    known = stats.hypergeom.sf(now - 1, of_now + of_before, now + before, of_now)

    assert tail(now, before, of_now, of_before) == pytest.approx(known, abs=1e-9)


def test_what_was_never_said_counts_as_said_once() -> None:
    assert times(10, 0, 100, 200) == 20
    assert times(10, 4, 100, 200) == 4


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_share_has_the_interval_of_wilson(count: int, others: int) -> None:
    share = share_of(count, count + others)
    if count + others == 0:
        assert (share.low, share.high) == (0, 1)
        return
    known = stats.binomtest(count, count + others).proportion_ci(0.95, "wilson")

    assert (share.low, share.high) == pytest.approx((known.low, known.high), abs=1e-9)
