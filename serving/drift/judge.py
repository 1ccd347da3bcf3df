"""A day's replies held against what is usual. Pure.

What is said of a day is corrected twice: for the number of measures (Holm), and, within
a measure, for the number of labels, words or places that were looked at.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from serving.drift.accuracy import Accuracy, estimated
from serving.drift.apart import Apart, shares_apart, values_apart, vectors_apart
from serving.drift.draw import Reply
from serving.drift.drift_day import TRAFFIC, TRAINING, DriftDay, Measure
from serving.drift.moved import Moved, moved
from serving.drift.new_groups import new_groups
from serving.drift.new_words import new_words
from serving.drift.sample import Sample
from serving.drift.usual import FEWEST, corrected, unlike

INTENTS, LANGUAGES, CONFIDENCE, MEANING = (
    "intents",
    "languages",
    "confidence",
    "meaning",
)

UNUSUAL = 0.01
"""The highest corrected p-value of a day that is called unusual in a measure."""

FEWEST_REPLIES = 50
"""A day of which fewer were read says nothing about its measures."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a day is held against.

    Attributes:
        before: replies of the days before; empty where there are none yet.
        days: how many days those are.
        labelled: the replies that the bundle was made from; None where it has none.
        history: days before, read by the same bundle and held against traffic too.
        calibration_error: of the bundle's confidence on held-out replies.
    """

    before: Sample
    days: int
    labelled: Sample | None
    history: Sequence[DriftDay]
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Today:
    """The day that is judged.

    Attributes:
        day: which, in UTC.
        bundle: id of the bundle that reads.
        replies: how many the day had.
        recorded: those that were drawn, as they are on record.
        sample: the same ones as the bundle reads them.
        kept: ids that stand for the day later.
    """

    day: date
    bundle: str
    replies: int
    recorded: Sequence[Reply]
    sample: Sample
    kept: tuple[str, ...]


def judge(today: Today, known: Known) -> DriftDay:
    """Return what the day's replies were like; the same inputs give the same."""
    now = today.sample
    # The day is the seed: whoever computes it again finds the same.
    draw = np.random.default_rng(today.day.toordinal())
    traffic = bool(len(known.before))
    before = known.before if traffic else known.labelled
    intents, languages = (
        Counter(now.intents),
        Counter(one or "" for one in now.languages),
    )
    told = DriftDay(
        day=today.day,
        bundle=today.bundle,
        replies=today.replies,
        looked_at=len(now),
        reference=TRAFFIC if traffic else TRAINING,
        reference_days=known.days,
        reference_replies=0 if before is None else len(before),
        known_days=len(known.history),
        measures=(),
        moved_intents=(),
        moved_languages=(),
        words=(),
        groups=(),
        accuracy=_accuracy(today, known, answered=False),
        accuracy_answered=_accuracy(today, known, answered=True),
        from_training=_from_training(now, known.labelled, draw),
        confidence=_mean_confidence(now),
        confidence_before=_mean_confidence(known.before),
        intents=dict(intents.most_common()),
        languages=dict(languages.most_common()),
        kept=today.kept,
    )
    if before is None or now.read.sum() < FEWEST_REPLIES:
        return told
    apart = _apart(now, before, draw, traffic=traffic)
    learning = len(known.history) < FEWEST
    moves = {} if learning else _moves(told, known.history)
    return replace(
        told,
        measures=_measures(apart, moves, None if learning else known.history),
        moved_intents=_unusual(moves.get(INTENTS, [])),
        moved_languages=_unusual(moves.get(LANGUAGES, [])),
        words=new_words(now, before),
        groups=new_groups(now, before, known.labelled),
    )


def _apart(
    now: Sample, before: Sample, draw: np.random.Generator, *, traffic: bool
) -> dict[str, Apart]:
    found = {
        INTENTS: shares_apart(now.intents, before.intents, draw),
        LANGUAGES: shares_apart(now.languages, before.languages, draw),
    }
    if traffic:  # Labelled replies were fitted on: their confidence says nothing.
        found[CONFIDENCE] = values_apart(
            now.confidence[now.read], before.confidence[before.read], draw
        )
    meaning = vectors_apart(now.vectors[now.read], before.vectors[before.read], draw)
    return {**found, MEANING: meaning}


def _moves(told: DriftDay, history: Sequence[DriftDay]) -> dict[str, list[Moved]]:
    return {
        INTENTS: moved(told.intents, [day.intents for day in history]),
        LANGUAGES: moved(told.languages, [day.languages for day in history]),
    }


def _measures(
    apart: dict[str, Apart],
    moves: dict[str, list[Moved]],
    history: Sequence[DriftDay] | None,
) -> tuple[Measure, ...]:
    if history is None:
        return tuple(
            Measure(name, one, None, unusual=False) for name, one in apart.items()
        )
    p_values = {
        name: _p(name, one, moves.get(name, []), history) for name, one in apart.items()
    }
    told = corrected(p_values)
    return tuple(
        Measure(name, one, told[name], unusual=told[name] <= UNUSUAL)
        for name, one in apart.items()
    )


def _p(
    name: str, apart: Apart, moves: Sequence[Moved], history: Sequence[DriftDay]
) -> float:
    """Return how likely a usual day is as far apart, as a whole or in one label."""
    before = [m.apart.ratio for day in history if (m := day.measure(name))]
    if len(before) < FEWEST:
        return 1.0
    whole = unlike(_log(apart.ratio), [_log(ratio) for ratio in before])
    if not moves:
        return whole
    return min(1.0, 2 * min(whole, moves[0].p))


def _log(ratio: float) -> float:
    return math.log(max(ratio, _LEAST_RATIO))


_LEAST_RATIO = 0.01


def _unusual(moves: Sequence[Moved]) -> tuple[Moved, ...]:
    return tuple(one for one in moves if one.p <= UNUSUAL)


def _mean_confidence(sample: Sample) -> float:
    return float(sample.confidence[sample.read].mean()) if sample.read.any() else 0.0


def _from_training(
    now: Sample, labelled: Sample | None, draw: np.random.Generator
) -> Apart | None:
    if labelled is None or not now.read.any():
        return None
    return vectors_apart(now.vectors[now.read], labelled.vectors, draw)


def _accuracy(today: Today, known: Known, *, answered: bool) -> Accuracy | None:
    sure = [
        reply.confidence
        for reply in today.recorded
        if (reply.answered if answered else reply.by_model)
    ]
    return estimated(sure, known.calibration_error)
