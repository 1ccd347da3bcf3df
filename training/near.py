"""Replies that say the same in nearly the same letters."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from model.text import folded

NEAR = 0.9
"""Cosine of character 3-gram weights from which two replies are near-duplicates.

Below it pairs of the shipped replies differ in what is wanted ("cancel my order",
"cancel my orders plan"); above it they differ in a name or a typo.
"""

_CHUNK = 512


def near_duplicates(
    texts: Sequence[str], first: int | None = None
) -> list[tuple[int, int, float]]:
    """Return pairs (i, j, likeness) with i < j and likeness from `NEAR` to 1.

    Texts that fold to nothing (emoji alone) are near only to themselves as written.
    `first` spares time: only pairs whose i is among the first so many are looked for.
    """
    keys = [folded(text) or text for text in texts]
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), lowercase=False, dtype=np.float32
    )
    rows = vectorizer.fit_transform(keys)
    columns = rows.T.tocsr()
    pairs: list[tuple[int, int, float]] = []
    for start in range(0, len(keys) if first is None else first, _CHUNK):
        likeness = (rows[start : start + _CHUNK] @ columns).tocoo()
        close = likeness.data >= NEAR
        for i, j, value in zip(
            (likeness.row[close] + start).tolist(),
            likeness.col[close].tolist(),
            likeness.data[close].tolist(),
            strict=True,
        ):
            if i < j and (first is None or i < first):
                pairs.append((i, j, min(value, 1.0)))
    return sorted(pairs)


def families(
    groups: Sequence[str], pairs: Sequence[tuple[int, int, float]]
) -> list[int]:
    """Return a family number for each reply: its group, joined by near-duplicates.

    Union-find over groups; replies of one family must not be split.
    """
    parent: dict[str, str] = {group: group for group in groups}

    def root(group: str) -> str:
        while parent[group] != group:
            parent[group] = parent[parent[group]]
            group = parent[group]
        return group

    for i, j, _ in pairs:
        parent[root(groups[j])] = root(groups[i])
    numbers: dict[str, int] = {}
    return [numbers.setdefault(root(group), len(numbers)) for group in groups]
