"""What the classifier says about one reply."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Ranked(NamedTuple):
    """One label with its probability (0 to 1)."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The classifier's answer for one reply.

    Attributes:
        intents: every intent with its calibrated probability, likeliest first.
        confidence: the probability (0 to 1) that the first intent is right, with
            replies from outside the label set counted as wrong. Not a softmax score.
        sentiments: every sentiment with its calibrated probability, likeliest first.
        opt_out: the calibrated probability (0 to 1) that the person asks for the
            messages to stop, whatever else the reply is about.
        clauses: what each clause says by itself, in order; empty for a reply of one
            clause, or one that was not looked into.
    """

    intents: tuple[Ranked, ...]
    confidence: float
    sentiments: tuple[Ranked, ...]
    opt_out: float = 0.0
    clauses: "tuple[Prediction, ...]" = ()

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return self.intents[0].label

    @property
    def sentiment(self) -> str:
        """The likeliest sentiment."""
        return self.sentiments[0].label

    @property
    def sentiment_confidence(self) -> float:
        """The calibrated probability (0 to 1) of the likeliest sentiment."""
        return self.sentiments[0].probability


def ranked(labels: tuple[str, ...], probabilities: Floats) -> tuple[Ranked, ...]:
    """Pair labels with probabilities, likeliest first, ties in label order."""
    pairs = map(Ranked, labels, probabilities.tolist())
    return tuple(sorted(pairs, key=lambda pair: -pair.probability))
