"""Replies that say the same in nearly the same letters."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from model.prediction import Floats
from model.text import folded

NEAR = 0.9
"""Cosine of character 3-gram weights from which two replies are near-duplicates.

Below it pairs of the shipped replies differ in what is wanted ("cancel my order",
"cancel my orders plan"); above it they differ in a name or a typo.
"""

_CHUNK = 512
_TELLING = 0.5
"""Share of a row's squared length that its rarest 3-grams hold. With less, more pairs
must be looked at; with more, finding them costs more; at 0.2 it took twice as long."""
_ROUNDING = 1e-4
"""What float32 may lose in a sum."""


def near_duplicates(
    texts: Sequence[str], first: int | None = None
) -> list[tuple[int, int, float]]:
    """Return pairs (i, j, likeness) with i < j and likeness from `NEAR` to 1.

    Texts that fold to nothing (emoji alone) are near only to themselves as written.
    `first` spares time: only pairs whose i is among the first so many are looked for.

    What two rows have in common is at most what they share in the rarest 3-grams of
    one of them, and the length of its others: only pairs that can reach `NEAR` so are
    looked at (prefix filtering: Bayardo, Ma and Srikant 2007).
    """
    keys = [folded(text) or text for text in texts]
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), lowercase=False, dtype=np.float32
    )
    rows = vectorizer.fit_transform(keys)
    rarest, others = _split(rows)
    columns = rows.T.tocsr()
    pairs: list[tuple[int, int, float]] = []
    stop = len(keys) if first is None else first
    for start in range(0, stop, _CHUNK):
        part = slice(start, min(start + _CHUNK, stop))
        shared = (rarest[part] @ columns).tocoo()
        i, j = shared.row + start, shared.col
        can = (i < j) & (shared.data + others[i] >= NEAR - _ROUNDING)
        i, j = i[can], j[can]
        likeness = np.asarray(rows[i].multiply(rows[j]).sum(axis=1)).ravel()
        close = likeness >= NEAR
        found = (i[close], j[close], np.minimum(likeness[close], 1.0))
        pairs += zip(*(values.tolist() for values in found), strict=True)
    return sorted(pairs)


def _split(rows: csr_matrix) -> tuple[csr_matrix, Floats]:
    """Return each row's rarest 3-grams, and how long what is left of it is."""
    often = np.bincount(rows.indices, minlength=rows.shape[1])
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    order = np.lexsort((rows.indices, often[rows.indices], row))
    column, weight = rows.indices[order], rows.data[order].astype(np.float64)
    total = np.concatenate([[0.0], np.cumsum(weight**2)])
    before = total[:-1] - total[rows.indptr[row]]
    kept = before < _TELLING
    shape = rows.shape
    place = (row[kept], column[kept])
    rarest = csr_matrix((weight[kept], place), shape=shape, dtype=np.float32)
    left = np.bincount(row[~kept], weight[~kept] ** 2, minlength=shape[0])
    return rarest, np.sqrt(left).astype(np.float32)


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
