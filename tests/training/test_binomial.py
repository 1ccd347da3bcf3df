from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from training.binomial import fewest, proven, upper_bound

COUNTS = np.arange(50, 1050, 50)


def steps(wrong: list[int], starts: tuple[float, ...], doubt: float = 0.05) -> str:
    """Return a mark for each of 20 steps: + where a limit of 10 % is proven."""
    found = proven(
        *(COUNTS, np.array(wrong), 0.1, doubt), candidates=COUNTS, starts=starts
    )
    return "".join("+" if one else "." for one in found)


def test_every_step_is_proven_where_nothing_is_wrong() -> None:
    assert steps([0] * 20, starts=(0.0,)) == "+" * 20


def test_a_sequence_ends_at_its_first_failure() -> None:
    wrong = [0, 0, 0, 30] + [30] * 16

    assert steps(wrong, starts=(0.0,)) == "+++" + "." * 17


def test_a_later_start_begins_again_with_its_own_part_of_the_doubt() -> None:
    wrong = [0, 0, 0, 30] + [30] * 16

    assert steps(wrong, starts=(0.0, 0.5)) == "+++" + "." * 6 + "+" * 11


def test_doubt_that_was_not_lost_is_carried_on() -> None:
    # 36 wrong of 500: the chance is 0.019, between half of the doubt and a third.
    assert 0.05 / 3 < binom.cdf(36, 500, 0.1) < 0.05 / 2
    wrong = [0] * 9 + [36] * 11
    lost = [30, *wrong[1:]]

    assert steps(wrong, starts=(0.0, 0.2, 1.0)) == "+" * 20
    assert steps(lost, starts=(0.0, 0.2, 1.0))[9] == "."


def test_nothing_is_proven_before_the_first_start() -> None:
    assert steps([0] * 20, starts=(0.25,)) == "...." + "+" * 16


@pytest.mark.parametrize(("limit", "doubt"), [(0.0, 0.05), (0.1, 0.0)])
def test_no_errors_or_no_doubt_allowed_proves_nothing(
    limit: float, doubt: float
) -> None:
    nothing = np.zeros(20, np.int64)

    found = proven(COUNTS, nothing, limit, doubt, candidates=COUNTS, starts=(0.0,))

    assert not found.any()


def test_no_replies_prove_nothing() -> None:
    nothing = np.zeros(3, np.int64)

    found = proven(nothing, nothing, 0.1, 0.05, candidates=nothing, starts=(0.0, 1.0))

    assert not found.any()


@given(
    wrong=st.lists(st.integers(0, 12), min_size=20, max_size=20),
    limits=st.tuples(st.floats(0.01, 0.5), st.floats(0.01, 0.5)),
)
def test_a_looser_limit_proves_every_step_that_a_stricter_one_does(
    wrong: list[int], limits: tuple[float, float]
) -> None:
    strict, loose = (
        proven(
            *(COUNTS, np.cumsum(wrong), limit, 0.05),
            candidates=COUNTS,
            starts=(0.2, 0.5, 1.0),
        )
        for limit in sorted(limits)
    )

    assert np.all(loose | ~strict)


@given(limit=st.floats(0.001, 0.9), doubt=st.floats(1e-5, 0.9))
def test_fewest_is_where_a_faultless_record_is_just_proof(
    limit: float, doubt: float
) -> None:
    least = int(fewest(limit, doubt))

    assert binom.cdf(0, least, limit) <= doubt * (1 + 1e-9)
    assert least == 1 or binom.cdf(0, least - 1, limit) > doubt * (1 - 1e-9)


def test_fewest_of_the_impossible_is_infinite() -> None:
    assert fewest(0, 0.05) == fewest(0.1, 0) == inf
    assert fewest(1, 0.05) == fewest(0.1, 1) == 1


@given(answered=st.integers(1, 500), share=st.floats(0, 1))
def test_the_bound_is_the_exact_one(answered: int, share: float) -> None:
    wrong = int(answered * share)

    told = upper_bound(wrong, answered, 0.05)

    test = binomtest(wrong, answered, alternative="less")
    assert told == pytest.approx(test.proportion_ci(0.95, "exact").high)


def test_without_doubt_or_right_answers_the_bound_is_one() -> None:
    assert upper_bound(0, 10, 0) == upper_bound(5, 5, 0.05) == 1
