"""Replies made up: each intent has its words, and its place among the vectors."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from model.prediction import Floats
from serving.drift.days import comparable
from serving.drift.drift_day import DriftDay
from serving.drift.judge import Known, Today, judge
from serving.drift.sample import Sample

INTENTS = tuple(f"intent_{n}" for n in range(8))
NEW = "new"
WORDS = {
    intent: [f"{chr(97 + n)}word{chr(97 + m)}" for m in range(12)]
    for n, intent in enumerate((*INTENTS, NEW))
}
WIDTH = 16
BEGAN = date(2026, 11, 2)


def chance(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def place_of(intent: str) -> Floats:
    """Return where an intent's replies lie."""
    place = np.zeros(WIDTH, dtype=np.float32)
    place[[*INTENTS, NEW].index(intent)] = 1
    return place


def replies(
    intents: Sequence[str],
    draw: np.random.Generator,
    *,
    sure: float = 0.9,
    language: str = "en",
    people: str = "p",
) -> Sample:
    """Return a reply of each intent, each by another person."""
    places = np.stack([place_of(intent) for intent in intents])
    vectors = places + draw.normal(0, 0.12, places.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    numbers = range(len(intents))
    return Sample(
        ids=tuple(f"{people}{number}" for number in numbers),
        people=tuple(f"{people}{number}" for number in numbers),
        texts=tuple(" ".join(draw.choice(WORDS[one], 4)) for one in intents),
        intents=tuple("intent_0" if one == NEW else one for one in intents),
        languages=(language,) * len(intents),
        confidence=np.clip(draw.normal(sure, 0.05, len(intents)), 0, 1).astype(
            np.float32
        ),
        vectors=vectors.astype(np.float32),
    )


def some(size: int, draw: np.random.Generator, evenness: float = 1500.0) -> list[str]:
    """Return a day's intents; their shares differ a little from day to day."""
    shares = draw.dirichlet(np.full(len(INTENTS), evenness / len(INTENTS)))
    return [str(one) for one in draw.choice(INTENTS, size, p=shares)]


def labelled(draw: np.random.Generator) -> Sample:
    """Return what the bundle was made from: as much of each intent."""
    return replies([*INTENTS] * 60, draw, people="t")


def joined(samples: Sequence[Sample]) -> Sample:
    """Return several samples as one."""
    if not samples:
        return replies(INTENTS, chance(0)).__class__(
            (),
            (),
            (),
            (),
            (),
            np.zeros(0, np.float32),
            np.zeros((0, WIDTH), np.float32),
        )
    return Sample(
        ids=tuple(one for s in samples for one in s.ids),
        people=tuple(one for s in samples for one in s.people),
        texts=tuple(one for s in samples for one in s.texts),
        intents=tuple(one for s in samples for one in s.intents),
        languages=tuple(one for s in samples for one in s.languages),
        confidence=np.concatenate([s.confidence for s in samples]),
        vectors=np.concatenate([s.vectors for s in samples]),
    )


class Diary:
    """Days that follow each other, judged one by one."""

    def __init__(self, trained: Sample | None = None) -> None:
        self.trained = trained
        self.samples: list[Sample] = []
        self.days: list[DriftDay] = []

    def judged(self, sample: Sample) -> DriftDay:
        """Return what is said of a day, which may not have been."""
        earlier = self.samples[-28:] if len(self.samples) >= 3 else []
        return judge(
            Today(
                day=BEGAN + timedelta(days=len(self.samples)),
                bundle="sha256:b",
                replies=len(sample),
                recorded=(),
                sample=sample,
                kept=sample.ids[:60],
            ),
            Known(
                before=joined(earlier),
                days=len(earlier),
                labelled=self.trained,
                history=comparable(self.days[-28:]),
                calibration_error=0.01,
            ),
        )

    def write(self, sample: Sample) -> DriftDay:
        """Judge a day and go on from it."""
        told = self.judged(sample)
        self.days.append(told)
        self.samples.append(cut(sample, 60))
        return told


def cut(sample: Sample, size: int) -> Sample:
    """Return the first replies of a sample."""
    return Sample(
        ids=sample.ids[:size],
        people=sample.people[:size],
        texts=sample.texts[:size],
        intents=sample.intents[:size],
        languages=sample.languages[:size],
        confidence=sample.confidence[:size],
        vectors=sample.vectors[:size],
    )
