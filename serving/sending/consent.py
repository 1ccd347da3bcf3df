"""Whether consent allows a message: what no waiting changes."""

from collections.abc import Iterator
from datetime import timedelta

from serving.programs.number import is_toll_free
from serving.programs.program import ConsentScope, Program, StopConfirmer
from serving.sending.facts import (
    ComplianceReply,
    ConsentState,
    Facts,
    MessageClass,
    Question,
    ScopeConsent,
)
from serving.sending.verdict import SendReason, SendReasonCode

CONFIRM_WITHIN = timedelta(minutes=5)
"""47 CFR 64.1200(a)(12): consent to the confirmation is presumed for so long."""

_NEEDS = {
    MessageClass.ANSWER: ConsentScope.TRANSACTIONAL,
    MessageClass.TRANSACTIONAL: ConsentScope.TRANSACTIONAL,
    MessageClass.MARKETING: ConsentScope.MARKETING,
}


def closing(scope: ConsentScope, facts: Facts, program: Program) -> ScopeConsent | None:
    """Return the opt-out that closes `scope`, None where it is not closed.

    Only a later opt-in of the scope itself lifts an opt-out; at the same moment the
    opt-out wins.
    """
    outs = [
        event
        for other, event in facts.consent.items()
        if event.state is ConsentState.OPTED_OUT
        and (other is scope or program.revoke_all)
    ]
    last = max(outs, key=lambda event: event.since, default=None)
    own = facts.consent.get(scope)
    if last is None or own is None or own.state is ConsentState.OPTED_OUT:
        return last
    return last if last.since >= own.since else None


def objections(question: Question, facts: Facts) -> Iterator[SendReason]:
    """Yield every ground against the message that no waiting changes."""
    if question.reply is ComplianceReply.STOP_CONFIRMATION:
        yield from _to_confirmation(question, facts)
    elif question.reply is ComplianceReply.HELP:
        yield from _to_help(question, facts)
    elif question.reply is ComplianceReply.START_CONFIRMATION:
        yield from _to_start(question, facts)
    else:
        yield from _to_message(question, facts)


def cover(question: Question, facts: Facts) -> str | None:
    """Return the consent event that an allowed message rests on."""
    if question.reply is ComplianceReply.STOP_CONFIRMATION:
        return facts.opt_out.event_id if facts.opt_out else None
    if question.reply is not None:
        events = [e for e in facts.consent.values() if e.state is ConsentState.OPTED_IN]
        last = max(events, key=lambda event: event.since, default=None)
    else:
        last = facts.consent.get(_NEEDS[question.message_class])
    return last.event_id if last else None


def grounds(question: Question, event: str | None) -> SendReason:
    """Return what an allowed message rests on."""
    if question.reply is ComplianceReply.STOP_CONFIRMATION:
        return SendReason(SendReasonCode.CONFIRMS_OPT_OUT, f"event {event}")
    if question.reply is not None or question.message_class is MessageClass.ANSWER:
        return SendReason(SendReasonCode.ASKED_FOR, "answers what the person wrote")
    detail = f"event {event}" if event else "never opted out; needs no opt-in"
    return SendReason(SendReasonCode.CONSENT_COVERS, detail)


def _to_confirmation(question: Question, facts: Facts) -> Iterator[SendReason]:
    """Yield what speaks against the one message that passes its own suppression."""
    opt_out, program = facts.opt_out, question.program
    if opt_out is None or not _closed_scopes(facts, program):
        detail = "the person is not opted out"
        yield SendReason(SendReasonCode.NOTHING_TO_CONFIRM, detail)
    elif opt_out.confirmed:
        detail = f"event {opt_out.event_id} was confirmed"
        yield SendReason(SendReasonCode.ALREADY_CONFIRMED, detail)
    elif question.moment - opt_out.received_at >= CONFIRM_WITHIN:
        detail = f"event {opt_out.event_id} came {CONFIRM_WITHIN} ago or earlier"
        yield SendReason(SendReasonCode.CONFIRMATION_LATE, detail)
    if program.confirmer_of(question.sender) is StopConfirmer.PROVIDER:
        detail = (
            f"{program.provider} or the network does; a second would be one too many"
        )
        yield SendReason(SendReasonCode.PROVIDER_CONFIRMS, detail)


def _to_help(question: Question, facts: Facts) -> Iterator[SendReason]:
    suppressed = facts.provider_suppressed or facts.wrong_number
    closed = bool(suppressed or _closed_scopes(facts, question.program))
    if closed and is_toll_free(question.sender):
        detail = "opted out; the sending number is toll-free"
        yield SendReason(SendReasonCode.TOLL_FREE_SILENT, detail)


def _to_start(question: Question, facts: Facts) -> Iterator[SendReason]:
    yield from _blocks(facts)
    open_ = [
        scope
        for scope, event in facts.consent.items()
        if event.state is ConsentState.OPTED_IN
        and closing(scope, facts, question.program) is None
    ]
    if not open_:
        detail = "the person has not opted in, or left again"
        yield SendReason(SendReasonCode.NO_CONSENT, detail)


def _to_message(question: Question, facts: Facts) -> Iterator[SendReason]:
    scope = _NEEDS[question.message_class]
    program = question.program
    if (
        scope not in program.scopes
        and question.message_class is not MessageClass.ANSWER
    ):
        detail = f"{program.program_id} has no consent for {scope}"
        yield SendReason(SendReasonCode.SCOPE_NOT_OFFERED, detail)
    closed = closing(scope, facts, program)
    if closed is not None:
        detail = f"{scope}, by event {closed.event_id}"
        yield SendReason(SendReasonCode.CONSENT_CLOSED, detail)
    elif scope is ConsentScope.MARKETING and scope not in facts.consent:
        yield SendReason(SendReasonCode.NO_CONSENT, f"{scope} needs an opt-in")
    yield from _blocks(facts)
    # What is under way, "your driver is here", does not wait for a conversation.
    held = question.message_class is not MessageClass.TRANSACTIONAL
    if facts.person_owns and held and not question.by_owner:
        detail = "a person answers; nothing automatic comes between"
        yield SendReason(SendReasonCode.PERSON_OWNS, detail)


def _blocks(facts: Facts) -> Iterator[SendReason]:
    if facts.wrong_number is not None:
        detail = f"event {facts.wrong_number}"
        yield SendReason(SendReasonCode.WRONG_NUMBER, detail)
    if facts.provider_suppressed is not None:
        detail = f"event {facts.provider_suppressed}"
        yield SendReason(SendReasonCode.PROVIDER_SUPPRESSED, detail)


def _closed_scopes(facts: Facts, program: Program) -> tuple[ConsentScope, ...]:
    return tuple(s for s in ConsentScope if closing(s, facts, program) is not None)
