"""An interval for a weighted share that covers as it says, for rare mistakes too."""

from dataclasses import dataclass
from math import inf, sqrt
from statistics import NormalDist

LEVEL = 0.95
"""How often the interval holds the true share."""

Z = NormalDist().inv_cdf((1 + LEVEL) / 2)

PSEUDO = 2
"""Mistakes, and as many right ones, that are added for the variance alone."""


@dataclass(frozen=True, slots=True)
class Moments:
    """What is known of a weighted share.

    Attributes:
        share: the estimate (0 to 1).
        variance: of the estimate, by design.
        seen: how many were looked at, unweighted; at least 1.
        events: how many of those are counted by the share.
        one_variance: what one more of average weight adds to the variance, were it to
            come up or not at random: the mean over those seen of the squared share of
            the whole that each stands for, without what is known for sure.
    """

    share: float
    variance: float
    seen: int
    events: int
    one_variance: float

    @property
    def others(self) -> int:
        """How many are not counted by the share."""
        return self.seen - self.events


def effective_size(moments: Moments) -> float:
    """Return of how many decisions, drawn one by one, the share would be as sure.

    Korn and Graubard (1998), but with `PSEUDO` mistakes and right ones of average
    weight added to share and variance, as Agresti and Coull (1998) add them: of few
    mistakes a variance cannot be told, and of none at all it would be nought.
    Infinity where all were looked at.
    """
    one = PSEUDO / moments.seen
    share = (moments.share + one) / (1 + 2 * one)
    variance = moments.variance + PSEUDO * moments.one_variance * (
        share**2 + (1 - share) ** 2
    )
    return share * (1 - share) / variance if variance > 0 else inf


def interval(moments: Moments) -> tuple[float, float]:
    """Return the ends of the interval at `LEVEL`: Wilson's, with the effective size."""
    low, high = wilson(moments.share, effective_size(moments))
    # Where none, or all, were counted the end is exact; rounding must not hide it.
    return (low if moments.events else 0.0, high if moments.others else 1.0)


def wilson(share: float, size: float) -> tuple[float, float]:
    """Return the interval of Wilson (1927) for a share seen in `size` draws.

    Of few mistakes it covers nearer to `LEVEL` than exact and Bayesian intervals do
    (Brown, Cai and DasGupta 2001; `docs/sampling.md` has what was tried here).
    """
    if size == inf:
        return share, share
    shrink = 1 + Z**2 / size
    middle = (share + Z**2 / (2 * size)) / shrink
    half = Z / shrink * sqrt(share * (1 - share) / size + Z**2 / (4 * size**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def size_to_tell(share: float, limit: float) -> float:
    """Return the effective size from which the interval leaves `limit` out.

    Were the share to stay as it is; infinity where it lies on the limit.
    """
    gap = abs(share - limit)
    return Z**2 * limit * (1 - limit) / gap**2 if gap > 0 else inf
