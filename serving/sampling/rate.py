"""The rates that are published: which decisions each is about, and what it counts."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from serving.reviews.verdict import Verdict
from serving.routing.decision import Action, ConsentChange, DecidedBy
from serving.sampling.estimate import Bools, Estimate
from serving.sampling.facts import Facts

WRONG_ANSWER = frozenset(
    {
        Verdict.WRONG_INTENT,
        Verdict.SHOULD_ESCALATE,
        Verdict.MISSED_OPT_OUT,
        Verdict.FALSE_OPT_OUT,
    }
)
"""What makes an automatic answer wrong: something else was wanted, or a person."""

Meant = Callable[[Facts, str | None], Bools]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of decisions that reviews tell.

    Attributes:
        key: its name for programs.
        name: its name for people.
        about: which decisions it is about, in words.
        meant: finds them; is given the policy's label for an opt-out.
        counted: the verdicts that it counts.
    """

    key: str
    name: str
    about: str
    meant: Meant
    counted: frozenset[Verdict]

    def counts(self, facts: Facts) -> Bools:
        """Return which decisions have such a verdict."""
        return np.isin(facts.verdict, sorted(self.counted))


def _answered(facts: Facts, opt_out: str | None) -> Bools:
    """What the bundle's limit on wrong replies speaks of; opt-outs have their own."""
    automatic = np.isin(facts.action, [Action.REPLY.value, Action.SILENT.value])
    by_model = facts.decided_by == DecidedBy.MODEL.value
    return np.asarray(automatic & by_model & (facts.intent != (opt_out or "")))


def _by_rule(facts: Facts, _opt_out: str | None) -> Bools:
    rules = [DecidedBy.KEYWORD.value, DecidedBy.MENU.value, DecidedBy.GUARD.value]
    return np.isin(facts.decided_by, rules) & ~_escalated(facts) & ~_stopped(facts)


def _escalated(facts: Facts, _opt_out: str | None = None) -> Bools:
    return np.asarray(facts.action == Action.ESCALATE.value)


def _kept(facts: Facts, _opt_out: str | None) -> Bools:
    return np.asarray(~_escalated(facts) & (facts.decided_by != DecidedBy.OWNER.value))


def _by_model(facts: Facts, _opt_out: str | None) -> Bools:
    return np.asarray(facts.decided_by == DecidedBy.MODEL.value)


def _worded(facts: Facts, _opt_out: str | None) -> Bools:
    return np.isin(facts.action, [Action.REPLY.value, Action.ASK.value])


def _stopped(facts: Facts, _opt_out: str | None = None) -> Bools:
    return np.asarray(facts.consent == ConsentChange.OPT_OUT.value)


def _not_stopped(facts: Facts, _opt_out: str | None) -> Bools:
    return ~_stopped(facts)


WRONG_ANSWERS = Rate(
    "wrong_answers",
    "Wrong automatic answers",
    "answered or left to rest on the model's word",
    _answered,
    WRONG_ANSWER,
)
WRONG_BY_RULE = Rate(
    "wrong_by_rule",
    "Wrong answers by rule",
    "settled by a keyword, menu or guard; opt-outs apart",
    _by_rule,
    WRONG_ANSWER,
)
MISSED_ESCALATIONS = Rate(
    "missed_escalations",
    "Missed escalations",
    "not given to a person",
    _kept,
    frozenset({Verdict.SHOULD_ESCALATE}),
)
NEEDLESS_ESCALATIONS = Rate(
    "needless_escalations",
    "Needless escalations",
    "given to a person",
    _escalated,
    frozenset({Verdict.NEEDLESS_ESCALATION}),
)
WRONG_QUEUE = Rate(
    "wrong_queue",
    "Wrong queue",
    "given to a person",
    _escalated,
    frozenset({Verdict.WRONG_QUEUE}),
)
WRONG_INTENT = Rate(
    "wrong_intent",
    "Wrong intent",
    "decided on the model's word",
    _by_model,
    frozenset({Verdict.WRONG_INTENT}),
)
WRONG_WORDS = Rate(
    "wrong_words",
    "Wrong words",
    "answered or asked with words of ours",
    _worded,
    frozenset({Verdict.WRONG_WORDS}),
)
MISSED_OPT_OUTS = Rate(
    "missed_opt_outs",
    "Opt-outs not acted on",
    "of everything that stopped nothing",
    _not_stopped,
    frozenset({Verdict.MISSED_OPT_OUT}),
)
FALSE_OPT_OUTS = Rate(
    "false_opt_outs",
    "False opt-outs",
    "opted out",
    _stopped,
    frozenset({Verdict.FALSE_OPT_OUT}),
)

RATES = (
    WRONG_ANSWERS,
    MISSED_ESCALATIONS,
    NEEDLESS_ESCALATIONS,
    WRONG_QUEUE,
    FALSE_OPT_OUTS,
    MISSED_OPT_OUTS,
    WRONG_INTENT,
    WRONG_WORDS,
    WRONG_BY_RULE,
)
"""Every rate that is published by itself; `missed_of_all` comes beside them."""


MISSED_OF_ALL = replace(
    MISSED_OPT_OUTS,
    key="missed_of_all",
    name="Opt-outs missed, of all opt-outs",
    about="everyone who wanted no more messages",
)
"""What `missed_of_all` tells."""


def missed_of_all(missed: Estimate, false: Estimate) -> Estimate:
    """Return the share of those who wanted no more messages that was not stopped.

    Both are told by `MISSED_OPT_OUTS` and `FALSE_OPT_OUTS`. Nearly all uncertainty is
    in the missed ones, which are rare and weigh much: their interval is carried over.
    (As a ratio of its own it covered 90 to 93 %.)
    """
    stopped = false.decisions * (1 - false.share)

    def of_all(share: float) -> float:
        wanted = missed.decisions * share + stopped
        return missed.decisions * share / wanted if wanted else 0.0

    return replace(
        missed,
        share=of_all(missed.share),
        low=of_all(missed.low),
        high=of_all(missed.high),
        decisions=missed.decisions * missed.share + stopped,
    )
