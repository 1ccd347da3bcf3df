"""Intents that are mistaken for each other, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from serving.routing.policy import IntentPolicy, Policy
from training.heads import Codes, Doubles
from training.suggest.unseen import Unseen

FEWEST = 5
"""Confusions below which a pair is chance."""
SHARE = 0.02
"""Of the replies of both, from which a pair is named."""
_EXAMPLES = 4


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two intents that are mistaken for each other.

    Attributes:
        one: an intent.
        other: the other one, later in the alphabet.
        read_as_other: replies of `one` that were read as `other`, held out.
        read_as_one: the other way round.
        share: of the replies of both that were mistaken so (0 to 1).
        same_treatment: whether the policy does the same with both.
        advice: what to do.
        examples: mistaken replies with their label, the surest mistakes first.
    """

    one: str
    other: str
    read_as_other: int
    read_as_one: int
    share: float
    same_treatment: bool
    advice: str
    examples: tuple[tuple[str, str], ...] = field(repr=False)


def overlaps(
    replies: pd.DataFrame, unseen: Unseen, policy: Policy
) -> tuple[Overlap, ...]:
    """Return the pairs that overlap, the worst first."""
    confused = confusions(unseen.codes, unseen.probabilities)
    told = []
    for a, b, share in pairs(confused):
        one, other = unseen.intents[a], unseen.intents[b]
        same = _treatment(policy.of(one)) == _treatment(policy.of(other))
        told.append(
            Overlap(
                one=one,
                other=other,
                read_as_other=int(confused[a, b]),
                read_as_one=int(confused[b, a]),
                share=share,
                same_treatment=same,
                advice=_MERGE if same else _BORDER,
                examples=_examples(replies, unseen, (a, b)),
            )
        )
    return tuple(told)


def confusions(codes: Codes, probabilities: Doubles) -> Codes:
    """Return how many replies of each label (row) were read as each (column)."""
    labels = probabilities.shape[1]
    flat = codes * labels + probabilities.argmax(axis=1)
    counted = np.bincount(flat, minlength=labels * labels)
    return counted.reshape(labels, labels).astype(np.int64)


def pairs(confused: Codes) -> list[tuple[int, int, float]]:
    """Return pairs that overlap with the share of their replies, the worst first."""
    totals = confused.sum(axis=1)
    both = confused + confused.T
    found = [
        (a, b, float(both[a, b] / (totals[a] + totals[b])))
        for a in range(len(both))
        for b in range(a + 1, len(both))
        if both[a, b] >= FEWEST
    ]
    wide = [pair for pair in found if pair[2] >= SHARE]
    return sorted(wide, key=lambda pair: -pair[2])


_MERGE = (
    "The policy does the same with both: merge them, unless reports need them apart."
)
_BORDER = (
    "They are handled differently: say in the taxonomy's `not` where the border runs, "
    "and write replies of both side by side."
)


def _treatment(line: IntentPolicy) -> tuple[object, ...]:
    return (line.answer, line.template, line.queue, line.effects, line.role)


def _examples(
    replies: pd.DataFrame, unseen: Unseen, pair: Sequence[int]
) -> tuple[tuple[str, str], ...]:
    read = unseen.probabilities.argmax(axis=1)
    mistaken = np.flatnonzero(
        np.isin(unseen.codes, pair) & np.isin(read, pair) & (read != unseen.codes)
    )
    sure = unseen.probabilities[mistaken].max(axis=1)
    order = mistaken[np.argsort(-sure, kind="stable")][:_EXAMPLES]
    rows = replies.iloc[order]
    return tuple(zip(rows["text"], rows["intent"], strict=True))
