"""New groups: many replies of a day mean much the same, and hardly any did before.

Around each reply the replies of like meaning are counted, of today, of the days before
and of the labelled ones (a local two-sample scan). A place is new where today has far
more than both; places that overlap are one group, named by the words that set it apart.
"""

from collections import Counter
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from model.prediction import Floats
from serving.drift.more import tail, times
from serving.drift.new_words import EXAMPLES, FEWEST_PEOPLE, words_of
from serving.drift.sample import Sample

NEAR = 0.7
"""Cosine from which two replies mean much the same."""

DENSER = 6.0
"""A place is new where it is so many times as dense as before, and as in training."""

SURE = 0.01
"""The highest p-value, corrected for the number of places, of a place that is new."""

NAMES = 4
"""Words that name a group."""

FEWEST_TO_NAME = 4
"""A word of fewer replies names nothing: it may be a name."""


@dataclass(frozen=True, slots=True)
class NewGroup:
    """Replies that mean much the same, as none did before.

    Attributes:
        words: that set it apart, the most telling first; of several people each.
        people: how many.
        before: how many of those before come near.
        read_as: the intent that most of them were read as.
        examples: ids of decisions, those at its middle first.
        p: that chance alone makes it, corrected for the number of places.
    """

    words: tuple[str, ...]
    people: int
    before: int
    read_as: str
    examples: tuple[str, ...]
    p: float


@dataclass(frozen=True, slots=True)
class _Place:
    """A reply around which today is dense."""

    row: int
    before: int
    p: float


def new_groups(
    now: Sample, before: Sample, labelled: Sample | None
) -> tuple[NewGroup, ...]:
    """Return the groups that are new, the largest first.

    Args:
        now: the replies of the day.
        before: of the days before.
        labelled: replies that the bundle was made from; None where it has none.
    """
    rows = np.flatnonzero(now.read)
    vectors = now.vectors[rows]
    near: NDArray[np.bool_] = np.asarray(vectors @ vectors.T >= NEAR)
    places = _places(rows, near, now, before, labelled)
    groups = []
    while places:
        middle = min(places, key=lambda place: place.p)
        joined = _joined(middle, places, near)
        members = rows[near[[place.row for place in joined]].any(axis=0)]
        groups.append(_group(middle, int(rows[middle.row]), members, now))
        places = [place for place in places if place not in joined]
    return tuple(sorted(groups, key=lambda group: -group.people))


def _places(
    rows: NDArray[np.int64],
    near: NDArray[np.bool_],
    now: Sample,
    before: Sample,
    labelled: Sample | None,
) -> list[_Place]:
    """Return the places that are new; `rows` are the replies that were read."""
    everyone, then = len(set(now.people)), max(int(before.read.sum()), 1)
    around = _near(now.vectors[rows], before)
    trained = None if labelled is None else _near(now.vectors[rows], labelled)
    found = []
    for row in np.flatnonzero(near.sum(axis=1) >= FEWEST_PEOPLE).tolist():
        people = len({now.people[one] for one in rows[near[row]]})
        counts = (people, int(around[row]), everyone, then)
        dense = times(*counts)
        if labelled is not None and trained is not None:
            known = times(people, int(trained[row]), everyone, len(labelled))
            dense = min(dense, known)
        if people < FEWEST_PEOPLE or dense < DENSER:
            continue
        p = min(1.0, tail(*counts) * len(rows))
        if p <= SURE:
            found.append(_Place(row, counts[1], p))
    return found


def _near(vectors: Floats, sample: Sample) -> NDArray[np.int64]:
    """Return how many replies of a sample are near each vector."""
    parts = [
        (vectors[at : at + _AT_ONCE] @ sample.vectors.T >= NEAR).sum(axis=1)
        for at in range(0, len(vectors), _AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


_AT_ONCE = 256


def _joined(
    middle: _Place, places: list[_Place], near: NDArray[np.bool_]
) -> list[_Place]:
    """Return the places that hang together with `middle`."""
    joined = {middle.row}
    while True:
        reached: NDArray[np.bool_] = np.asarray(near[sorted(joined)].any(axis=0))
        wider = {place.row for place in places if reached[place.row]} | joined
        if wider == joined:
            return [place for place in places if place.row in joined]
        joined = wider


def _group(
    middle: _Place, at: int, members: NDArray[np.int64], now: Sample
) -> NewGroup:
    closeness = now.vectors[members] @ now.vectors[at]
    in_order = members[np.argsort(-closeness, kind="stable")].tolist()
    read_as = Counter(now.intents[one] for one in in_order)
    return NewGroup(
        words=_names(in_order, now),
        people=len({now.people[one] for one in in_order}),
        before=middle.before,
        read_as=read_as.most_common(1)[0][0],
        examples=tuple(now.ids[one] for one in in_order[:EXAMPLES]),
        p=middle.p,
    )


def _names(members: list[int], now: Sample) -> tuple[str, ...]:
    """Return the words that set the members apart from all replies of the day."""
    everywhere = Counter(word for text in now.texts for word in words_of(text))
    inside = Counter(word for one in members for word in words_of(now.texts[one]))
    least = max(FEWEST_TO_NAME, len(members) // 8)
    worth = {
        word: count * log(count / len(members) / (everywhere[word] / len(now)))
        for word, count in inside.items()
        if count >= least
    }
    return tuple(sorted(worth, key=lambda word: (-worth[word], word))[:NAMES])
