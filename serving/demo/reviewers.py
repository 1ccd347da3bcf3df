"""What reviewers find, who mostly see what is true."""

import random
from dataclasses import dataclass

from serving.reviews.finding import Finding, possible
from serving.reviews.verdict import Verdict
from serving.routing.decision import Action, ConsentChange
from serving.routing.policy import Answer, Policy, Role
from serving.schemas import DecisionOut

SLIPS = 0.04
"""How often a reviewer finds something else than is there."""
NEEDLESS = 0.45
"""How often a person given what could have been answered is found to be too much."""
MISSENT = 0.5
"""How often a reply in the wrong queue is told by its queue, not by its intent."""
WORDS = 0.015
"""How often right words are found to be wrong ones."""


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Judge decisions about replies of which is known what they want.

    Attributes:
        policy: what should happen with each intent.
        intents: the labels that can be named.
        chance: what is random in them.
    """

    policy: Policy
    intents: frozenset[str]
    chance: random.Random

    def finding(self, decision: DecisionOut, wants: str, matter: str) -> Finding:
        """Return what one of them says of `decision`.

        Args:
            decision: what is judged.
            wants: the label of what the person truly wants.
            matter: the same for the same decision, so that two reviewers see the same
                of what is a question of taste.
        """
        slip = self.chance.random() < SLIPS
        true = self._true(decision, wants, random.Random(matter))  # noqa: S311 - no secret
        if not slip or decision.action is Action.SILENT:
            return true
        plain = [
            verdict
            for verdict in (Verdict.RIGHT, Verdict.NEEDLESS_ESCALATION)
            if verdict in possible(decision) and verdict is not true.verdict
        ]
        return Finding(plain[0]) if plain else true

    def _true(self, decision: DecisionOut, wants: str, taste: random.Random) -> Finding:
        stop = self.policy.intent_with(Role.OPT_OUT)
        stopped = decision.consent is ConsentChange.OPT_OUT
        if (
            wants == stop
            and not stopped
            and Verdict.MISSED_OPT_OUT in possible(decision)
        ):
            asked = decision.action is Action.ASK
            return Finding(Verdict.RIGHT if asked else Verdict.MISSED_OPT_OUT)
        if stopped and wants != stop and not self.policy.of(wants).closes_consent:
            return Finding(Verdict.FALSE_OPT_OUT)
        if decision.intent == wants or stopped or wants not in self.intents:
            return self._handled(decision, wants, taste)
        if Verdict.SHOULD_ESCALATE in possible(decision) and self._for_people(wants):
            return Finding(Verdict.SHOULD_ESCALATE)
        queue = self.policy.of(wants).queue
        if decision.queue not in (None, queue) and taste.random() < MISSENT:
            return Finding(Verdict.WRONG_QUEUE, queue=queue)
        return Finding(Verdict.WRONG_INTENT, intent=wants)

    def _for_people(self, intent: str) -> bool:
        return self.policy.of(intent).answer is Answer.ESCALATE

    def _handled(
        self, decision: DecisionOut, wants: str, taste: random.Random
    ) -> Finding:
        """Return what is found where the intent is right."""
        answerable = self.policy.of(wants).answer is Answer.REPLY
        if (
            decision.action is Action.ESCALATE
            and answerable
            and decision.sentiment != self.policy.negative
            and taste.random() < NEEDLESS
        ):
            return Finding(Verdict.NEEDLESS_ESCALATION)
        if decision.action is Action.REPLY and taste.random() < WORDS:
            note = "Reads as if nobody had looked."
            return Finding(Verdict.WRONG_WORDS, note=note)
        return Finding(Verdict.RIGHT)
