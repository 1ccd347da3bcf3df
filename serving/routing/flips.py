"""What differs between two decisions about one reply, and what the difference costs.

Both are given as JSON has them (the contract's decision), as decisions are on record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from serving.routing.decision import Action, ConsentChange
from serving.routing.policy import Policy

WITHOUT_CONSENT = 500.0
"""What every later message costs that goes to somebody who said stop, or never agreed:
$500 to $1,500 (47 U.S.C. 227(b)(3)). Told in dollars whatever the policy counts in."""


class FlipKind(StrEnum):
    """What a flip changes; the first of these that differs names it."""

    OPT_OUT = "opt_out"
    """Who may be messaged from now on."""
    ACTION = "action"
    """Whether an answer, a question, a person or nothing comes back."""
    WORDS = "words"
    """What the person reads."""
    QUEUE = "queue"
    """Which people take over, or how soon."""
    EFFECTS = "effects"
    """What other systems are told."""
    INTENT = "intent"
    """Only what is counted: nobody sees a difference."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What counts of a decision when two are compared.

    Attributes:
        intent: what the person wants; None where there was nothing to read.
        action: "reply", "ask", "escalate" or "silent".
        consent: "opt_out", "opt_in" or None.
        template: of the words, id and version; None where none are sent.
        text: the words themselves: a template may change under its version.
        queue: the people who take over, or None.
        priority: how soon, or None.
        effects: what other systems are told beside the handoff, in alphabetical order.
    """

    intent: str | None
    action: str
    consent: str | None
    template: str | None
    text: str | None
    queue: str | None
    priority: str | None
    effects: tuple[str, ...]

    def __str__(self) -> str:
        """Return what happens, in a few words of the contract."""
        parts = [self.action]
        if self.queue:
            parts.append(f"to {self.queue} ({self.priority})")
        if self.template:
            parts.append(self.template)
        if self.consent:
            parts.append(f"+ {self.consent}")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Flip:
    """A decision that comes out otherwise.

    Attributes:
        kind: the gravest difference.
        before: what happened.
        after: what would happen.
    """

    kind: FlipKind
    before: Outcome
    after: Outcome


def flip_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Flip | None:
    """Return how `after` differs from `before`; None where nothing that counts does."""
    was, becomes = outcome_of(before), outcome_of(after)
    differs = {
        FlipKind.OPT_OUT: was.consent != becomes.consent,
        FlipKind.ACTION: was.action != becomes.action,
        FlipKind.WORDS: (was.template, was.text) != (becomes.template, becomes.text),
        FlipKind.QUEUE: (was.queue, was.priority) != (becomes.queue, becomes.priority),
        FlipKind.EFFECTS: was.effects != becomes.effects,
        FlipKind.INTENT: was.intent != becomes.intent,
    }
    kind = next((kind for kind in FlipKind if differs[kind]), None)
    return None if kind is None else Flip(kind, was, becomes)


def outcome_of(decision: Mapping[str, Any]) -> Outcome:
    """Return what counts of a decision."""
    reply = decision["reply"] or {}
    effects = [effect["type"] for effect in decision["effects"]]
    return Outcome(
        intent=decision["intent"],
        action=decision["action"],
        consent=decision["consent"],
        template=reply.get("template"),
        text=reply.get("text"),
        queue=decision["queue"],
        priority=decision["priority"],
        # The handoff says no more than queue and priority do; words are sent by the
        # edge, whoever decided.
        effects=tuple(sorted(set(effects) - {"handoff", "send_message"})),
    )


def cost_of(flip: Flip, policy: Policy) -> float:
    """Return what it costs if `after` is the wrong one, in the policy's currency.

    Not the expected cost: that would trust the new confidence to judge itself.
    """
    before, after, costs = flip.before, flip.after, policy.costs
    by_hand = costs.agent_minute * costs.minutes_per_reply
    match flip.kind:
        case FlipKind.OPT_OUT:
            lost = before.consent == ConsentChange.OPT_OUT
            opened = after.consent == ConsentChange.OPT_IN
            return WITHOUT_CONSENT if lost or opened else costs.wrong_answer
        case FlipKind.ACTION if after.action == Action.ESCALATE:
            return costs.needless_escalation + by_hand
        case FlipKind.ACTION | FlipKind.WORDS:
            # Whoever is left without an answer wanted that of `before`.
            silent = after.action == Action.SILENT
            return _wrong_answer(before if silent else after, policy)
        case FlipKind.QUEUE:
            return by_hand  # Read by those whom it does not concern, then again.
        case FlipKind.EFFECTS:
            return costs.wrong_answer
        case FlipKind.INTENT:
            return 0.0


def _wrong_answer(outcome: Outcome, policy: Policy) -> float:
    if outcome.intent is None:
        return policy.costs.wrong_answer
    return policy.cost_of_wrong(outcome.intent)
