"""Words on their way: who brings them, and what the ledger is told of them."""

from collections.abc import Sequence
from datetime import datetime

from serving.ledger.event import ConsentEvent, SentBy
from serving.ledger.state import REVOKES
from serving.programs.program import Program
from serving.recording.arrival import Arrival, Read, Via
from serving.recording.consent_record import clarification, confirmed
from serving.recording.release import Released, kind_of_words
from serving.routing.decision import Effect, ReasonCode
from serving.sending.facts import ComplianceReply


def carrier_of(arrival: Arrival, released: Released, now: datetime) -> Via:
    """Return who brings the words to the person; a waiter is settled by it."""
    later = released.not_before
    if released.decision.reply is None or later is None:
        return Via.CALLER
    if arrival.provider and later > now:
        return Via.OUTBOX  # Nobody waits on the line until the morning.
    return arrival.via()


def to_send(read: Read, released: Released) -> Effect:
    """Return the effect by which the team's systems send the words."""
    words = released.decision.reply
    assert words is not None  # noqa: S101 - the caller looked
    assert released.not_before is not None  # noqa: S101 - words were checked
    payload = {
        "to": read.arrival.number,
        "from": read.arrival.sender,
        "text": words.text,
        "channel": read.arrival.channel,
        "not_before": released.not_before.isoformat(),
    }
    if released.not_after is not None:
        payload["not_after"] = released.not_after.isoformat()
    return Effect("send_message", payload)


def message_row(
    read: Read, released: Released, program: Program, ids: tuple[str, str], via: Via
) -> dict[str, object] | None:
    """Return the row of `messages_out`; None where no words go out.

    Args:
        read: the reply that is answered.
        released: the decision and its check.
        program: who sends.
        ids: of the message and of the decision.
        via: who brings the words to the person.
    """
    words, verdict = released.decision.reply, released.verdict
    if words is None or verdict is None or released.message_class is None:
        return None
    return {
        "message_id": ids[0],
        "decision_id": ids[1],
        "program": program.program_id,
        "number": read.arrival.number,
        "sender": read.arrival.sender,
        "class": released.message_class.value,
        "template": words.template,
        "text": words.text,
        "segments": words.segments,
        "via": via.value,
        "consent_event": verdict.covered_by,
        "checked_at": released.checked_at,
        "not_before": verdict.from_when,
    }


def said_of(
    read: Read,
    released: Released,
    events: Sequence[ConsentEvent],
    program: Program,
    now: datetime,
) -> list[ConsentEvent]:
    """Return what the words that were let out mean for the ledger."""
    asked = clarification(read, released.decision, program)
    confirmation = _confirmation(read, released, events, now)
    return [event for event in (confirmation, asked) if event is not None]


def _confirmation(
    read: Read, released: Released, events: Sequence[ConsentEvent], now: datetime
) -> ConsentEvent | None:
    """Return that the opt-out among `events` is confirmed, if anybody confirms it."""
    opt_out = next((event for event in events if event.kind in REVOKES), None)
    if opt_out is None:
        return None
    decision = released.decision
    if any(r.code is ReasonCode.PROVIDER_ANSWERS for r in decision.reasons):
        return confirmed(opt_out, now, SentBy.PROVIDER)
    if decision.reply is None:
        return None
    _, reply = kind_of_words(read, decision)
    if reply is not ComplianceReply.STOP_CONFIRMATION:
        return None
    return confirmed(opt_out, now, SentBy.US)
