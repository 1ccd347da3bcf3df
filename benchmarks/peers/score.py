"""The one scorer: predictions of any peer to figures, by the code that scores ours."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from training.benchmark.figures import Figure, figures
from training.benchmark.measures import Reading
from training.benchmark.sets import PublicSet

COLUMNS = ("row", "predicted", "score")


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a peer said of each row: the label, and how sure it was (any scale)."""

    labels: Sequence[str]
    scores: NDArray[np.float64]


def asked(subject: PublicSet) -> list[str]:
    """Return the texts that a peer answers: the test rows, then those out of scope."""
    return [*subject.test.texts, *subject.outside]


def read_predictions(path: Path, rows: int) -> Predictions:
    """Read `row,predicted,score`, with one row for each text, numbered from 1.

    Raises:
        InputError: a row is missing, out of order, or has no finite score.
    """
    with path.open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    if len(told) != rows:
        raise InputError(path, f"expected {rows} rows, got {len(told)}")
    for number, row in enumerate(told, start=1):
        if list(row) != list(COLUMNS) or row["row"] != str(number):
            problem = f"expected {', '.join(COLUMNS)} in the order of the texts"
            raise InputError(path, problem, row=number)
    scores = np.array([float(row["score"]) for row in told])
    if not np.isfinite(scores).all():
        first = int(np.argmin(np.isfinite(scores)))
        raise InputError(path, "expected a number", row=first + 1, column="score")
    return Predictions([row["predicted"] for row in told], scores)


def score(subject: PublicSet, predictions: Predictions) -> tuple[Figure, ...]:
    """Return accuracy, AURC, coverage at each risk and calibration, with intervals."""
    size = len(subject.test.labels)
    right = np.array(predictions.labels[:size]) == np.array(subject.test.labels)
    reading = Reading(
        right=right,
        confidence=predictions.scores[:size],
        outside=predictions.scores[size:],
        validation=np.empty(0),
    )
    return figures(replace(subject, validation=None), [reading])
