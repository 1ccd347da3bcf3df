"""How far two samples are apart, beside what chance alone does to samples like them.

Each statistic is held against its permutation distribution: the replies of both samples
are shuffled, and drawn again into two samples of the same sizes.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.prediction import Floats

Doubles = NDArray[np.float64]

SHUFFLES = 199
"""Shuffles of each test: the smallest p-value is 0.005."""

MOST = 800
"""Vectors of each sample that are compared: the cost grows by the square."""


@dataclass(frozen=True, slots=True)
class Apart:
    """How far two samples are apart.

    Attributes:
        distance: the statistic, 0 where the samples are alike.
        ratio: the distance by its mean over the shuffles; about 1 by chance alone.
        p: share of shuffles that are as far apart, or further (0 to 1).
    """

    distance: float
    ratio: float
    p: float


def shares_apart(
    now: Sequence[Hashable], before: Sequence[Hashable], draw: np.random.Generator
) -> Apart:
    """Compare shares of labels by G, twice the log-likelihood ratio of the 2 x k table.

    The distance is G by the number of labels (Sokal and Rohlf 1995).
    """
    labels = {
        label: place for place, label in enumerate(dict.fromkeys((*now, *before)))
    }
    counts = np.array([_counts(now, labels), _counts(before, labels)])
    pooled = counts.sum(axis=0)
    shuffled = draw.multivariate_hypergeometric(pooled, len(now), SHUFFLES)
    found = _g(np.concatenate([counts[:1], shuffled]), pooled)
    return _beside(found[0], found[1:])


def values_apart(now: Floats, before: Floats, draw: np.random.Generator) -> Apart:
    """Compare numbers by Kolmogorov and Smirnov: the greatest gap of the two shares."""
    pooled = np.concatenate([now, before])
    order = np.argsort(pooled, kind="stable")
    # A gap counts only behind the last of equal numbers.
    ends = np.append(np.diff(pooled[order]) > 0, True)
    of_now = np.zeros((SHUFFLES + 1, len(pooled)))
    of_now[:, : len(now)] = 1
    of_now[1:] = draw.permuted(of_now[1:], axis=1)
    passed = np.cumsum(of_now[:, order], axis=1)[:, ends]
    everyone = np.flatnonzero(ends) + 1
    gaps = passed / len(now) - (everyone - passed) / len(before)
    found = np.abs(gaps).max(axis=1)
    return _beside(found[0], found[1:])


def vectors_apart(now: Floats, before: Floats, draw: np.random.Generator) -> Apart:
    """Compare vectors by energy distance (Szekely and Rizzo 2004), of `MOST` each.

    It is 0 only where the distributions are the same, in any number of dimensions.
    """
    samples = [_some(vectors, draw) for vectors in (now, before)]
    pooled = np.concatenate(samples).astype(np.float32)
    between = _distances(pooled)
    n, m = map(len, samples)
    of_now = np.zeros((SHUFFLES + 1, n + m), dtype=np.float32)
    of_now[:, :n] = 1
    of_now[1:] = draw.permuted(of_now[1:], axis=1)
    to_now = of_now @ between
    within_now = (to_now * of_now).sum(axis=1)
    across = to_now.sum(axis=1) - within_now
    within_before = between.sum() - within_now - 2 * across
    found = (2 * across / (n * m) - within_now / n**2 - within_before / m**2).astype(
        np.float64
    )
    return _beside(found[0], found[1:])


def _beside(found: float, shuffled: Doubles) -> Apart:
    usual = float(shuffled.mean())
    further = int((shuffled >= found).sum())
    return Apart(
        distance=float(found),
        ratio=float(found) / usual if usual > 0 else 1.0,
        p=(1 + further) / (1 + len(shuffled)),
    )


def _counts(
    sample: Sequence[Hashable], labels: dict[Hashable, int]
) -> NDArray[np.int64]:
    return np.bincount([labels[one] for one in sample], minlength=len(labels))


def _g(now: NDArray[np.int64], pooled: NDArray[np.int64]) -> Doubles:
    """Return G by the number of labels, for each row of counts."""
    total, size = pooled.sum(), now.sum(axis=1, keepdims=True)
    sides = ((now, size), (pooled - now, total - size))
    told = np.zeros(len(now))
    for counts, of in sides:
        expected = pooled * (of / total)
        logs = np.log(np.maximum(counts, 1) / np.maximum(expected, _NOTHING))
        told += 2 * (counts * logs).sum(axis=1)
    return told / max(len(pooled) - 1, 1)


_NOTHING = 1e-12


def _some(vectors: Floats, draw: np.random.Generator) -> Floats:
    if len(vectors) <= MOST:
        return vectors
    return vectors[draw.choice(len(vectors), MOST, replace=False)]


def _distances(vectors: Floats) -> Floats:
    squares = (vectors**2).sum(axis=1)
    products = squares[:, None] + squares - 2 * (vectors @ vectors.T)
    return np.asarray(np.sqrt(np.maximum(products, 0)), dtype=np.float32)
