"""What a confidence is good for: answering some, turning others away.

Pure functions of confidences (0 to 1, or any score that rises with certainty).
Replies of equal confidence cannot be told apart by a threshold, so none of these
depends on the order in which they come.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]


def aurc(confidence: Doubles, right: Bools) -> float:
    """Return the area under the curve of risk against coverage (0 to 1).

    The mean, over k from 1 to n, of the share of wrong among the k most confident
    (Geifman et al. 2019); replies of equal confidence count as in random order.
    """
    ends, wrong = _by_confidence(confidence, right)
    sizes = np.diff(ends, prepend=0)
    spread = np.repeat(np.diff(wrong, prepend=0) / sizes, sizes)
    return float((np.cumsum(spread) / np.arange(1, len(right) + 1)).mean())


def coverage_at_risk(confidence: Doubles, right: Bools, limit: float) -> float:
    """Return the largest share that one threshold answers at `limit` of wrong.

    The threshold is chosen on the same replies: this says how well a confidence
    ranks, not what may be promised of new replies.
    """
    ends, wrong = _by_confidence(confidence, right)
    kept = ends[wrong <= limit * ends]
    return float(kept.max(initial=0) / len(right))


def auroc(inside: Doubles, outside: Doubles) -> float:
    """Return how probably a reply of `inside` is surer than one of `outside`.

    The area under the receiver operating curve; equal confidences count half.
    """
    ranks = rankdata(np.concatenate([inside, outside]))[: len(inside)]
    above = ranks.sum() - len(inside) * (len(inside) + 1) / 2
    return float(above / (len(inside) * len(outside)))


def turning_point(inside: Doubles, false_rate: float) -> float:
    """Return the highest threshold that turns at most `false_rate` of `inside` away.

    Whoever is less confident than it is turned away.
    """
    bearable = int(false_rate * len(inside) + _ROUNDING)
    if bearable >= len(inside):
        return float("inf")
    return float(np.partition(inside, bearable)[bearable])


def recall_outside(inside: Doubles, outside: Doubles, false_rate: float) -> float:
    """Return the share of `outside` turned away where `false_rate` of `inside` is."""
    return float((outside < turning_point(inside, false_rate)).mean())


_ROUNDING = 1e-9
"""0.29 of 100 is 29, not 28."""


def _by_confidence(
    confidence: Doubles, right: Bools
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return how many are answered, and how many of those wrongly, by threshold."""
    _, groups, sizes = np.unique(-confidence, return_inverse=True, return_counts=True)
    return np.cumsum(sizes), np.cumsum(np.bincount(groups, weights=~right))
