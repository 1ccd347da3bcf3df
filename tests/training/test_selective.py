import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from training.evaluation import risk_curve
from training.selective import (
    aurc,
    auroc,
    coverage_at_risk,
    recall_outside,
    turning_point,
)

LAW = settings(deadline=None)

SURE = np.array([0.2, 0.9, 0.5, 0.7])
RIGHT = np.array([False, True, True, False])


def test_aurc_is_the_mean_risk_over_coverage() -> None:
    # The surest is right, the next wrong, then right, then wrong.
    assert aurc(SURE, RIGHT) == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)


def test_equal_confidences_count_as_in_random_order() -> None:
    confidence = np.array([0.9, 0.9, 0.1])
    right = np.array([True, False, True])

    # Half an error at each of the first two places.
    expected = (1 / 2 + 2 / 4 + 1 / 3) / 3
    assert aurc(confidence, right) == pytest.approx(expected)
    assert aurc(confidence, right[[1, 0, 2]]) == pytest.approx(expected)


@LAW
@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_without_ties_aurc_is_the_mean_of_the_risk_curve(right: list[bool]) -> None:
    confidence = np.random.default_rng(1).permutation(len(right)) / len(right)

    expected = risk_curve(confidence, np.array(right)).mean()

    assert aurc(confidence, np.array(right)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("limit", "covered"),
    [(0.0, 1 / 4), (0.3, 1 / 4), (1 / 3, 3 / 4), (0.5, 4 / 4)],
)
def test_coverage_is_the_largest_that_keeps_the_risk(
    limit: float, covered: float
) -> None:
    # The risk after one, two, three, four answers: 0, 1/2, 1/3, 2/4.
    assert coverage_at_risk(SURE, RIGHT, limit) == covered


def test_a_threshold_answers_equal_confidences_together() -> None:
    confidence = np.array([0.9, 0.9, 0.9, 0.1])
    right = np.array([True, True, False, False])

    assert coverage_at_risk(confidence, right, 0.0) == 0.0
    assert coverage_at_risk(confidence, right, 1 / 3) == 3 / 4


def test_auroc_counts_the_pairs_in_order() -> None:
    inside, outside = np.array([0.9, 0.5, 0.3]), np.array([0.5, 0.1])

    # 0.9 and 0.5 and 0.3 above 0.1; 0.9 above 0.5; 0.5 level with 0.5.
    assert auroc(inside, outside) == pytest.approx((3 + 1 + 0.5) / 6)


@LAW
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=20),
    st.lists(st.integers(0, 5), min_size=1, max_size=20),
)
def test_auroc_is_scikit_learns(inside: list[int], outside: list[int]) -> None:
    expected = roc_auc_score(
        [1] * len(inside) + [0] * len(outside), [*inside, *outside]
    )

    told = auroc(np.array(inside, dtype=float), np.array(outside, dtype=float))

    assert told == pytest.approx(expected)


@pytest.mark.parametrize(
    ("false_rate", "point"), [(0.0, 0.1), (0.04, 0.1), (0.25, 0.2), (0.5, 0.3)]
)
def test_the_turning_point_turns_no_more_away_than_allowed(
    false_rate: float, point: float
) -> None:
    inside = np.array([0.4, 0.2, 0.1, 0.3])

    told = turning_point(inside, false_rate)

    assert told == point
    assert (inside < told).mean() <= false_rate


def test_a_rate_that_rounding_spoils_is_still_used_up() -> None:
    inside = np.arange(100) / 100

    assert (inside < turning_point(inside, 0.29)).sum() == 29


def test_everybody_may_be_turned_away() -> None:
    assert turning_point(np.array([0.4, 0.2]), 1.0) == np.inf


def test_recall_is_the_share_below_the_turning_point() -> None:
    inside = np.array([0.9, 0.8, 0.7, 0.6, 0.2])
    outside = np.array([0.1, 0.3, 0.59, 0.6, 0.95])

    # One in five may be turned away: whoever is below 0.6.
    assert recall_outside(inside, outside, 0.2) == pytest.approx(3 / 5)
