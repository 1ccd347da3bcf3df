"""Predictions of replies that nobody wrote: drawn from a distribution that is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from serving.routing.decision import Priority
from serving.routing.policy import Answer, Costs, IntentPolicy, Policy
from training.held_out import HeldOut, Ruled
from training.promises import Solved

Doubles = NDArray[np.float64]
SENTIMENTS = ("negative", "neutral", "positive")
NEUTRAL = 1
ELSE = "else"
"""What a reply truly is about where the model is wrong; people answer it."""

PEOPLE = IntentPolicy(Answer.ESCALATE, None, "care", Priority.NORMAL)
ANSWERED = IntentPolicy(Answer.REPLY, "words", "care", Priority.NORMAL)


@dataclass(frozen=True, slots=True)
class Population:
    """Intents whose confidence c has the density a * c^(a - 1), wrong at b * (1 - c).

    Attributes:
        sizes: expected replies taken for each intent.
        sureness: a of each intent; the larger, the surer.
        excess: b of each intent; above 1, it is surer than it may be.
    """

    sizes: Doubles
    sureness: Doubles
    excess: Doubles

    @property
    def intents(self) -> tuple[str, ...]:
        return tuple(f"i{number:02d}" for number in range(len(self.sizes)))

    def draw(self, rng: np.random.Generator) -> HeldOut:
        taken = np.repeat(np.arange(len(self.sizes)), rng.poisson(self.sizes))
        confidence = rng.random(len(taken)) ** (1 / self.sureness[taken])
        wrong = rng.random(len(taken)) < self.excess[taken] * (1 - confidence)
        truth = np.where(wrong, len(self.sizes), taken)
        return unseen((*self.intents, ELSE), truth, taken, confidence)

    def answered(self, thresholds: Doubles) -> Doubles:
        """Return the expected answers by intent; a threshold of 1 is never."""
        return np.asarray(self.sizes * (1 - thresholds**self.sureness))

    def wrong(self, thresholds: Doubles) -> Doubles:
        """Return the expected wrong answers by intent: the integral of b * (1 - c)."""
        a = self.sureness
        beyond = (1 - thresholds**a) - a / (a + 1) * (1 - thresholds ** (a + 1))
        return np.asarray(self.sizes * self.excess * beyond)

    def risk(self, solved: Solved) -> float:
        """Return the true share of wrong answers; 0 where none is given."""
        at = thresholds_of(solved)
        return float(self.wrong(at).sum() / max(self.answered(at).sum(), 1e-12))

    def risks(self, solved: Solved) -> Doubles:
        """Return the true share of wrong answers of each intent."""
        at = thresholds_of(solved)
        return self.wrong(at) / np.maximum(self.answered(at), 1e-12)


def thresholds_of(solved: Solved) -> Doubles:
    found = [t for intent, t in solved.thresholds.items() if intent != ELSE]
    return np.array([1.0 if t is None else t for t in found])


def unseen(
    intents: Sequence[str],
    truth: NDArray[np.int64],
    predicted: NDArray[np.int64],
    confidence: Doubles,
) -> HeldOut:
    """Return predictions of neutral replies that all are left to the model."""
    count = len(truth)
    return HeldOut(
        intents=tuple(intents),
        truth=np.asarray(truth, np.int64),
        predicted=np.asarray(predicted, np.int64),
        confidence=np.asarray(confidence, np.float64),
        ruled=np.full(count, Ruled.BY_MODEL, np.int64),
        sentiment=np.full(count, -1, np.int64),
        feeling=np.full(count, NEUTRAL, np.int64),
        key=np.arange(count, dtype=np.uint32),
    )


def stated(
    policy: Policy,
    intents: Sequence[str],
    *,
    limit: float,
    each: float = 1.0,
    assurance: float = 0.95,
) -> Policy:
    """Return a policy that answers `intents` and nothing else, at equal costs."""
    return replace(
        policy,
        max_wrong_replies=limit,
        max_wrong_per_intent=each,
        assurance=assurance,
        costs=Costs(),
        intents=dict.fromkeys(intents, ANSWERED),
        fallback=PEOPLE,
    )
