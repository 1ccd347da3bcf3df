"""What is measured of a set, each a function of what a classifier made of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from training.evaluation import calibration_error
from training.selective import (
    aurc,
    auroc,
    coverage_at_risk,
    recall_outside,
    turning_point,
)

Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]
Codes = NDArray[np.int64]

FALSE_OUTSIDE = 0.04


class Measure(StrEnum):
    """What is measured, in words; all but AURC are shares of 1."""

    ACCURACY = "accuracy"
    MACRO_RECALL = "macro-averaged recall"
    APART = "accuracy without test texts that also occur in train"
    AURC = "area under risk and coverage"
    COVERAGE_1 = "coverage at 1 % risk"
    COVERAGE_2 = "coverage at 2 % risk"
    COVERAGE_5 = "coverage at 5 % risk"
    CALIBRATION = "expected calibration error, in scope"
    STREAM_CALIBRATION = "expected calibration error, out-of-scope in the stream"
    AUROC = "out-of-scope AUROC"
    RECALL = "out-of-scope recall at 4 % false"
    VALIDATION_RECALL = "out-of-scope recall, threshold set on validation"
    VALIDATION_FALSE = "false out-of-scope at that threshold"


LESS_IS_BETTER = (
    Measure.AURC,
    Measure.CALIBRATION,
    Measure.STREAM_CALIBRATION,
    Measure.VALIDATION_FALSE,
)
_RISKS = {
    Measure.COVERAGE_1: 0.01,
    Measure.COVERAGE_2: 0.02,
    Measure.COVERAGE_5: 0.05,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one trained classifier made of a set.

    Attributes:
        right: whether it gave each test row its label.
        confidence: how sure it was of each test row (0 to 1).
        outside: how sure it was of each out-of-scope row.
        validation: how sure it was of each validation row.
    """

    right: Bools
    confidence: Doubles
    outside: Doubles
    validation: Doubles


Statistic = Callable[[Reading, Codes, Codes], float]
"""From a reading, test rows and out-of-scope rows."""


def accuracy(reading: Reading, inside: Codes, _: Codes) -> float:
    """Return the share of rows that were given their label."""
    return float(reading.right[inside].mean())


def macro_recall(codes: Codes, reading: Reading, inside: Codes, _: Codes) -> float:
    """Return the mean over labels of the share of their rows that were found.

    `codes` are the true labels of all test rows.
    """
    counts = np.bincount(codes[inside])
    hits = np.bincount(codes[inside], weights=reading.right[inside])
    return float((hits[counts > 0] / counts[counts > 0]).mean())


def _aurc(reading: Reading, inside: Codes, _: Codes) -> float:
    return aurc(reading.confidence[inside], reading.right[inside])


def _coverage(risk: float, reading: Reading, inside: Codes, _: Codes) -> float:
    return coverage_at_risk(reading.confidence[inside], reading.right[inside], risk)


def _calibration(reading: Reading, inside: Codes, _: Codes) -> float:
    return calibration_error(reading.confidence[inside], reading.right[inside])


def _stream_calibration(reading: Reading, inside: Codes, outside: Codes) -> float:
    """Out-of-scope rows are in the stream, and any intent is wrong for them."""
    return calibration_error(
        np.concatenate([reading.confidence[inside], reading.outside[outside]]),
        np.concatenate([reading.right[inside], np.zeros(len(outside), dtype=bool)]),
    )


def _auroc(reading: Reading, inside: Codes, outside: Codes) -> float:
    return auroc(reading.confidence[inside], reading.outside[outside])


def _recall(reading: Reading, inside: Codes, outside: Codes) -> float:
    return recall_outside(
        reading.confidence[inside], reading.outside[outside], FALSE_OUTSIDE
    )


def _validation_recall(reading: Reading, _: Codes, outside: Codes) -> float:
    point = turning_point(reading.validation, FALSE_OUTSIDE)
    return float((reading.outside[outside] < point).mean())


def _validation_false(reading: Reading, inside: Codes, _: Codes) -> float:
    point = turning_point(reading.validation, FALSE_OUTSIDE)
    return float((reading.confidence[inside] < point).mean())


RANKING: tuple[tuple[Measure, Statistic], ...] = (
    (Measure.AURC, _aurc),
    *((measure, partial(_coverage, risk)) for measure, risk in _RISKS.items()),
)
"""How well any score ranks right before wrong."""

TRUST: tuple[tuple[Measure, Statistic], ...] = (
    *RANKING,
    (Measure.CALIBRATION, _calibration),
)
"""What the confidence is worth on any set."""

OUTSIDE: tuple[tuple[Measure, Statistic], ...] = (
    (Measure.STREAM_CALIBRATION, _stream_calibration),
    (Measure.AUROC, _auroc),
    (Measure.RECALL, _recall),
)
"""What it is worth where there are out-of-scope rows."""

VALIDATION: tuple[tuple[Measure, Statistic], ...] = (
    (Measure.VALIDATION_RECALL, _validation_recall),
    (Measure.VALIDATION_FALSE, _validation_false),
)
"""What a threshold does that was set on other rows than it is judged on."""
