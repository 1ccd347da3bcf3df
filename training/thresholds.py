"""The confidence from which replies are answered, solved from a stated limit."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

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

    Learn-then-Test with fixed-sequence testing (Angelopoulos et al. 2021): the
    thresholds are tried from the strictest down, each by an exact binomial test of
    "more than `limit` of the answered are wrong", and the first that cannot be
    rejected at 1 - `assurance` ends the search. The order is fixed beforehand, so no
    correction for the number of thresholds is needed.

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
        # So few that not even a faultless record would prove anything: not a test.
        if (1 - limit) ** count > 1 - assurance:
            continue
        if binom.cdf(wrong, count, limit) > 1 - assurance:
            break
        best = Solved(float(threshold), count, wrong, count / len(confidence))
    return best


def thresholds_file(
    solved: Solved, intents: tuple[str, ...], *, limit: float, assurance: float
) -> Mapping[str, object]:
    """Return the contents of a bundle's `thresholds.json`."""
    return {
        "limit": limit,
        "assurance": assurance,
        "solved": asdict(solved),
        "intents": dict.fromkeys(intents, solved.threshold),
    }
