"""Which labels (intents, languages) take another share of a day than is usual."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serving.drift.usual import unlike
from serving.shares import Share, share_of

FEWEST_REPLIES = 5
"""A label that had fewer, that day and on its usual days, is not looked at."""

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Moved:
    """A label that took an unusual share of a day.

    Attributes:
        label: an intent or a language; "" for none.
        share: of the day's replies, with its interval.
        usual: its mean share on the days before (0 to 1).
        p: that a usual day is as unlike, corrected for the number of labels.
    """

    label: str
    share: Share
    usual: float
    p: float


def moved(now: Counts, before: Sequence[Counts]) -> list[Moved]:
    """Return every label that is looked at, the least usual first.

    Shares are compared as angles, arcsin of the square root, whose spread by chance
    does not depend on the share (Anscombe 1948).

    Args:
        now: how many replies of the day have each label.
        before: likewise of the usual days, at least two.
    """
    totals = Counter(now)
    for counts in before:
        totals.update(counts)
    mean = len(before) + 1
    looked = [name for name, n in totals.items() if n >= FEWEST_REPLIES * mean / 2]
    looked += [
        name for name, n in now.items() if n >= FEWEST_REPLIES and name not in looked
    ]
    found = [_moved(label, now, before, len(looked)) for label in sorted(looked)]
    return sorted(found, key=lambda one: one.p)


def _moved(label: str, now: Counts, before: Sequence[Counts], looked: int) -> Moved:
    size = sum(now.values())
    usual = [_angle(counts, label) for counts in before]
    least = 1 / (2 * math.sqrt(max(size, 1)))
    angle = _angle(now, label)
    more = unlike(angle, usual, least=least)
    less = unlike(-angle, [-one for one in usual], least=least)
    return Moved(
        label=label,
        share=share_of(now.get(label, 0), size),
        usual=sum(_share(counts, label) for counts in before) / len(before),
        p=min(1.0, 2 * min(more, less) * looked),
    )


def _share(counts: Counts, label: str) -> float:
    return counts.get(label, 0) / max(sum(counts.values()), 1)


def _angle(counts: Counts, label: str) -> float:
    share = (counts.get(label, 0) + 3 / 8) / (sum(counts.values()) + 3 / 4)
    return math.asin(math.sqrt(min(share, 1.0)))
