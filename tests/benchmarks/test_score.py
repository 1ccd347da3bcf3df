"""Peers' predictions to figures: numbers small enough to check by hand."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.score import Predictions, read_predictions, score
from model.errors import InputError
from training.benchmark.measures import Measure
from training.benchmark.sets import Files, PublicSet
from training.benchmark.splits import Split

# From the surest: right, right, wrong, right. Risk after each: 0, 0, 1/3, 1/4.
SCORES = (0.9, 0.8, 0.7, 0.6)
PREDICTED = ("a", "b", "b", "a")
TRUTH = ("a", "b", "a", "a")


def subject(labels: tuple[str, ...], outside: tuple[str, ...] = ()) -> PublicSet:
    texts = [f"text {n}" for n in range(len(labels))]
    return PublicSet(
        name="tiny",
        files=Files(Path("train.csv"), Path("test.csv"), None, None),
        digests={},
        train=Split(["one", "two"], ["a", "b"]),
        rows=2,
        left_out=0,
        test=Split(texts, labels),
        repeated=np.zeros(len(labels), dtype=bool),
        validation=None,
        outside=outside,
    )


def values(
    labels: tuple[str, ...],
    predicted: tuple[str, ...],
    scores: tuple[float, ...],
    outside: tuple[str, ...] = (),
) -> dict[Measure, float]:
    told = score(subject(labels, outside), Predictions(predicted, np.array(scores)))
    return {figure.measure: figure.interval.value for figure in told}


def test_accuracy_and_the_area_under_risk_and_coverage() -> None:
    told = values(TRUTH, PREDICTED, SCORES)

    assert told[Measure.ACCURACY] == 0.75
    assert told[Measure.AURC] == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)


def test_coverage_is_the_most_that_one_threshold_answers_within_the_risk() -> None:
    # 99 right, then a wrong one, then 100 right: 1 of 200 is within 1 %,
    # and so is 1 of 100.
    labels = ("a",) * 200
    predicted = ("a",) * 99 + ("b",) + ("a",) * 100
    falling = tuple(np.linspace(1, 0, 200))

    assert values(labels, predicted, falling)[Measure.COVERAGE_1] == 1.0

    # Two more wrong at the end: 3 of 200 is above 1 %, 1 of 198 is not.
    predicted = (*predicted[:-2], "b", "b")
    told = values(labels, predicted, falling)

    assert told[Measure.COVERAGE_1] == pytest.approx(198 / 200)
    assert told[Measure.COVERAGE_2] == 1.0


def test_no_threshold_parts_replies_of_one_score() -> None:
    told = values(TRUTH, PREDICTED, (0.9, 0.9, 0.9, 0.1))

    assert told[Measure.COVERAGE_5] == 0.0


def test_the_scale_of_a_score_does_not_change_its_ranking() -> None:
    probabilities = values(TRUTH, PREDICTED, SCORES)
    distances = values(TRUTH, PREDICTED, tuple(40 * s - 90 for s in SCORES))

    for measure in (Measure.AURC, Measure.COVERAGE_1, Measure.COVERAGE_5):
        assert distances[measure] == probabilities[measure]


def test_texts_out_of_scope_come_after_the_test_rows() -> None:
    # Of 4 x 1 pairs the row inside is the surer in 3.
    told = values(TRUTH, (*PREDICTED, "a"), (*SCORES, 0.65), ("what is the moon",))

    assert told[Measure.ACCURACY] == 0.75
    assert told[Measure.AUROC] == 0.75


def test_predictions_come_back_as_a_runner_wrote_them(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text('row,predicted,score\n1,"a, b",0.5\n2,,-3\n', encoding="utf-8")

    told = read_predictions(path, 2)

    assert told.labels == ["a, b", ""]
    assert told.scores.tolist() == [0.5, -3.0]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("1,a,0.5\n", "expected 2 rows, got 1"),
        ("2,a,0.5\n1,a,0.5\n", "in the order of the texts"),
        ("1,a,0.5\n2,a,nan\n", "expected a number"),
    ],
)
def test_predictions_that_are_not_whole_are_refused(
    body: str, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text(f"row,predicted,score\n{body}", encoding="utf-8")

    with pytest.raises(InputError, match=problem):
        read_predictions(path, 2)
