"""The path of thresholds, from strict to lenient, and what is answered along it.

The path is fixed by confidence and costs. Labels have no part in it but through the few
parameters of temperatures and confidence that were fitted on them. At each step
an intent is answered from 1 - risk * (usual cost of a wrong answer / its own cost):
with equal costs that is one threshold for all, and a dearer intent needs more. It is
what minimises expected cost where the confidence is a probability: answer while the
chance of being wrong times its cost stays below the cost of asking a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from serving.routing.policy import Answer, Policy, Role
from training.held_out import HeldOut, Ruled

Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]
Doubles = NDArray[np.float64]

RISKS = expit(-np.arange(9.0, -1.05, -0.1))
"""How likely wrong an answer of usual cost may be, step by step: 0.0001 to 0.73."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What is answered at each of K steps, by predicted intent (K x m).

    Attributes:
        intents: the m labels.
        automatic: which of them the policy answers or lets rest (m).
        candidates: replies that could be answered as each, however sure (m).
        thresholds: the confidence from which each is answered.
        answered: replies at or above it.
        wrong: how many of those have another intent.
        needed: how many have an intent that the policy answers.
        traffic: all replies, answered or not.
    """

    intents: tuple[str, ...]
    automatic: Bools
    candidates: Counts
    thresholds: Doubles
    answered: Counts
    wrong: Counts
    needed: Counts
    traffic: "Traffic"


@dataclass(frozen=True, slots=True)
class Traffic:
    """The whole of the held-out replies.

    Attributes:
        replies: how many there are.
        unsettled: how many are not settled by a keyword, a guard or the opt-out: they
            are answered on the model's word, or a person gets them. What is read as
            the opt-out's intent stands for what its own head would honour.
        needed: how many of those no rule gives to a person, though the policy would
            answer what they truly want.
        ruled_wrong: how many a rule settles wrongly.
    """

    replies: int
    unsettled: int
    needed: int
    ruled_wrong: int


def tally(held_out: HeldOut, policy: Policy, sentiments: Sequence[str]) -> Tally:
    """Count what would be answered at each step.

    What a keyword or guard settles is not the model's word, and what a person gets
    anyway (an upset person, where the policy says so) cannot be answered wrongly:
    neither is a candidate.

    Args:
        held_out: predictions of replies that the model had not seen.
        policy: says what is answered, and what a mistake costs.
        sentiments: labels of the codes in `held_out.feeling`.
    """
    automatic = _automatic(held_out.intents, policy)
    steps = path(held_out.intents, policy)
    upset = _upset(held_out, policy, sentiments)
    by_model = (held_out.ruled == Ruled.BY_MODEL) & ~upset
    candidate = by_model & held_out.judged & automatic[held_out.predicted]
    needed = by_model & automatic[held_out.truth]
    wrong = held_out.predicted != held_out.truth

    def counted(rows: Bools) -> Counts:
        columns = [
            _at_least(held_out.confidence[rows & (held_out.predicted == code)], column)
            for code, column in enumerate(steps.T)
        ]
        return np.stack(columns, axis=1)

    opts_out = np.array([policy.of(i).role is Role.OPT_OUT for i in held_out.intents])
    settled = np.isin(held_out.ruled, (Ruled.RIGHTLY, Ruled.WRONGLY))
    settled |= opts_out[held_out.predicted]
    return Tally(
        intents=held_out.intents,
        automatic=automatic,
        candidates=np.bincount(
            held_out.predicted[candidate], minlength=len(held_out.intents)
        ),
        thresholds=steps,
        answered=counted(candidate),
        wrong=counted(candidate & wrong),
        needed=counted(candidate & needed),
        traffic=Traffic(
            replies=len(settled),
            unsettled=int((~settled).sum()),
            needed=int((needed & ~settled).sum()),
            ruled_wrong=int((held_out.ruled == Ruled.WRONGLY).sum()),
        ),
    )


def path(intents: Sequence[str], policy: Policy) -> Doubles:
    """Return thresholds (K x m), strictest first; labels have no part in them."""
    usual = policy.costs.wrong_answer
    dearness = np.array([policy.cost_of_wrong(i) / usual for i in intents])
    return np.asarray(np.round(np.clip(1 - RISKS[:, None] / dearness, 0, 1), 4))


def _automatic(intents: Sequence[str], policy: Policy) -> Bools:
    """Return which intents are acted on without a person once they are sure.

    An opt-out has its own decision and limits; nothing is said to what is out of
    scope.
    """
    lines = [policy.of(intent) for intent in intents]
    return np.array(
        [
            line.answer is not Answer.ESCALATE
            and line.role not in (Role.OPT_OUT, Role.OUT_OF_SCOPE)
            for line in lines
        ]
    )


def _upset(held_out: HeldOut, policy: Policy, sentiments: Sequence[str]) -> Bools:
    """Return which replies go to a person because whoever wrote them is upset."""
    negative = np.array([name == policy.negative for name in sentiments])
    handed = np.array([policy.of(i).negative_escalates for i in held_out.intents])
    return np.asarray(negative[held_out.feeling] & handed[held_out.predicted])


def _at_least(confidence: Doubles, thresholds: Doubles) -> Counts:
    rising = np.sort(confidence)
    below = np.searchsorted(rising, thresholds, side="left")
    return np.asarray(len(rising) - below, dtype=np.int64)
