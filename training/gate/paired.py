"""Paired tests: does a bundle do worse than another on the same replies?

Both bundles read the same replies, so what counts is where they differ. If the two were
equally good, each difference might as well have fallen the other way round; the share
of all those ways that are at least as bad as what was seen is its chance by noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Ints = NDArray[np.int64]
Doubles = NDArray[np.float64]

EXACT = 1000
"""Families that differ, up to which every way is counted."""


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely a loss is by noise alone.

    Attributes:
        value: the one-sided chance of a loss as large as this one (0 to 1).
        least: what it would be if every difference were a loss: with few differences
            nothing can be shown.
    """

    value: float
    least: float


def chance_of(losses: Ints, groups: Ints, share: float = 0.5) -> Chance:
    """Return the chance that noise gives the candidate losses like these.

    The exact test of McNemar (1947) with its mid-p value (Fagerland, Lydersen and Laake
    2013), of families instead of single replies: replies of one family are alike, so
    they change sides together. It is Fisher's (1935) permutation test of the sums by
    family. Past `EXACT` families that differ the sum is taken for normal.

    Args:
        losses: of each reply, how much worse the candidate did than the champion,
            negative where it did better (N).
        groups: the family of each reply (N).
        share: of the differences that noise makes, how many are losses (0 to 1); a half
            where both bundles had the same to do.
    """
    moved = np.bincount(groups, weights=losses).astype(np.int64)
    moved = moved[moved != 0]
    size = np.abs(moved)
    if not len(moved):
        return Chance(1.0, 1.0)
    if len(moved) > EXACT:
        mean = (2 * share - 1) * float(size.sum())
        spread = 2 * sqrt(share * (1 - share) * float((size**2).sum()))
        told = ((mean - float(each.sum())) / spread for each in (moved, size))
        return Chance(*(float(ndtr(each)) for each in told))
    won = int(size[moved < 0].sum())
    return Chance(_mid_p(size, won, share), share ** len(size) / 2)


def refused(chances: Sequence[Chance], doubt: float) -> tuple[list[float], list[bool]]:
    """Return every test's adjusted chance, and whether it shows a loss.

    Holm's (1979) procedure over the tests that could show one at all (Tarone 1990:
    which those are depends on how much differs, not on which way), so that of equally
    good bundles at most the share `doubt` is refused, however many tests there are. A
    test that could not gets 1.
    """
    least = np.array([chance.least for chance in chances])
    tests = np.flatnonzero(least <= doubt / _tarone(least, doubt))
    adjusted = [1.0] * len(chances)
    worst = 0.0
    ordered = sorted(tests.tolist(), key=lambda test: chances[test].value)
    for done, test in enumerate(ordered):
        worst = max(worst, min(1.0, (len(ordered) - done) * chances[test].value))
        adjusted[test] = worst
    return adjusted, [chance <= doubt for chance in adjusted]


def _tarone(least: Doubles, doubt: float) -> int:
    """Return the smallest number that at most so many tests can be divided by."""
    return next(
        count
        for count in range(1, len(least) + 2)
        if (least <= doubt / count).sum() <= count
    )


def _mid_p(size: Ints, won: int, share: float) -> float:
    """Return how often wins add up to less than `won`, and half of how often to it."""
    ways = np.zeros(won + 1)
    ways[0] = 1.0
    for each in size.tolist():
        moved = np.zeros_like(ways)
        if each <= won:
            moved[each:] = ways[: won + 1 - each]
        ways = share * ways + (1 - share) * moved
    return float(ways[:won].sum() + ways[won] / 2)
