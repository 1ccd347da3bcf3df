import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from serving.drift.usual import corrected, t_tail, unlike
from tests.serving.drift.making import chance


@given(st.floats(-30, 30), st.integers(1, 60))
def test_the_tail_is_that_of_student_s_t(t: float, freedom: int) -> None:
    assert t_tail(t, freedom) == pytest.approx(stats.t.sf(t, freedom), abs=1e-5)


def test_a_usual_day_is_as_unlike_as_often_as_it_says() -> None:
    draw = chance(1)
    found = [
        unlike(float(day[-1]), day[:-1].tolist())
        for day in draw.normal(3, 2, (2000, 15))
    ]

    assert np.mean(np.array(found) <= 0.05) == pytest.approx(0.05, abs=0.015)
    assert stats.kstest(found, "uniform").pvalue > 0.001


def test_days_that_are_all_alike_still_have_the_spread_of_chance() -> None:
    same = [0.5] * 20

    assert unlike(0.5, same) == 1
    assert unlike(0.51, same) == 0
    assert unlike(0.51, same, least=0.02) == pytest.approx(
        stats.t.sf(0.488, 19), abs=1e-3
    )


def test_p_values_are_corrected_for_their_number() -> None:
    told = corrected({"a": 0.04, "b": 0.01, "c": 0.03, "d": 0.5})

    assert told == pytest.approx({"a": 0.09, "b": 0.04, "c": 0.09, "d": 0.5})
    assert list(told) == ["a", "b", "c", "d"]


@given(st.dictionaries(st.text(max_size=2), st.floats(0, 1), min_size=1))
def test_a_correction_never_makes_surer_and_keeps_the_order(
    p_values: dict[str, float],
) -> None:
    told = corrected(p_values)

    assert all(p_values[name] <= told[name] <= 1 for name in p_values)
    ranked = sorted(p_values, key=p_values.__getitem__)
    assert [told[name] for name in ranked] == sorted(told.values())
