"""Replies as points: each intent a direction of its own, with a little noise."""

import numpy as np
import pandas as pd
from scipy.special import softmax

from model.prediction import Floats
from training.heads import Codes
from training.suggest.unseen import Unseen

INTENTS = ("order_status", "other", "refund", "store_info")
DIM = 8


def points(codes: Codes, noise: float = 0.1, seed: int = 1) -> Floats:
    """Return a point of length 1 near the axis of each code (n x 8)."""
    rng = np.random.default_rng(seed)
    rows = np.eye(DIM)[codes] + noise * rng.normal(size=(len(codes), DIM))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / lengths, dtype=np.float32)


def frame(codes: Codes) -> pd.DataFrame:
    """Return labelled replies with a text each."""
    numbers = np.arange(len(codes))
    return pd.DataFrame(
        {
            "id": [f"r{n}" for n in numbers],
            "text": [f"{INTENTS[c]} number {n}" for n, c in enumerate(codes)],
            "intent": [INTENTS[c] for c in codes],
            "file": "replies.csv",
            "row": numbers + 1,
        }
    )


def unseen(
    codes: Codes, truth: Codes | None = None, recent: Floats | None = None
) -> Unseen:
    """Return what a good model says of replies with these labels.

    Args:
        codes: the labels that were given.
        truth: what the replies are; the labels where left out.
        recent: points of recent texts.
    """
    embeddings = points(codes if truth is None else truth)
    others = np.zeros((0, DIM), np.float32) if recent is None else recent
    count = len(INTENTS)
    return Unseen(
        intents=INTENTS,
        codes=codes,
        families=np.arange(len(codes)),
        embeddings=embeddings,
        probabilities=softmax(8.0 * embeddings[:, :count].astype(float), axis=1),
        recent=others,
        recent_probabilities=softmax(8.0 * others[:, :count].astype(float), axis=1),
    )


def texts(words: list[str], counts: list[int] | None = None) -> pd.DataFrame:
    """Return recent texts."""
    return pd.DataFrame(
        {
            "id": [f"t{n}" for n in range(len(words))],
            "text": words,
            "count": counts or [1] * len(words),
            "language": "en",
            "group": "",
        }
    )
