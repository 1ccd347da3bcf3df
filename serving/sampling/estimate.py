"""Shares of decisions, weighed by how likely each was to be reviewed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serving.sampling.interval import Moments, effective_size, interval

Bools = NDArray[np.bool_]
Places = NDArray[np.int64]
Doubles = NDArray[np.float64]

ENOUGH = 30
"""Effective reviews from which a share is shown (Parker et al. 2017, the standard of
the US National Center for Health Statistics for proportions)."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """Reviewed decisions in their cells.

    Attributes:
        cell: the place of each one's cell (n).
        decisions: how many decisions each cell has (c).
        reviewed: how many of them are reviewed (c), all above 0.
    """

    cell: Places
    decisions: Doubles
    reviewed: Doubles

    @classmethod
    def of(cls, cell: Places, decisions: Sequence[int]) -> "Weighing":
        """Count the reviewed ones of each cell."""
        reviewed = np.bincount(cell, minlength=len(decisions)).astype(float)
        return cls(cell, np.asarray(decisions, dtype=float), reviewed)

    @property
    def weight(self) -> Doubles:
        """How many decisions each review stands for (n)."""
        return (self.decisions / self.reviewed)[self.cell]

    @property
    def unseen(self) -> Doubles:
        """The share of each cell that nobody reviewed (c): what is seen is sure."""
        return 1 - self.reviewed / self.decisions


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its interval.

    Attributes:
        share: of the decisions that are meant, 0 to 1.
        low: lower end of the interval at 95 %.
        high: its upper end.
        effective: of how many reviews drawn one by one it would be as sure; infinity
            where all were reviewed.
        reviewed: reviews of the decisions that are meant.
        events: how many of those are counted by the share.
        decisions: how many decisions are meant, estimated.
    """

    share: float
    low: float
    high: float
    effective: float
    reviewed: int
    events: int
    decisions: float

    @property
    def enough(self) -> bool:
        """Whether there are reviews enough to show it."""
        return self.effective >= ENOUGH


def estimate(weighing: Weighing, meant: Bools, counted: Bools) -> Estimate | None:
    """Estimate which share of the decisions that are meant is counted.

    None where none that is meant was reviewed.

    Args:
        weighing: the reviewed decisions.
        meant: which of them the share is about (n).
        counted: which of those it counts (n); others are left out.
    """
    moments = moments_of(weighing, meant, counted)
    if moments is None:
        return None
    low, high = interval(moments)
    return Estimate(
        share=moments.share,
        low=low,
        high=high,
        effective=effective_size(moments),
        reviewed=moments.seen,
        events=moments.events,
        decisions=float(weighing.weight[meant].sum()),
    )


def moments_of(weighing: Weighing, meant: Bools, counted: Bools) -> Moments | None:
    """Return what is known of a share; the arguments are those of `estimate`.

    The ratio of two weighted sums (Hájek 1971), its variance by linearisation within
    cells (Särndal, Swensson and Wretman 1992, sections 5.6 and 5.8), with the
    correction for finite populations.
    """
    counted = counted & meant
    seen = int(meant.sum())
    if not seen:
        return None
    weight = weighing.weight
    total = float(weight[meant].sum())
    share = float(weight[counted].sum()) / total
    residual = np.where(meant, counted - share, 0.0)
    unseen = weighing.unseen[weighing.cell]
    return Moments(
        share=share,
        variance=variance(weighing, residual) / total**2,
        seen=seen,
        events=int(counted.sum()),
        one_variance=float((weight[meant] ** 2 * unseen[meant]).mean()) / total**2,
    )


def variance(weighing: Weighing, values: Doubles) -> float:
    """Return the variance of the weighted sum of `values` (n), by design."""
    cells = len(weighing.decisions)
    n = weighing.reviewed
    total = np.bincount(weighing.cell, values, cells)
    squares = np.bincount(weighing.cell, values**2, cells)
    # Of a cell with one review nothing is known: the whole square stands for it.
    spread = np.where(n > 1, squares - total**2 / n, squares) / np.maximum(n - 1, 1)
    of_cell = weighing.decisions**2 * weighing.unseen * np.maximum(spread, 0.0) / n
    return float(of_cell.sum())
