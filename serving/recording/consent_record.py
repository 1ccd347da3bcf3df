"""What a decision does to consent, as events of the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from model.text import readable
from serving.ledger.deadline import BUSINESS_DAYS, deadline
from serving.ledger.event import ConsentEvent, Entry, Kind, Scope, SentBy, Source
from serving.programs.program import Program
from serving.recording.arrival import Arrival, Read
from serving.recording.standing import scope_back
from serving.routing.decision import (
    Action,
    AlsoIntent,
    ConsentChange,
    DecidedBy,
    Decision,
    ReasonCode,
)

ACTOR = "replywise"
_WORKING_DAYS = {"AU": 5}
"""Australia's Spam Act is stricter; everywhere else we keep the FCC's ten."""


def consent_events(
    read: Read,
    decision: Decision,
    entries: Sequence[Entry],
    program: Program,
    new_id: Callable[[], str],
) -> list[ConsentEvent]:
    """Return what `decision` changes; most change nothing. `entries`: of the number.

    An opt-in by a reply brings back what there was, and widens nothing by itself.
    An opt-out is honoured in the transaction that records it, and says so. Whether it
    is confirmed is told by `confirmed`, once the words were let out.
    """
    if decision.consent is None:
        return []
    if decision.consent is ConsentChange.OPT_IN:
        opt_in = _event(read, decision, program, Kind.OPT_IN)
        return [replace(opt_in, scope=scope_back(entries, program))]
    opt_out = replace(
        _event(read, decision, program, _revocation(read, decision)),
        event_id=new_id(),
        revoke_all=program.revoke_all,
        deadline=deadline_of(read.arrival.arrived_at, program),
    )
    return [opt_out, follow_up(opt_out, Kind.HONORED, read.arrival.arrived_at)]


def clarification(
    read: Read, decision: Decision, program: Program
) -> ConsentEvent | None:
    """Return that we ask whether to stop, or that this was answered.

    `decision` is the one whose words were checked: what was not let out asks nothing.
    """
    code = decision.reasons[0].code
    if code is ReasonCode.OPT_OUT_ANSWER:
        return _event(read, decision, program, Kind.CLARIFICATION_ANSWERED)
    if code is ReasonCode.OPT_OUT_UNSURE and decision.action is Action.ASK:
        return _event(read, decision, program, Kind.CLARIFICATION_ASKED)
    return None


def confirmed(opt_out: ConsentEvent, at: datetime, sent_by: SentBy) -> ConsentEvent:
    """Return that the one confirmation of `opt_out` goes out, by whom."""
    return replace(follow_up(opt_out, Kind.CONFIRMATION_SENT, at), sent_by=sent_by)


def follow_up(opt_out: ConsentEvent, kind: Kind, at: datetime) -> ConsentEvent:
    """Return what follows from an opt-out, without the person's words."""
    return ConsentEvent(
        number=opt_out.number,
        brand=opt_out.brand,
        program=opt_out.program,
        kind=kind,
        scope=opt_out.scope,
        source=Source.SYSTEM,
        occurred_at=at,
        received_at=at,
        actor=ACTOR,
        channel=opt_out.channel,
        about=opt_out.event_id,
        sender=opt_out.sender,
    )


def deadline_of(received_at: datetime, program: Program) -> date:
    """Return by when an opt-out must be honoured where the program's contacts are."""
    days = _WORKING_DAYS.get(program.country, BUSINESS_DAYS)
    return deadline(received_at, zone=program.zone, days=days, country=program.country)


def _revocation(read: Read, decision: Decision) -> Kind:
    """Return whether the person opts out, or is not the one we took them for."""
    rules = read.live.rules
    heard = [also.intent for also in decision.also if _is_sure(read, also)]
    intents = [decision.intent, *heard]
    wrong = any(rules.policy.of(intent).closes_consent for intent in intents if intent)
    return Kind.WRONG_PARTY if wrong else Kind.OPT_OUT


def _is_sure(read: Read, also: AlsoIntent) -> bool:
    threshold = read.live.rules.thresholds.get(also.intent)
    return threshold is not None and also.confidence >= threshold


def _event(
    read: Read, decision: Decision, program: Program, kind: Kind
) -> ConsentEvent:
    arrival = read.arrival
    by_keyword = decision.decided_by is DecidedBy.KEYWORD
    prediction = read.prediction
    return ConsentEvent(
        number=arrival.number,
        brand=program.brand,
        program=program.program_id,
        kind=kind,
        scope=Scope.ALL,
        source=_source(arrival, by_keyword=by_keyword),
        occurred_at=arrival.received_at,
        received_at=arrival.arrived_at,
        actor=ACTOR,
        channel=arrival.channel,
        provider=arrival.provider,
        provider_message_id=arrival.message_id,
        provider_verdict=arrival.provider_verdict,
        sender=arrival.sender,
        text=arrival.text,
        normalized_text=readable(arrival.text),
        matched=decision.reasons[0].detail if by_keyword else decision.intent,
        detector=_detector(arrival, by_keyword=by_keyword),
        detector_version=read.live.bundle_id,
        score=None if by_keyword or prediction is None else prediction.opt_out,
        language=decision.language,
        answered_text=arrival.last_message,
    )


def _detector(arrival: Arrival, *, by_keyword: bool) -> str:
    if arrival.provider_verdict is not None:
        return arrival.provider or "provider"
    return "keywords" if by_keyword else "model"


def _source(arrival: Arrival, *, by_keyword: bool) -> Source:
    if arrival.provider_verdict is not None:
        return Source.PROVIDER
    return Source.SMS_KEYWORD if by_keyword else Source.SMS_FREETEXT
