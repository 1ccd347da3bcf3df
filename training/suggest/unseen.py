"""What models say of labelled replies that they have not seen, and of recent ones."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import softmax

from model.prediction import Floats
from training.cache import embed_cached
from training.heads import (
    Codes,
    Doubles,
    fit_head,
    hold_out,
    out_of_fold_logits,
    temperature_of,
)
from training.held_out import HeldOut, keys_of
from training.near import families, near_duplicates
from training.progress import Steps
from training.sources import EncoderSource

SEED = 7
_LEAST = 1e-6
"""No label is impossible: a probability of 0 would make it so."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """Labelled replies (n) and recent texts (m), read for K intents.

    Attributes:
        intents: labels by code.
        codes: the labels that the replies were given (n).
        families: replies of one family are alike (n).
        embeddings: of the replies (n x dim, rows of length 1).
        probabilities: of each intent, by a model that had not seen the reply (n x K).
        recent: embeddings of the recent texts (m x dim).
        recent_probabilities: of each intent (m x K).
    """

    intents: tuple[str, ...]
    codes: Codes
    families: Codes
    embeddings: Floats
    probabilities: Doubles
    recent: Floats
    recent_probabilities: Doubles


def read_unseen(
    replies: pd.DataFrame,
    recent: pd.DataFrame,
    source: EncoderSource,
    known: HeldOut | None,
    cache: Path,
    steps: Steps,
) -> Unseen:
    """Embed everything, and hold the labelled replies out in turn.

    Args:
        replies: as `read_replies` gives them.
        recent: as `read_recent` gives them; may be empty.
        source: embeds.
        known: predictions that the source's encoder made before it was tuned on a
            reply; None for a general encoder, which has seen none.
        cache: folder of embeddings.
        steps: is told what happens.
    """
    texts = replies["text"].tolist()
    names = tuple(sorted(replies["intent"].unique()))
    codes = np.asarray(pd.Categorical(replies["intent"], categories=names).codes)
    codes = codes.astype(np.int64)
    everything = [*texts, *recent["text"]]
    with steps.step("Embedding replies", len(everything)) as progress:
        every = embed_cached(source, everything, cache, progress)
    embeddings, others = np.split(every, [len(texts)])
    with steps.step("Joining near-duplicates"):
        alike = families(replies["group"].tolist(), near_duplicates(texts))
        joined = np.array(alike, dtype=np.int64)
    with steps.step("Holding replies out in turn"):
        probabilities, warmth = _held_out(embeddings, codes, joined, len(names))
        if known is not None:
            probabilities = remembered(probabilities, names, texts, known)
        head = fit_head(embeddings, codes, len(names)).cooled(warmth)
    logits = head.logits(others) if len(others) else np.zeros((0, len(names)))
    return Unseen(
        names, codes, joined, embeddings, probabilities, others, softmax(logits, axis=1)
    )


def _held_out(
    embeddings: Floats, codes: Codes, joined: Codes, labels: int
) -> tuple[Doubles, float]:
    scored = np.ones(len(codes), dtype=bool)
    folds = hold_out(embeddings, codes, joined, labels, scored=scored, seed=SEED)
    logits = out_of_fold_logits(embeddings, folds)
    warmth = temperature_of(logits, codes)
    return softmax(logits / warmth, axis=1), warmth


def remembered(
    probabilities: Doubles, names: tuple[str, ...], texts: list[str], known: HeldOut
) -> Doubles:
    """Return probabilities that honour what was said before the encoder was tuned.

    A tuned encoder has learned the given labels by heart, wrong ones too; heads that
    are fitted without a reply still see them in its embedding. So the intent that was
    predicted without it keeps the confidence it had; only what is left is shared out
    as the heads say.
    """
    place = {key: row for row, key in enumerate(known.key.tolist())}
    result = probabilities.copy()
    for row, key in enumerate(keys_of(texts).tolist()):
        before = place.get(key)
        if before is None or known.intents[known.predicted[before]] not in names:
            continue
        chosen = names.index(known.intents[known.predicted[before]])
        sure = float(np.clip(known.confidence[before], _LEAST, 1 - _LEAST))
        rest = result[row].copy() + _LEAST
        rest[chosen] = 0
        result[row] = rest / rest.sum() * (1 - sure)
        result[row, chosen] = sure
    return result
