"""What a reviewer says of a decision, held against what can be said of it."""

from collections.abc import Collection
from dataclasses import dataclass

from serving.reviews.refusal import ReviewRefused
from serving.reviews.verdict import Verdict
from serving.routing.decision import Action, ConsentChange, DecidedBy
from serving.schemas import DecisionOut

LONGEST_NOTE = 2_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a reviewer says.

    Attributes:
        verdict: what was found.
        intent: what the person wanted, where the intent was wrong.
        queue: where the reply belonged, where the queue was wrong.
        note: anything else; may be empty.
    """

    verdict: Verdict
    intent: str | None = None
    queue: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a reviewer may name.

    Attributes:
        intents: the intents of the bundle in use.
        queues: the queues of its policy.
        opt_out: the intent that asks for the messages to stop; None where none does.
    """

    intents: Collection[str]
    queues: Collection[str]
    opt_out: str | None


def possible(decision: DecisionOut) -> tuple[Verdict, ...]:
    """Return the verdicts that can be meant of `decision`, in their usual order."""
    escalated = decision.action is Action.ESCALATE
    owned = decision.decided_by is DecidedBy.OWNER
    stopped = decision.consent is ConsentChange.OPT_OUT
    meant = {
        Verdict.RIGHT: True,
        Verdict.WRONG_INTENT: True,
        # Where a person owns the conversation, one reads it already.
        Verdict.SHOULD_ESCALATE: not escalated and not owned,
        Verdict.NEEDLESS_ESCALATION: escalated,
        Verdict.WRONG_QUEUE: decision.queue is not None,
        Verdict.WRONG_WORDS: decision.reply is not None,
        Verdict.MISSED_OPT_OUT: not stopped,
        Verdict.FALSE_OPT_OUT: stopped,
    }
    return tuple(verdict for verdict in Verdict if meant[verdict])


def checked(finding: Finding, decision: DecisionOut, choices: Choices) -> Finding:
    """Return `finding` as it is to be recorded.

    A missed opt-out names its intent by itself; a false one may name what the person
    wanted instead.

    Raises:
        ReviewRefused: it cannot be meant of `decision`, or names what is not there.
    """
    verdict = finding.verdict
    if verdict not in possible(decision):
        raise ReviewRefused(f"{_said(verdict)} {_WHY_NOT[verdict]}; nothing recorded")
    note = finding.note.strip()
    if len(note) > LONGEST_NOTE:
        raise ReviewRefused(
            f"expected a note of at most {LONGEST_NOTE} characters, got {len(note)}"
        )
    return Finding(
        verdict,
        _intent(finding, decision, choices),
        _queue(finding, decision, choices),
        note,
    )


def _intent(finding: Finding, decision: DecisionOut, choices: Choices) -> str | None:
    named = finding.intent or None
    if finding.verdict is Verdict.MISSED_OPT_OUT:
        return choices.opt_out
    if finding.verdict is Verdict.FALSE_OPT_OUT and named is None:
        return None
    if finding.verdict not in TAKES_INTENT:
        _check_none(named, finding.verdict, "intent")
        return None
    if named not in choices.intents:
        raise ReviewRefused(
            f"{_said(finding.verdict)} takes the right intent: expected one of "
            f"the bundle's, got {'another' if named else 'none'}"
        )
    if named == decision.intent:
        raise ReviewRefused(f"expected another intent than {named}, which was decided")
    stopped = decision.consent is ConsentChange.OPT_OUT
    if named == choices.opt_out and not stopped:
        raise ReviewRefused(
            f"who means {named} was not stopped: expected the verdict "
            f"{_said(Verdict.MISSED_OPT_OUT)}"
        )
    return named


def _queue(finding: Finding, decision: DecisionOut, choices: Choices) -> str | None:
    named = finding.queue or None
    if finding.verdict is not Verdict.WRONG_QUEUE:
        _check_none(named, finding.verdict, "queue")
        return None
    if named not in choices.queues:
        raise ReviewRefused(
            f"{_said(finding.verdict)} takes the right queue: expected one of "
            f"{', '.join(choices.queues)}, got {'another' if named else 'none'}"
        )
    if named == decision.queue:
        raise ReviewRefused(f"expected another queue than {named}, where it went")
    return named


def _check_none(named: str | None, verdict: Verdict, what: str) -> None:
    if named is not None:
        raise ReviewRefused(f"{_said(verdict)} takes no {what}, got one")


TAKES_INTENT = frozenset({Verdict.WRONG_INTENT, Verdict.FALSE_OPT_OUT})
"""Verdicts that name what the person wanted instead."""

_WHY_NOT = {
    Verdict.SHOULD_ESCALATE: "cannot be meant: a person has it already",
    Verdict.NEEDLESS_ESCALATION: "cannot be meant: it was not given to a person",
    Verdict.WRONG_QUEUE: "cannot be meant: it is in no queue",
    Verdict.WRONG_WORDS: "cannot be meant: no words went out",
    Verdict.MISSED_OPT_OUT: "cannot be meant: the contact was opted out",
    Verdict.FALSE_OPT_OUT: "cannot be meant: nobody was opted out",
}


def _said(verdict: Verdict) -> str:
    return f"“{verdict.replace('_', ' ')}”"
