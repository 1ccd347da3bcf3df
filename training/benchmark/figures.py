"""Figures of a set: measures with intervals over rows, and over seeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from training.benchmark.measures import (
    OUTSIDE,
    TRUST,
    VALIDATION,
    Codes,
    Measure,
    Reading,
    Statistic,
    accuracy,
    macro_recall,
)
from training.benchmark.sets import PublicSet
from training.evaluation import RESAMPLES, Interval

RESAMPLE_SEED = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure: the mean over seeds with its interval, and each seed's value."""

    measure: Measure
    interval: Interval
    seeds: tuple[float, ...]


def figures(subject: PublicSet, readings: Sequence[Reading]) -> tuple[Figure, ...]:
    """Return every measure that the set allows; one reading a seed."""
    rows = np.arange(len(subject.test.texts)), np.arange(len(subject.outside))
    told: list[tuple[Measure, Statistic]] = [(Measure.ACCURACY, accuracy)]
    if subject.sentiments:
        labels = sorted(set(subject.test.labels))
        codes = np.array([labels.index(label) for label in subject.test.labels])
        told.insert(0, (Measure.MACRO_RECALL, partial(macro_recall, codes)))
    found = [figure(*each, readings, rows) for each in told]
    if subject.repeated.any() and not subject.repeated.all():
        apart = np.flatnonzero(~subject.repeated), rows[1]
        found.append(figure(Measure.APART, accuracy, readings, apart))
    trust = list(TRUST)
    if subject.outside:
        trust += OUTSIDE
    if subject.outside and subject.validation:
        trust += VALIDATION
    return (*found, *(figure(*each, readings, rows) for each in trust))


def figure(
    measure: Measure,
    statistic: Statistic,
    readings: Sequence[Reading],
    rows: tuple[Codes, Codes],
) -> Figure:
    """Return a measure of some test rows and out-of-scope rows, over all seeds."""

    def mean(inside: Codes, outside: Codes) -> float:
        return float(np.mean([statistic(r, inside, outside) for r in readings]))

    return Figure(
        measure, resampled(mean, rows), tuple(statistic(r, *rows) for r in readings)
    )


def resampled(
    statistic: Callable[[Codes, Codes], float], rows: tuple[Codes, Codes]
) -> Interval:
    """Return a statistic with its 95 % percentile bootstrap interval.

    Test rows and out-of-scope rows are drawn apart: how many there are of each is the
    set's making, not chance.
    """
    rng = np.random.default_rng(RESAMPLE_SEED)
    draws = [
        statistic(*(part[rng.integers(0, len(part), len(part))] for part in rows))
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Interval(statistic(*rows), float(low), float(high))
