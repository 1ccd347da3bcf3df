"""Groups of texts, named by the words that tell them from each other."""

import re
from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

from model.text import folded

_MORE_STOP_WORDS = frozenset(
    (
        "im",
        "dont",
        "ive",
        "id",
        "ur",
        "u",
        "pls",
        "please",
        "hi",
        "hey",
        "thanks",
        "sam",
    )
)
"""What people also write without saying anything, and what stands for a name."""


_WORD = re.compile(r"[^\W\d_]{3,}")


def _words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def telling_words(groups: Sequence[Sequence[str]], most: int) -> list[list[str]]:
    """Return up to `most` words of each group, the most telling first.

    Class-based TF-IDF (Grootendorst 2022): how often a word stands in a group, times
    the logarithm of 1 + words a group / how often it stands anywhere.
    """
    if not groups:
        return []
    stop = sorted(ENGLISH_STOP_WORDS | _MORE_STOP_WORDS)
    counter = CountVectorizer(tokenizer=_words, token_pattern=None, stop_words=stop)
    try:
        counts = counter.fit_transform([" ".join(texts) for texts in groups]).toarray()
    except ValueError:  # No word is left: emoji and stop words alone.
        return [[] for _ in groups]
    names = counter.get_feature_names_out()
    anywhere = counts.sum(axis=0)
    mean = counts.sum() / len(groups)
    weights = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    scores = weights * np.log(1 + mean / anywhere)
    return [
        [str(names[n]) for n in np.argsort(-row, kind="stable")[:most] if row[n] > 0]
        for row in scores
    ]
