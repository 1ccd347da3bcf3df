import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from training.evaluation import (
    BINS,
    Bin,
    Confusion,
    Interval,
    Labelled,
    Scores,
    calibration_error,
    interval,
    macro_f1,
    reliability,
    risk_curve,
    score,
    trust,
)

# Of three a's two are found, of two b's one, of one c none; one a and one c are
# taken for b, one b for a.
TRUTH = ["a", "a", "a", "b", "b", "c"]
PREDICTED = ["a", "a", "b", "b", "a", "b"]


@pytest.fixture(scope="module")
def scores() -> Scores:
    return score(Labelled(TRUTH, PREDICTED), seed=1)


def test_macro_f1_is_the_mean_over_labels(scores: Scores) -> None:
    # F1: a 2/3 (2 of 3, 2 of 3), b 2/5 (1 of 3, 1 of 2), c 0.
    assert scores.macro_f1.value == pytest.approx((2 / 3 + 2 / 5 + 0) / 3)
    assert scores.accuracy.value == pytest.approx(3 / 6)


def test_labels_are_scored_worst_first(scores: Scores) -> None:
    assert [row.label for row in scores.labels] == ["c", "b", "a"]
    assert [row.precision for row in scores.labels] == pytest.approx([0, 1 / 3, 2 / 3])
    assert [row.recall for row in scores.labels] == pytest.approx([0, 1 / 2, 2 / 3])
    assert [row.f1 for row in scores.labels] == pytest.approx([0, 2 / 5, 2 / 3])
    assert [row.support for row in scores.labels] == [1, 2, 3]


def test_confusions_are_told_commonest_first() -> None:
    truth, predicted = [*TRUTH, "c"], [*PREDICTED, "b"]

    scores = score(Labelled(truth, predicted), seed=1, confusions=2)

    assert scores.confusions == (Confusion("c", "b", 2), Confusion("a", "b", 1))


def test_a_label_that_only_occurs_as_a_prediction_costs_no_mean() -> None:
    scores = score(Labelled(["a", "a"], ["a", "z"]), seed=1)

    assert scores.macro_f1.value == pytest.approx(2 / 3)
    assert [label.label for label in scores.labels] == ["a"]


def test_perfect_predictions_leave_no_doubt() -> None:
    scores = score(Labelled(["a", "b"] * 20, ["a", "b"] * 20), seed=1)

    assert scores.accuracy == Interval(1.0, 1.0, 1.0)
    assert scores.confusions == ()


def test_labels_with_one_reply_cost_perfect_predictions_nothing() -> None:
    labels = [str(n) for n in range(50)]

    told = score(Labelled(labels, labels), seed=1).macro_f1

    # A resample lacks a third of them; what it lacks is not read wrongly.
    assert (told.low, told.high) == (1.0, 1.0)


def test_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    confidence = np.repeat([0.6, 0.9], [BINS, 2 * BINS])
    right = np.concatenate([np.zeros(BINS, bool), np.ones(2 * BINS, bool)])

    error = calibration_error(confidence, right)

    # A third is 0.6 sure and never right, two thirds are 0.9 sure and always right.
    assert error == pytest.approx((0.6 + 2 * 0.1) / 3)


def test_bins_are_of_like_size_and_rise_in_confidence() -> None:
    confidence = np.array([0.9, 0.1, 0.5])

    bins = reliability(confidence, np.array([True, False, False]))

    assert bins == [Bin(0.1, 0.0, 1), Bin(0.5, 0.0, 1), Bin(0.9, 1.0, 1)]


def test_the_risk_curve_answers_the_surest_first() -> None:
    confidence = np.array([0.2, 0.9, 0.5, 0.7])
    right = np.array([False, True, True, False])

    curve = risk_curve(confidence, right)

    assert curve == pytest.approx([0 / 1, 1 / 2, 1 / 3, 2 / 4])


def test_trust_draws_the_curve_from_the_surest_to_all() -> None:
    rng = np.random.default_rng(6)
    confidence = rng.random(1_000)
    right = rng.random(1_000) < confidence

    told = trust(confidence, right, seed=1)

    assert len(told.coverage) == len(told.risk) == 200
    assert (told.coverage[0], told.coverage[-1]) == (0.001, 1.0)
    assert told.risk[-1] == pytest.approx((~right).mean())
    assert told.aurc.value == pytest.approx(risk_curve(confidence, right).mean())
    assert sum(part.count for part in told.reliability) == 1_000


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_interval_holds_its_value(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.random(200)

    told = interval(lambda rows: float(values[rows].mean()), 200, seed)

    assert told.value == pytest.approx(values.mean())
    assert told.low < told.value < told.high


def test_an_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(7).random(2_000) < 0.3

    told = interval(lambda rows: float(values[rows].mean()), 2_000, 1)

    expected = 2 * 1.96 * np.sqrt(0.3 * 0.7 / 2_000)
    assert told.high - told.low == pytest.approx(expected, rel=0.15)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(8).random(50)

    def told(seed: int) -> Interval:
        return interval(lambda rows: float(values[rows].mean()), 50, seed)

    assert told(1) == told(1)
    assert told(1) != told(2)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1))
def test_macro_f1_is_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = (np.array(column) for column in zip(*pairs, strict=True))

    labels = sorted(set(truth.tolist()))
    expected = f1_score(
        truth, predicted, labels=labels, average="macro", zero_division=0
    )

    assert macro_f1(truth, np.minimum(predicted, 5), 5) == pytest.approx(expected)
