"""What to label next: unsure, unlike anything known, and common."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from model.prediction import Floats
from training.heads import Doubles
from training.suggest.unseen import Unseen

_SLICE = 1024


@dataclass(frozen=True, slots=True)
class ToLabel:
    """A text worth a label.

    Attributes:
        reply_id: its id in the file.
        text: what it says.
        intent: the likeliest one.
        confidence: its probability (0 to 1).
        novelty: how far the nearest labelled reply is (1 - cosine, 0 to 2).
        count: how often the text came.
        language: ISO 639-1, "" where it could not be told.
        group: of the file.
    """

    reply_id: str
    text: str = field(repr=False)
    intent: str
    confidence: float
    novelty: float
    count: int
    language: str
    group: str


def to_label(recent: pd.DataFrame, unseen: Unseen, most: int) -> tuple[ToLabel, ...]:
    """Return up to `most` texts, the most worthwhile first."""
    far = distances(unseen.recent, unseen.embeddings)
    sure = unseen.recent_probabilities.max(axis=1, initial=0)
    counts = recent["count"].to_numpy(dtype=np.float64)
    rows = choose(unseen.recent, worth(sure, counts), far, most)
    told = unseen.recent_probabilities.argmax(axis=1) if len(recent) else []
    return tuple(
        ToLabel(
            reply_id=recent["id"].iloc[row],
            text=recent["text"].iloc[row],
            intent=unseen.intents[told[row]],
            confidence=float(sure[row]),
            novelty=float(far[row]),
            count=int(counts[row]),
            language=recent["language"].iloc[row],
            group=recent["group"].iloc[row],
        )
        for row in rows
    )


def worth(confidence: Doubles, counts: Doubles) -> Doubles:
    """Return what a label is worth: doubt, times how often it would help.

    The logarithm keeps one text that everybody sends from filling the list with its
    neighbours.
    """
    return np.asarray((1 - confidence) * np.log2(1 + counts))


def choose(embeddings: Floats, weights: Doubles, far: Doubles, most: int) -> list[int]:
    """Return rows, each the one whose weight times distance to all before is largest.

    Weighted farthest-first traversal: the greedy choice for the k-center problem
    (Gonzalez 1985), which Sener and Savarese (2018) label by, with the labelled
    replies as its first centres and the distance weighed by what a label is worth.

    Args:
        embeddings: of the candidates (m x dim, rows of length 1).
        weights: what a label of each is worth, not negative (m).
        far: distance of each to the nearest labelled reply (m).
        most: how many are chosen at most.
    """
    left = far.astype(np.float64).copy()
    chosen: list[int] = []
    while len(chosen) < min(most, len(weights)):
        row = int((weights * left).argmax())
        if weights[row] * left[row] <= 0:
            break
        chosen.append(row)
        left = np.minimum(left, 1 - embeddings @ embeddings[row])
        left[row] = 0
    return chosen


def distances(embeddings: Floats, known: Floats) -> Doubles:
    """Return 1 - cosine of each row to the nearest known one; 1 where none is known."""
    if not len(known):
        return np.ones(len(embeddings))
    parts = [
        (embeddings[start : start + _SLICE] @ known.T).max(axis=1)
        for start in range(0, len(embeddings), _SLICE)
    ]
    near = np.concatenate(parts) if parts else np.zeros(0)
    return np.maximum(1 - near.astype(np.float64), 0)
