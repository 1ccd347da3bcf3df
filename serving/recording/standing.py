"""How a contact stands with a program, by the ledger, for routing and the check."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from serving.ledger.event import Entry, Kind, Scope, Source
from serving.ledger.state import (
    CLASSES,
    REVOKES,
    CurrentConsent,
    Standing,
    counts_from,
    current_consent,
)
from serving.programs.program import ConsentScope, Program
from serving.routing.decision import ConsentChange, Decision, Reason, ReasonCode
from serving.routing.situation import Consent
from serving.sending.facts import (
    ConsentState,
    Facts,
    OptOut,
    ScopeConsent,
    Sent,
)
from serving.sending.place import KnownPlace

_OF_CONSENT = frozenset({"suppress_contact", "resume_contact"})
_SCOPES = {
    ConsentScope.MARKETING: Scope.MARKETING,
    ConsentScope.TRANSACTIONAL: Scope.TRANSACTIONAL,
}


def consent_now(entries: Sequence[Entry], program: Program) -> CurrentConsent:
    """Return the consent to `program` of the one number that `entries` are about."""
    return current_consent(entries, brand=program.brand, program=program.program_id)


def routing_consent(entries: Sequence[Entry], program: Program) -> Consent:
    """Return whether the person may be answered."""
    closed = consent_now(entries, program).suppressed(Scope.TRANSACTIONAL)
    return Consent.OPTED_OUT if closed else Consent.SUBSCRIBED


def superseded(entries: Sequence[Entry], program: Program, moment: datetime) -> bool:
    """Return whether consent was changed by something dated later than `moment`."""
    return any(
        counts_from(entry.event) > moment
        for entry in entries
        if entry.event.brand == program.brand
        and (entry.event.kind in REVOKES or entry.event.kind is Kind.OPT_IN)
        and (entry.event.program == program.program_id or entry.event.revoke_all)
    )


def scope_back(entries: Sequence[Entry], program: Program) -> Scope:
    """Return what a person opts in to by a reply: what stood before the opt-out.

    All, where the ledger knows of no opt-in before. What is transactional needs none,
    so that marketing that comes back holds it.
    """
    opted_in_before = any(
        entry.event.kind is Kind.OPT_IN
        and (entry.event.brand, entry.event.program)
        == (program.brand, program.program_id)
        for entry in entries
    )
    stood = _before_opt_out(entries, program).marketing.standing
    if stood is Standing.OPTED_IN or not opted_in_before:
        return Scope.ALL
    return Scope.TRANSACTIONAL


def _before_opt_out(entries: Sequence[Entry], program: Program) -> CurrentConsent:
    """Return the consent before the last opt-out that closed something still closed."""
    now = consent_now(entries, program)
    closed = [
        counts_from(told.entry.event)
        for scope in CLASSES
        if (told := now.of(scope)).standing is Standing.OPTED_OUT and told.entry
    ]
    if not closed:
        return now
    before = [entry for entry in entries if counts_from(entry.event) < max(closed)]
    return consent_now(before, program)


def as_it_stands(
    decision: Decision, entries: Sequence[Entry], program: Program
) -> Decision:
    """Return the decision as one that changes nothing where a later word stands.

    The event is in the ledger all the same. Other systems must not act on it.
    """
    closed = routing_consent(entries, program) is Consent.OPTED_OUT
    if decision.consent is None or closed is (
        decision.consent is ConsentChange.OPT_OUT
    ):
        return decision
    reasons = decision.reasons
    if all(reason.code is not ReasonCode.SUPERSEDED for reason in reasons):
        detail = "what is dated later stands"
        reasons = (*reasons, Reason(ReasonCode.SUPERSEDED, detail))
    effects = tuple(e for e in decision.effects if e.type not in _OF_CONSENT)
    return replace(decision, consent=None, effects=effects, reasons=reasons)


def facts(
    entries: Sequence[Entry],
    program: Program,
    *,
    sent: tuple[Sent, ...] = (),
    person_owns: bool = False,
    place: KnownPlace | None = None,
    confirms_each: bool = False,
) -> Facts:
    """Return what the ledger says of a contact, as the check asks for it.

    Args:
        entries: of the one number, in the order of the chain.
        program: the program that would send.
        sent: messages of the last days.
        person_owns: a person of the team has taken the conversation.
        place: where the profile says that the contact is.
        confirms_each: every STOP is answered, as carriers ask of short codes; else the
            first since the person last opted in.
    """
    now = consent_now(entries, program)
    standing = {
        ours: ScopeConsent(
            ConsentState.OPTED_OUT
            if told.standing is Standing.OPTED_OUT
            else ConsentState.OPTED_IN,
            told.entry.event_id,
            counts_from(told.entry.event),
        )
        for ours, theirs in _SCOPES.items()
        if (told := now.of(theirs)).entry is not None
    }
    closing = [
        told.entry
        for scope in _SCOPES.values()
        if (told := now.of(scope)).standing is Standing.OPTED_OUT and told.entry
    ]
    return Facts(
        consent=standing,
        sent=sent,
        opt_out=_last_opt_out(entries, program, confirms_each=confirms_each),
        person_owns=person_owns,
        wrong_number=_first_id(closing, kind=Kind.WRONG_PARTY),
        provider_suppressed=_first_id(closing, source=Source.PROVIDER),
        place=place or KnownPlace(),
    )


def _last_opt_out(
    entries: Sequence[Entry], program: Program, *, confirms_each: bool
) -> OptOut | None:
    """Return the last opt-out; confirmed, if it was or one that still held by then."""
    ours = sorted(
        (
            entry
            for entry in entries
            if entry.event.program == program.program_id
            and (entry.event.kind in REVOKES or entry.event.kind is Kind.OPT_IN)
        ),
        # At the same moment the opt-out wins.
        key=lambda entry: (
            counts_from(entry.event),
            entry.event.kind in REVOKES,
            entry.sequence,
        ),
    )
    opt_outs: list[Entry] = []
    for entry in ours:
        if entry.event.kind is Kind.OPT_IN:
            opt_outs.clear()
        else:
            opt_outs.append(entry)
    if not opt_outs:
        return None
    last = opt_outs[-1]
    about = {entry.event_id for entry in opt_outs[-1 if confirms_each else 0 :]}
    confirmed = any(
        entry.event.kind is Kind.CONFIRMATION_SENT and entry.event.about in about
        for entry in entries
    )
    return OptOut(last.event_id, last.event.received_at, confirmed)


def _first_id(
    entries: Sequence[Entry], *, kind: Kind | None = None, source: Source | None = None
) -> str | None:
    found = (
        entry.event_id
        for entry in entries
        if entry.event.kind is kind or entry.event.source is source
    )
    return next(found, None)
