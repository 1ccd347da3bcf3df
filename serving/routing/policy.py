"""What the team wants done with each intent, and how sure the bundle must be."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from serving.routing.decision import Priority
from serving.routing.hours import Hours


class Role(StrEnum):
    """What the code must know of an intent; the id itself is the team's."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    OUT_OF_SCOPE = "out_of_scope"
    MACHINE = "machine"
    AGREES = "agrees"
    DECLINES = "declines"


class Answer(StrEnum):
    """What is done with an intent that is recognised surely enough."""

    REPLY = "reply"
    ESCALATE = "escalate"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class IntentPolicy:
    """One intent's line in `policy.yaml`.

    Attributes:
        answer: what is done when the classifier is sure.
        template: words for `reply`, or the holding words of `escalate`.
        queue: who takes it when a person must.
        priority: how soon, before sentiment raises it.
        role: what the code must know of it.
        effects: what other systems must do when it is sure.
        needs_question: answered only when our last message asked something.
        negative_escalates: an upset person gets a person.
        closes_consent: whoever has the number did not agree to be texted.
        only_alone: beside another matter it is tone, and not counted ("your app is
            awful, where is my order").
        max_wrong: its own error limit (0 to 1); None for the limit of every intent.
        wrong_answer_cost: what a wrong answer costs here; None for what is usual.
    """

    answer: Answer
    template: str | None
    queue: str
    priority: Priority
    role: Role | None = None
    effects: tuple[str, ...] = ()
    needs_question: bool = False
    negative_escalates: bool = False
    closes_consent: bool = False
    only_alone: bool = False
    max_wrong: float | None = None
    wrong_answer_cost: float | None = None


MAX_WRONG_PER_INTENT = 0.1
"""For policies that state no limit for every intent."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What things cost, in whatever currency the team counts in.

    Attributes:
        wrong_answer: an automatic answer to something that was not asked.
        needless_escalation: a person waits who could have been answered at once.
        agent_minute: a minute of whoever answers by hand.
        minutes_per_reply: how many of those a reply takes.
    """

    wrong_answer: float = 8.0
    needless_escalation: float = 0.5
    agent_minute: float = 0.6
    minutes_per_reply: float = 3.0


@dataclass(frozen=True, slots=True)
class OptOutPolicy:
    """How sure an opt-out by meaning must be, as probabilities (0 to 1).

    A miss costs $500 to $1,500 for every later message, a false one costs one START
    (47 CFR 64.1200(a)(10)); so we stop from `suppress_from` and ask once from
    `ask_from`. Below `sure_from` the words that go out also say what we understood.
    """

    sure_from: float
    suppress_from: float
    ask_from: float


@dataclass(frozen=True, slots=True)
class SystemTemplates:
    """Templates that the routing itself sends."""

    opt_out: str
    opt_out_presumed: str
    opt_out_declined: str
    opt_in: str
    help: str
    ask_opt_out: str
    ask_opt_in: str
    holding: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The team's policy, whole.

    Attributes:
        max_wrong_replies: the error limit that thresholds are solved from (0 to 1).
        max_wrong_per_intent: the error limit of every single intent (0 to 1).
        assurance: how sure the limits must hold (0 to 1).
        costs: of mistakes and of people's time.
        automatic_replies_per_hour: more are not sent to one contact.
        negative: the sentiment label that counts as upset.
        opt_out: when an opt-out by meaning counts.
        hours: when people are there.
        queues: the queues with what each is for.
        system: templates for consent, help and holding.
        values: values that hold for every template ("brand", "support").
        intents: what is done with each intent.
        fallback: what is done with an intent that the policy does not name.
    """

    max_wrong_replies: float
    max_wrong_per_intent: float
    assurance: float
    costs: Costs
    automatic_replies_per_hour: int
    negative: str
    opt_out: OptOutPolicy
    hours: Hours
    queues: Mapping[str, str]
    system: SystemTemplates
    values: Mapping[str, str]
    intents: Mapping[str, IntentPolicy]
    fallback: IntentPolicy

    def of(self, intent: str) -> IntentPolicy:
        """Return the policy of `intent`, the fallback's where it has none."""
        return self.intents.get(intent, self.fallback)

    def limit_of(self, intent: str) -> float:
        """Return the share of an intent's own answers that may be wrong (0 to 1)."""
        own = self.of(intent).max_wrong
        return self.max_wrong_per_intent if own is None else own

    def cost_of_wrong(self, intent: str) -> float:
        """Return what it costs to answer as `intent` what was not asked."""
        own = self.of(intent).wrong_answer_cost
        return self.costs.wrong_answer if own is None else own

    def intent_with(self, role: Role) -> str | None:
        """Return the intent that plays `role`, or None."""
        return next((i for i, p in self.intents.items() if p.role is role), None)
