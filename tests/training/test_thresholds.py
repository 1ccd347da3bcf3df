import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from training.thresholds import GRID, Solved, solve

SAMPLES, SIZE = 300, 800
LIMIT, ASSURANCE = 0.1, 0.95
BROKEN = int(binom.ppf(0.999, SAMPLES, 1 - ASSURANCE))
"""So many of the samples may break a promise that holds 95 % of the time."""

Sample = tuple[NDArray[np.float64], NDArray[np.bool_]]


def population(rng: np.random.Generator, size: int) -> Sample:
    """Return confidences and what was right, of a model that is too sure of itself."""
    confidence = rng.beta(5, 1.2, size)
    return confidence, rng.random(size) < confidence**1.5


def true_risk(threshold: float) -> float:
    """Return the share of wrong answers at `threshold`, by integration."""
    grid = np.linspace(threshold, 1, 4_001)[:-1]
    density = grid**4 * (1 - grid) ** 0.2
    return float((density * (1 - grid**1.5)).sum() / density.sum())


def test_the_error_limit_is_kept_as_often_as_promised() -> None:
    rng = np.random.default_rng(11)

    solved = [
        solve(*population(rng, SIZE), limit=LIMIT, assurance=ASSURANCE)
        for _ in range(SAMPLES)
    ]

    found = [one.threshold for one in solved if one.threshold is not None]
    broken = sum(true_risk(threshold) > LIMIT for threshold in found)
    assert len(found) > 0.5 * SAMPLES
    assert broken <= BROKEN


def test_the_threshold_is_not_needlessly_strict() -> None:
    sample = population(np.random.default_rng(12), 50_000)

    solved = solve(*sample, limit=LIMIT, assurance=ASSURANCE)

    assert solved.threshold is not None
    assert LIMIT - 0.01 < true_risk(solved.threshold) <= LIMIT


def test_the_promise_is_told_with_what_it_rests_on() -> None:
    confidence, right = population(np.random.default_rng(13), 5_000)

    solved = solve(confidence, right, limit=LIMIT, assurance=ASSURANCE)

    assert solved.threshold is not None
    answered = confidence >= solved.threshold
    assert solved.answered == answered.sum()
    assert solved.wrong == (answered & ~right).sum()
    assert solved.coverage == pytest.approx(answered.mean())


def test_too_little_data_promises_nothing() -> None:
    solved = solve(
        np.full(28, 0.99), np.ones(28, bool), limit=LIMIT, assurance=ASSURANCE
    )

    assert solved == Solved(None, 0, 0, 0.0)


def test_the_smallest_faultless_record_that_proves_the_limit_is_enough() -> None:
    # 0.9 ** 28 is above one in twenty, 0.9 ** 29 below.
    solved = solve(
        np.full(29, 0.99), np.ones(29, bool), limit=LIMIT, assurance=ASSURANCE
    )

    assert solved == Solved(float(GRID[-1]), 29, 0, 1.0)


def test_nothing_is_promised_where_the_surest_are_wrong() -> None:
    confidence = np.linspace(0.3, 1, 1_000)

    solved = solve(confidence, confidence < 0.9, limit=LIMIT, assurance=ASSURANCE)

    assert solved.threshold is None


def test_the_search_ends_at_the_first_failure() -> None:
    # A stretch of errors, then so many right ones that the whole would pass again.
    confidence = np.concatenate(
        [np.full(100, 0.99), np.full(20, 0.8), np.full(900, 0.5)]
    )
    right = np.concatenate([np.ones(100, bool), np.zeros(20, bool), np.ones(900, bool)])

    solved = solve(confidence, right, limit=LIMIT, assurance=ASSURANCE)

    assert solved.threshold == pytest.approx(0.805)
    assert solved.answered == 100


def test_no_replies_promise_nothing() -> None:
    solved = solve(np.zeros(0), np.zeros(0, bool), limit=LIMIT, assurance=ASSURANCE)

    assert solved.threshold is None
