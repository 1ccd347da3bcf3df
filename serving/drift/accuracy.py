"""Accuracy without labels, from the confidence.

The mean of calibrated confidence is an estimate of the share that is right (average
confidence; Guillory et al. 2021, arXiv 2107.03315, and Garg et al. 2022, arXiv
2201.04234, compare it with others). It assumes that the confidence still means what it
meant on the held-out replies: that replies of one confidence are as often right as
then. New kinds of replies may break that: new groups and words are looked for as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from model.manifest import Manifest
from serving.shares import LEVEL


@dataclass(frozen=True, slots=True)
class Accuracy:
    """An estimated share of replies that are understood right.

    Attributes:
        estimate: mean confidence (0 to 1).
        low: the end of the interval: chance at 95 %, and the calibration error.
        high: likewise.
        replies: how many it rests on.
    """

    estimate: float
    low: float
    high: float
    replies: int


def estimated(confidence: Sequence[float], calibration_error: float) -> Accuracy | None:
    """Return the estimate for replies of such confidence; None of no replies.

    Args:
        confidence: of each reply (0 to 1).
        calibration_error: by how much the confidence was off on held-out replies.
    """
    if not confidence:
        return None
    told = np.asarray(confidence, dtype=np.float64)
    estimate, replies = float(told.mean()), len(told)
    # Of a reply drawn at random: how sure, and then whether right.
    chance = float(np.sqrt(estimate * (1 - estimate) / replies))
    reach = NormalDist().inv_cdf((1 + LEVEL) / 2) * chance + calibration_error
    return Accuracy(
        estimate, max(0.0, estimate - reach), min(1.0, estimate + reach), replies
    )


def calibration_error(manifest: Manifest) -> float:
    """Return by how much the bundle's confidence was off; 0 where it does not say."""
    told: Any = manifest.metrics.get("calibration_error")
    return float(told["value"]) if isinstance(told, dict) and "value" in told else 0.0
