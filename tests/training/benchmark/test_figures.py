from pathlib import Path

import numpy as np
import pytest

from training.benchmark.figures import Figure, figures
from training.benchmark.measures import Measure, Reading
from training.benchmark.sets import Files, PublicSet
from training.benchmark.splits import Split
from training.evaluation import Interval

N = 100
TEXTS = [f"text {n}" for n in range(N)]
LABELS = ["a"] * 75 + ["b"] * 25


def subject(
    folder: str = "shop", *, outside: int = 0, validation: int = 0
) -> PublicSet:
    train = Path(folder) / "train.csv"
    return PublicSet(
        name=folder,
        files=Files(train, train.with_name("test.csv"), None, None),
        digests={},
        train=Split(["x", "y"], ["a", "b"]),
        rows=2,
        left_out=0,
        test=Split(TEXTS, LABELS),
        repeated=np.arange(N) < 20,
        validation=Split(TEXTS[:validation], LABELS[:validation])
        if validation
        else None,
        outside=TEXTS[:outside],
    )


def reading(right: int, outside: int = 0, validation: int = 0) -> Reading:
    """The first `right` rows are right, and surer than the others."""
    return Reading(
        np.arange(N) < right,
        np.linspace(1.0, 0.5, N),
        np.linspace(0.0, 0.7, outside),
        np.linspace(1.0, 0.5, validation),
    )


def by_measure(told: tuple[Figure, ...]) -> dict[Measure, Interval]:
    return {figure.measure: figure.interval for figure in told}


def test_any_set_has_accuracy_and_what_the_confidence_is_worth() -> None:
    told = by_measure(figures(subject(), [reading(90)]))

    assert list(told) == [
        Measure.ACCURACY,
        Measure.APART,
        Measure.AURC,
        Measure.COVERAGE_1,
        Measure.COVERAGE_2,
        Measure.COVERAGE_5,
        Measure.CALIBRATION,
    ]
    assert told[Measure.ACCURACY].value == pytest.approx(0.90)
    assert told[Measure.COVERAGE_1].value == pytest.approx(0.90)
    assert told[Measure.COVERAGE_5].value == pytest.approx(0.94)


def test_texts_that_were_trained_on_are_left_out_of_the_second_accuracy() -> None:
    told = by_measure(figures(subject(), [reading(90)]))

    # The 20 first are right and left out.
    assert told[Measure.APART].value == pytest.approx(70 / 80)


def test_the_interval_is_that_of_a_share() -> None:
    told = by_measure(figures(subject(), [reading(90)]))[Measure.ACCURACY]

    width = 2 * 1.96 * np.sqrt(0.9 * 0.1 / N)
    assert told.high - told.low == pytest.approx(width, rel=0.2)


def test_out_of_scope_rows_bring_their_measures() -> None:
    told = by_measure(figures(subject(outside=50), [reading(90, outside=50)]))

    # Four of the 100 lie below 0.5 + 4 * 0.5 / 99.
    below = (np.linspace(0.0, 0.7, 50) < 0.5 + 4 * 0.5 / 99).mean()
    assert told[Measure.RECALL].value == pytest.approx(below)
    assert told[Measure.RECALL].low < below < told[Measure.RECALL].high
    assert 0.9 < told[Measure.AUROC].value < 1
    assert Measure.VALIDATION_RECALL not in told


def test_any_intent_is_wrong_for_an_out_of_scope_row_of_the_stream() -> None:
    sure = Reading(
        np.ones(N, dtype=bool), np.full(N, 0.8), np.full(50, 0.3), np.zeros(0)
    )

    told = by_measure(figures(subject(outside=50), [sure]))

    # In scope 0.8 sure and always right; the others 0.3 sure and never.
    assert told[Measure.CALIBRATION].value == pytest.approx(0.2)
    expected = (100 * 0.2 + 50 * 0.3) / 150
    assert told[Measure.STREAM_CALIBRATION].value == pytest.approx(expected)


def test_a_threshold_of_the_validation_rows_is_judged_on_the_test_rows() -> None:
    told = by_measure(
        figures(
            subject(outside=50, validation=50),
            [reading(90, outside=50, validation=50)],
        )
    )

    # Two of the 50 lie below 0.5 + 2 * 0.5 / 49; of the test rows five do.
    point = 0.5 + 2 * 0.5 / 49
    assert told[Measure.VALIDATION_FALSE].value == pytest.approx(0.05)
    assert told[Measure.VALIDATION_RECALL].value == pytest.approx(
        (np.linspace(0.0, 0.7, 50) < point).mean()
    )


def test_sentiment_is_scored_by_the_mean_recall_of_its_labels() -> None:
    told = figures(subject("tweeteval_sentiment"), [reading(90)])

    assert told[0].measure is Measure.MACRO_RECALL
    # All 75 of the one label are found, 15 of 25 of the other.
    assert told[0].interval.value == pytest.approx((1 + 15 / 25) / 2)


def test_several_seeds_give_their_mean_and_each_value() -> None:
    told = figures(subject(), [reading(90), reading(80)])[0]

    assert told.interval.value == pytest.approx(0.85)
    assert told.seeds == pytest.approx((0.90, 0.80))
