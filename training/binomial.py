"""Exact binomial tests: is the share of wrong answers surely within a limit?"""

from collections.abc import Sequence
from math import ceil, inf, log

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, betaincinv

Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]


def proven(
    answered: Counts,
    wrong: Counts,
    limit: float,
    doubt: float,
    *,
    candidates: Counts,
    starts: Sequence[float],
) -> Bools:
    """Return at which steps of a path "more than `limit` are wrong" is rejected.

    The fallback procedure (Wiens 2003; Wiens and Dmitrienko 2005): steps are tested
    in their order, each at the doubt that it is given plus all that the step before
    had where that was rejected. The chance that any rejection is false is at most
    `doubt`, so every rejected step may be chosen, the most lenient too. With one
    start it is the fixed-sequence testing of Learn then Test (Angelopoulos et al.
    2021), which one unlucky step ends for good.

    Args:
        answered: replies answered at each step, strictest first, never falling (K).
        wrong: how many of those are wrong, at most `answered` (K).
        limit: share of wrong answers that is allowed (0 to 1).
        doubt: how likely a false rejection may be (0 to 1).
        candidates: replies that might be answered at each step (K), which must not
            depend on what was wrong.
        starts: shares of all candidates (0 to 1) from which tests begin, or begin
            again; each is given the same part of the doubt.
    """
    given = np.zeros(len(answered))
    for start in starts:
        given[np.searchsorted(candidates, start * candidates[-1])] += doubt / len(
            starts
        )
    chance = bdtr(wrong, answered, limit)
    rejected = np.zeros(len(answered), dtype=bool)
    level = 0.0
    for step, more in enumerate(given):
        level += more
        rejected[step] = level > 0 and chance[step] <= level
        level = level if rejected[step] else 0.0
    return rejected


def fewest(limit: float, doubt: float) -> float:
    """Return how many faultless answers it takes to prove `limit`; perhaps infinity."""
    if doubt >= 1 or limit >= 1:
        return 1
    if doubt <= 0 or limit <= 0:
        return inf
    return ceil(log(doubt) / log(1 - limit))


def upper_bound(wrong: int, answered: int, doubt: float) -> float:
    """Return the upper end of the exact interval of Clopper and Pearson (1934)."""
    if wrong >= answered or doubt <= 0:
        return 1.0
    return float(betaincinv(wrong + 1, answered - wrong, 1 - doubt))
