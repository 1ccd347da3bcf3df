"""Delays in buckets: how they are cut, and percentiles out of them. Pure.

A percentile is interpolated: within its bucket delays are taken as spread evenly. From
2 ms on an edge is at most half as large again as the one before, so a percentile is
never further off than that, and far nearer where many replies lie around it.
"""

from collections.abc import Mapping
from itertools import pairwise

DAY_MS = 86_400_000

LONGER = 2**31 - 1
"""The edge of the last bucket, which has none: what took longer than a day."""

EDGES: tuple[int, ...] = (
    *(1, 2, 3, 4, 6, 8),
    *(first * 10**tens for tens in range(7) for first in (10, 15, 20, 30, 40, 60, 80)),
    DAY_MS,
    LONGER,
)
"""Upper edges in milliseconds, rising. A delay lies in the first bucket whose edge it
does not exceed; one below 0, by a provider's clock that runs ahead, in the first."""

_BELOW = {edge: below for below, edge in pairwise((0, *EDGES))}


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Return the delay in milliseconds that a `share` (0 to 1) of replies kept.

    Args:
        buckets: how many replies there are by upper edge, each one of `EDGES`.
        share: 0.5 for the median.

    Returns:
        The interpolated delay; a day where it is a day or longer; None of no replies.
    """
    rank = share * sum(buckets.values())
    passed = 0
    for edge, replies in sorted(buckets.items()):
        if replies and passed + replies >= rank:
            if edge == LONGER:
                return float(DAY_MS)
            below = _BELOW[edge]
            return below + (edge - below) * (rank - passed) / replies
        passed += replies
    return None
