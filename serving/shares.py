"""A share of replies with its interval."""

import math
from dataclasses import dataclass
from statistics import NormalDist

LEVEL = 0.95
"""How often an interval covers the true share."""


@dataclass(frozen=True, slots=True)
class Share:
    """An estimated share and its interval, each 0 to 1."""

    estimate: float
    low: float
    high: float


def share_of(count: int, total: int) -> Share:
    """Return `count` of `total` with the score interval of Wilson (1927) at `LEVEL`.

    Every reply counts as an independent draw. Of no replies nothing is known: 0 to 1.
    """
    if not total:
        return Share(0.0, 0.0, 1.0)
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    p, spread = count / total, z * z / total
    centre = (p + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * math.sqrt((p * (1 - p) + spread / 4) / total)
    return Share(p, max(0.0, centre - reach), min(1.0, centre + reach))
