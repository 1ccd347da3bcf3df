"""Labels that are probably wrong: confident learning, by cleanlab."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues

from model.prediction import Floats
from training.check import place
from training.heads import Codes, Doubles
from training.suggest.unseen import Unseen

NEIGHBOURS = 5
FILTER = "low_self_confidence"
"""Of cleanlab's ways to choose so many rows as it counts errors: with 5 % of the labels
flipped it found 95 in 100 of them, 39 of 100 named were flipped; its default, which
shares the rows out over the labels, found 82, and 23."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A labelled reply near another: its words, its label, the cosine (-1 to 1)."""

    text: str = field(repr=False)
    intent: str
    similarity: float


@dataclass(frozen=True, slots=True)
class LabelError:
    """A label that is probably wrong.

    Attributes:
        reply_id: of the reply.
        place: where it stands, as "replies.csv:12".
        text: what it says.
        given: its label.
        suggested: the likeliest one.
        given_probability: of the given one (0 to 1), by a model that had not seen it.
        suggested_probability: of the suggested one.
        neighbours: the nearest replies that are not of its family, the nearest first.
    """

    reply_id: str
    place: str
    text: str = field(repr=False)
    given: str
    suggested: str
    given_probability: float
    suggested_probability: float
    neighbours: tuple[Alike, ...]


def suspects(codes: Codes, probabilities: Doubles) -> Codes:
    """Return rows whose label is probably wrong, the most suspicious first.

    Confident learning (Northcutt, Jiang and Chuang 2021): how often each label is
    given to what is another is estimated from out-of-fold probabilities, and so many
    rows are named, those whose given label is least likely.
    """
    found = find_label_issues(
        codes,
        probabilities,
        filter_by=FILTER,
        return_indices_ranked_by="self_confidence",
        n_jobs=1,
    )
    return np.asarray(found, dtype=np.int64)


def label_errors(replies: pd.DataFrame, unseen: Unseen) -> tuple[LabelError, ...]:
    """Return the labels to look at again, the most suspicious first."""
    rows = suspects(unseen.codes, unseen.probabilities)
    near = nearest(unseen.embeddings, unseen.families, rows)
    intents = unseen.intents
    told = []
    for row, others in zip(rows.tolist(), near, strict=True):
        reply, chances = replies.iloc[row], unseen.probabilities[row]
        suggested = int(chances.argmax())
        told.append(
            LabelError(
                reply_id=reply["id"],
                place=place(reply),
                text=reply["text"],
                given=reply["intent"],
                suggested=intents[suggested],
                given_probability=float(chances[unseen.codes[row]]),
                suggested_probability=float(chances[suggested]),
                neighbours=tuple(
                    Alike(replies["text"].iloc[n], intents[unseen.codes[n]], cosine)
                    for n, cosine in others
                ),
            )
        )
    return tuple(told)


def nearest(
    embeddings: Floats, families: Codes, rows: Codes, most: int = NEIGHBOURS
) -> Sequence[Sequence[tuple[int, float]]]:
    """Return the nearest rows of other families to each of `rows`, with the cosine."""
    found = []
    for row in rows.tolist():
        likeness = embeddings @ embeddings[row]
        likeness[families == families[row]] = -2
        order = np.argsort(-likeness, kind="stable")[:most]
        found.append([(int(n), float(likeness[n])) for n in order if likeness[n] >= -1])
    return found
