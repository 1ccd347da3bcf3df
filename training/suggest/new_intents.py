"""Groups of replies that no intent fits, and that may be one of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import yaml
from sklearn.cluster import AgglomerativeClustering

from model.prediction import Floats
from training.heads import Codes, Doubles
from training.suggest.naming import telling_words
from training.suggest.unseen import Unseen

UNSURE = 0.5
"""Confidence below which no intent fits."""
APART = 0.5
"""Mean distance (1 - cosine) at which two groups are no longer joined."""
SMALLEST = 8
"""Texts of a group; fewer are a coincidence."""
MOST = 5_000
"""Texts that are grouped, the commonest: the distances of all pairs must fit."""
_EXAMPLES = 8
_NEIGHBOURS = 2
_WORDS = 5


@dataclass(frozen=True, slots=True)
class NewIntent:
    """A group of replies that may be an intent of its own.

    Attributes:
        name: from its most telling words; a draft.
        words: those words, the most telling first.
        texts: how many different texts it holds.
        replies: how many replies those were.
        neighbours: the intents that its replies were taken for most often.
        examples: the texts nearest to its middle.
        draft: an entry for `taxonomy.yaml`.
    """

    name: str
    words: tuple[str, ...]
    texts: int
    replies: int
    neighbours: tuple[str, ...]
    examples: tuple[str, ...] = field(repr=False)
    draft: str = field(repr=False)


Embed = Callable[[Sequence[str]], Floats]
"""Texts to rows of length 1."""


def new_intents(
    recent: pd.DataFrame, unseen: Unseen, outside: str | None, embed: Embed
) -> tuple[NewIntent, ...]:
    """Return groups of texts that no intent fits, the commonest first.

    Args:
        recent: the texts.
        unseen: what was read in them.
        outside: the intent of what no other is about; None where there is none.
        embed: by a general encoder: one that was tuned on the known intents lays what
            is new among them.
    """
    rows = strangers(unseen, recent["count"].to_numpy(), outside)
    if len(rows) < SMALLEST:
        return ()
    texts = recent["text"].to_numpy()
    points = embed(texts[rows].tolist())
    groups = grouped(points)
    words = telling_words([texts[rows[group]].tolist() for group in groups], _WORDS)
    found = [
        _described((rows[group], points[group]), own, recent, unseen, outside)
        for group, own in zip(groups, words, strict=True)
    ]
    found.sort(key=lambda group: -group.replies)
    return tuple(_named(found, unseen.intents))


def strangers(unseen: Unseen, counts: Codes, outside: str | None) -> Codes:
    """Return the texts that no intent fits: unsure ones, and those read as outside."""
    sure = unseen.recent_probabilities.max(axis=1, initial=0)
    strange = sure < UNSURE
    if outside in unseen.intents:
        read = unseen.recent_probabilities.argmax(axis=1)
        strange |= read == unseen.intents.index(outside)
    rows = np.flatnonzero(strange)
    if len(rows) > MOST:
        rows = np.sort(rows[np.argsort(-counts[rows], kind="stable")[:MOST]])
    return np.asarray(rows, dtype=np.int64)


def grouped(embeddings: Floats) -> list[Codes]:
    """Return groups of at least `SMALLEST` rows that are near each other.

    Average linkage of cosines, cut at a distance: what is like nothing else stays
    alone, and the number of groups need not be known.
    """
    clustering = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=APART
    )
    labels = clustering.fit_predict(embeddings)
    sizes = np.bincount(labels)
    wide = np.flatnonzero(sizes >= SMALLEST)
    return [np.flatnonzero(labels == label) for label in wide[np.argsort(-sizes[wide])]]


def draft_of(name: str, examples: Sequence[str], neighbours: Sequence[str]) -> str:
    """Return an entry for `taxonomy.yaml`; what it means is for people to say."""
    shown = ", ".join(f"“{text}”" for text in examples[:3])
    entry: dict[str, str] = {"means": f"DRAFT, say what they want: {shown}"}
    if neighbours:
        entry["not"] = ", ".join(neighbours)
    body = {"intents": {name: entry}}
    return yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=88)


def _described(
    group: tuple[Codes, Floats],
    words: Sequence[str],
    recent: pd.DataFrame,
    unseen: Unseen,
    outside: str | None,
) -> NewIntent:
    rows, points = group
    middle = rows[np.argsort(-(points @ points.mean(axis=0)), kind="stable")]
    return NewIntent(
        name="_".join(words[:2]) or "new_intent",
        words=tuple(words),
        texts=len(rows),
        replies=int(recent["count"].to_numpy()[rows].sum()),
        neighbours=_nearby(unseen.recent_probabilities[rows], unseen.intents, outside),
        examples=tuple(recent["text"].to_numpy()[middle[:_EXAMPLES]].tolist()),
        draft="",
    )


def _nearby(
    chances: Doubles, intents: tuple[str, ...], outside: str | None
) -> tuple[str, ...]:
    order = np.argsort(-chances.mean(axis=0), kind="stable")
    named = [intents[code] for code in order if intents[code] != outside]
    return tuple(named[:_NEIGHBOURS])


def _named(found: Sequence[NewIntent], known: Sequence[str]) -> list[NewIntent]:
    """Give each group a name of its own, and its draft."""
    taken = set(known)
    named = []
    for group in found:
        name, number = group.name, 2
        while name in taken:
            name, number = f"{group.name}_{number}", number + 1
        taken.add(name)
        draft = draft_of(name, group.examples, group.neighbours)
        named.append(
            NewIntent(
                name,
                group.words,
                group.texts,
                group.replies,
                group.neighbours,
                group.examples,
                draft,
            )
        )
    return named
