"""From which confidence a reply may leave after the lower layers.

Judged on replies that neither the lower layers nor the whole encoder had seen, so
that calibration and thresholds rest on what the joined graph will say.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from training.crossfit import Judged
from training.early_exit import DECIDED, SURE_FEELING
from training.fitting import Fitted
from training.heads import Codes
from training.selective import aurc

STEPS = (0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)
"""Confidences that are tried, the one that lets most replies leave first."""
MORE_WRONG = 0.001
"""What leaving may cost: this share of all replies read wrongly."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """From which confidence replies leave, and which of the unseen ones did."""

    leave_at: float
    rows: NDArray[np.bool_]


def where_to_leave(early: Fitted, whole: Fitted, codes: Codes) -> Leaving | None:
    """Return the least confidence that costs next to nothing; None where none does.

    Accuracy may fall by `MORE_WRONG`, the area under the curve of risk against
    coverage may not grow at all.

    Args:
        early: heads of the lower layers, with what they said of unseen replies.
        whole: the same of the whole encoder.
        codes: intents of the replies, negative where untold.
    """
    told = codes >= 0
    ready = _decided(early.unseen)
    right = _right(whole, codes)[told]
    most = aurc(whole.confidence[told], right)
    for step in STEPS:
        rows = ready & (early.confidence >= step)
        both = together(early, whole, rows)
        now = _right(both, codes)[told]
        costs = right.mean() - now.mean() > MORE_WRONG
        if not costs and aurc(both.confidence[told], now) <= most:
            return Leaving(step, rows) if rows.any() else None
    return None


def together(early: Fitted, whole: Fitted, rows: NDArray[np.bool_]) -> Fitted:
    """Return the whole encoder's fit, but for `rows` what the lower layers said."""
    column = rows[:, None]
    unseen = Judged(
        np.where(column, early.unseen.intent, whole.unseen.intent),
        np.where(column, early.unseen.sentiment, whole.unseen.sentiment),
        np.where(column, early.unseen.opt_out, whole.unseen.opt_out),
    )
    confidence = np.where(rows, early.confidence, whole.confidence)
    return replace(whole, unseen=unseen, confidence=confidence)


def _decided(unseen: Judged) -> NDArray[np.bool_]:
    """Return which replies may leave as far as sentiment and opt-out are concerned."""
    feeling = softmax(unseen.sentiment, axis=1).max(1)
    opt_out = softmax(unseen.opt_out, axis=1)[:, 1]
    decided = np.abs(opt_out - 0.5) >= DECIDED - 0.5
    return np.asarray((feeling >= SURE_FEELING) & decided)


def _right(fitted: Fitted, codes: Codes) -> NDArray[np.bool_]:
    return np.asarray(fitted.unseen.intent.argmax(1) == codes)
