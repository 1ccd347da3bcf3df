"""What is usual from day to day, and whether a day is not.

Days differ by more than chance: weekdays, campaigns, weather. So a day is held against
the days before it, not against what sampling would give: a number that has been about
the same on m days lies, on another such day, within what Student's t foresees.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

FEWEST = 10
"""Days that must be known before a day can be called unusual."""

_STEPS = 4000


def unlike(value: float, before: Sequence[float], *, least: float = 0.0) -> float:
    """Return how likely a number is to lie as high or higher on a usual day (0 to 1).

    The upper tail of the prediction of one more value from `before`, by Student's t.

    Args:
        value: of the day.
        before: of at least two days before it.
        least: spread (standard deviation) that a day has by chance alone.
    """
    days = len(before)
    spread = max(float(np.std(before, ddof=1)), least)
    apart = value - float(np.mean(before))
    if spread == 0:
        return 1.0 if apart <= 0 else 0.0
    return t_tail(apart / (spread * math.sqrt(1 + 1 / days)), days - 1)


def t_tail(t: float, freedom: int) -> float:
    """Return the upper tail of Student's t.

    By its angle: tan(a) = t / sqrt(freedom), whose density goes with cos(a) to the
    power of freedom - 1.
    """
    angle = math.atan(t / math.sqrt(freedom))
    return _cosine(angle, freedom) / _cosine(-math.pi / 2, freedom)


def _cosine(angle: float, freedom: int) -> float:
    angles = np.linspace(angle, math.pi / 2, _STEPS)
    return float(np.trapezoid(np.cos(angles) ** (freedom - 1), angles))


def corrected(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return the p-values corrected for their number (Holm 1979), in the same order."""
    ranked = sorted(p_values, key=p_values.__getitem__)
    told: dict[str, float] = {}
    highest = 0.0
    for rank, name in enumerate(ranked):
        highest = max(highest, min(1.0, p_values[name] * (len(ranked) - rank)))
        told[name] = highest
    return {name: told[name] for name in p_values}
