"""How far two reviewers agree beyond chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serving.sampling.interval import Moments, effective_size, wilson

Places = NDArray[np.int64]
Doubles = NDArray[np.float64]

FEWEST_PAIRS = 100
"""Below it the interval does not cover as it says, where nearly all is right."""

FEWEST_OBJECTIONS = 10
"""Pairs of which somebody found something wrong: agreeing that all is well tells
little."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa with its interval.

    Attributes:
        kappa: 1 where they always agree, 0 where chance would agree as often.
        low: lower end of the interval at 95 %.
        high: its upper end.
        agreed: the weighted share of pairs that agree (0 to 1).
        pairs: decisions that two people reviewed.
        objections: pairs of which at least one found something wrong.
    """

    kappa: float
    low: float
    high: float
    agreed: float
    pairs: int
    objections: int


def kappa_of(
    first: Places, second: Places, weight: Doubles, *, right: int
) -> Kappa | None:
    """Return the kappa of two reviewers (Cohen 1960), pairs weighed by the design.

    1 - kappa is the share of disagreement in units of what chance would bring. Its
    variance is linearised (Fleiss, Cohen and Everitt 1969, as by influence values for
    weighted pairs), its interval Wilson's, with the effective size of `interval.py`:
    Wald's covers 70 to 90 % where nearly all is right. None with fewer than
    `FEWEST_PAIRS` pairs or `FEWEST_OBJECTIONS` objections.

    Args:
        first: verdict codes of one review of each pair (n).
        second: those of the other (n).
        weight: how many decisions each pair stands for (n).
        right: the code that finds nothing wrong.
    """
    pairs = len(first)
    objections = int(((first != right) | (second != right)).sum())
    if pairs < FEWEST_PAIRS or objections < FEWEST_OBJECTIONS:
        return None
    part = weight / weight.sum()
    codes = int(max(first.max(), second.max())) + 1
    rows = np.bincount(first, part, codes)
    columns = np.bincount(second, part, codes)
    differ = first != second
    apart = float(part[differ].sum())
    chance = float(rows @ columns)
    # One pair's influence on disagreement over disagreement by chance.
    by_chance = columns[first] + rows[second] - 2 * chance
    influence = (differ - apart) + by_chance * apart / (1 - chance)
    moments = Moments(
        share=apart,
        variance=float((part**2 * influence**2).sum()) * pairs / (pairs - 1),
        seen=pairs,
        events=int(differ.sum()),
        one_variance=float((part**2).mean()),
    )
    least, most = wilson(moments.share, effective_size(moments))
    return Kappa(
        kappa=1 - apart / (1 - chance),
        low=1 - most / (1 - chance),
        high=1 - least / (1 - chance),
        agreed=1 - apart,
        pairs=pairs,
        objections=objections,
    )
