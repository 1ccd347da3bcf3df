"""Letting words out: the last check before anything is sent, and its record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from serving.ledger.event import Entry
from serving.programs.number import NumberKind, read_number
from serving.programs.program import Program, StopConfirmer
from serving.recording.arrival import Read
from serving.recording.standing import facts
from serving.routing.decision import (
    Action,
    ConsentChange,
    Decision,
    Reason,
    ReasonCode,
)
from serving.routing.situation import Owner
from serving.sending.check import may_send
from serving.sending.facts import ComplianceReply, MessageClass, Question
from serving.sending.quiet_hours import QuietHours
from serving.sending.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Released:
    """A decision whose words were checked.

    Attributes:
        decision: without words where they must not go out.
        verdict: of the check; None where there were no words.
        message_class: what kind of message the words are.
        checked_at: when, in UTC.
    """

    decision: Decision
    verdict: Verdict | None = None
    message_class: MessageClass | None = None
    checked_at: datetime | None = None

    @property
    def not_before(self) -> datetime | None:
        """From when the words may go out; None where there are none."""
        return self.verdict.from_when if self.verdict else None

    @property
    def not_after(self) -> datetime | None:
        """Until when they must be sent: five minutes, for a STOP's confirmation."""
        return self.verdict.until if self.verdict else None


def release(
    read: Read,
    decision: Decision,
    entries: Sequence[Entry],
    program: Program,
    quiet_hours: QuietHours,
    now: datetime,
) -> Released:
    """Check the words of `decision` against the ledger as it stands after it.

    Words that may never go out are taken out; those that must wait keep the moment from
    which they may. `now` is when they would go out.
    """
    if decision.reply is None:
        return Released(decision)
    message_class, reply = kind_of_words(read, decision)
    arrival = read.arrival
    question = Question(
        contact=arrival.number,
        program=_confirming(program),
        sender=arrival.sender,
        message_class=message_class,
        moment=now,
        reply=reply,
    )
    told = facts(
        entries,
        program,
        person_owns=arrival.owner is Owner.PERSON,
        confirms_each=_is_short_code(arrival.sender, program),
    )
    verdict = may_send(question, told, quiet_hours)
    if verdict.from_when is not None:
        return Released(decision, verdict, message_class, now.astimezone(UTC))
    reason = Reason(ReasonCode.WITHHELD, verdict.reasons[0].code)
    silent = decision.action in (Action.REPLY, Action.ASK)
    return Released(
        replace(
            decision,
            action=Action.SILENT if silent else decision.action,
            reply=None,
            reasons=(*decision.reasons, reason),
        )
    )


def kind_of_words(
    read: Read, decision: Decision
) -> tuple[MessageClass, ComplianceReply | None]:
    """Return what the words of a decision are to the law."""
    assert decision.reply is not None  # noqa: S101 - the caller has words
    system = read.live.rules.policy.system
    template = decision.reply.template.partition("@")[0]
    reply = {
        system.opt_out: ComplianceReply.STOP_CONFIRMATION,
        system.opt_out_presumed: ComplianceReply.STOP_CONFIRMATION,
        system.help: ComplianceReply.HELP,
        system.opt_in: ComplianceReply.START_CONFIRMATION,
    }.get(template)
    if reply is None and _ends_it(read, decision, template):
        reply = ComplianceReply.STOP_CONFIRMATION
    return MessageClass.COMPLIANCE if reply else MessageClass.ANSWER, reply


def _ends_it(read: Read, decision: Decision, template: str) -> bool:
    """Return whether the words tell a wrong number that it is left alone now."""
    if decision.consent is not ConsentChange.OPT_OUT or decision.intent is None:
        return False
    line = read.live.rules.policy.of(decision.intent)
    return line.closes_consent and line.template == template


def _confirming(program: Program) -> Program:
    """Return `program` as one that confirms opt-outs itself.

    `decide()` left to the provider what is one of its keywords. It knows nothing of an
    opt-out in other words, so that one is ours to confirm; the check would refuse it.
    """
    return replace(program, stop_confirmer=StopConfirmer.US)


def _is_short_code(sender: str, program: Program) -> bool:
    try:
        return read_number(sender, program.country).kind is NumberKind.SHORT_CODE
    except ValueError:
        return False
