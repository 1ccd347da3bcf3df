"""The confidence from which replies are answered, solved from a stated limit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

GRID = np.round(np.arange(0.995, 0.295, -0.005), 3)


@dataclass(frozen=True, slots=True)
class Solved:
    """A threshold and what it was promised on.

    Attributes:
        threshold: confidence (0 to 1); None where the limit cannot be promised.
        answered: replies at or above it, among those that it was solved on.
        wrong: how many of those have another intent.
        coverage: their share of the replies that the policy would answer.
    """

    threshold: float | None
    answered: int
    wrong: int
    coverage: float


def solve(
    confidence: NDArray[np.float64],
    right: NDArray[np.bool_],
    *,
    limit: float,
    assurance: float,
) -> Solved:
    """Return the lowest threshold that keeps the limit with the stated assurance.

    Learn-then-Test with fixed-sequence testing (Angelopoulos et al. 2021): thresholds
    are tried from strict to lenient, each by an exact binomial test of "more than
    `limit` of the answered are wrong", and the first that cannot be rejected at
    1 - `assurance` ends the search. The order rests on confidences alone, never on
    which answers are wrong, so no correction for the number of tests is needed. It
    begins at the strictest threshold whose test can be passed with a third of the
    allowed errors: a stricter one would end the search on a single error.

    Args:
        confidence: of replies that the model has not seen (0 to 1).
        right: whether the predicted intent is theirs.
        limit: share of wrong answers that is allowed (0 to 1).
        assurance: how sure that must be (0 to 1).
    """
    best = Solved(None, 0, 0, 0.0)
    for threshold in GRID:
        answered = confidence >= threshold
        count, wrong = int(answered.sum()), int((answered & ~right).sum())
        bearable = int(count * limit / 3)
        if best.threshold is None and not _passes(bearable, count, limit, assurance):
            continue
        if not _passes(wrong, count, limit, assurance):
            break
        best = Solved(float(threshold), count, wrong, count / len(confidence))
    return best


def _passes(wrong: int, count: int, limit: float, assurance: float) -> bool:
    return bool(binom.cdf(wrong, count, limit) <= 1 - assurance)
