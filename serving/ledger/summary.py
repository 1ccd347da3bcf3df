"""The state of one number with one program, in sentences; pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from serving.ledger.deadline import BUSINESS_DAYS, confirmed_in_time, deadline
from serving.ledger.event import ConsentEvent, Entry, Kind, Scope, SentBy
from serving.ledger.state import (
    CurrentConsent,
    ScopeConsent,
    Standing,
    current_consent,
)
from serving.ledger.words import SENDERS, day_in_words, moment_in_words, visible


@dataclass(frozen=True, slots=True)
class Calendar:
    """By whose days deadlines count, where an event does not tell its own."""

    zone: ZoneInfo = ZoneInfo("UTC")  # noqa: RUF009 - immutable
    days: int = BUSINESS_DAYS
    country: str = "US"


@dataclass(frozen=True, slots=True)
class Revocation:
    """A revocation that stands, and what followed from it.

    Attributes:
        entry: the revocation.
        deadline: the last day on which it may be honoured.
        honored_at: when it was honoured; None where no event says so.
        honored_in_time: whether that was by the deadline.
        confirmed_at: when the confirmation went out; None where no event says so.
        confirmed_by: who sent it.
        confirmed_in_time: whether that was within 5 minutes of receipt.
    """

    entry: Entry
    deadline: date
    honored_at: datetime | None
    honored_in_time: bool | None
    confirmed_at: datetime | None
    confirmed_by: SentBy | None
    confirmed_in_time: bool | None


@dataclass(frozen=True, slots=True)
class ProgramSummary:
    """Where a number stands with one program."""

    brand: str
    program: str
    consent: CurrentConsent
    revocation: Revocation | None
    sentences: tuple[str, ...]


def summarise(
    entries: Collection[Entry], brand: str, program: str, calendar: Calendar
) -> ProgramSummary:
    """Return where the one number that `entries` are about stands with a program."""
    consent = current_consent(entries, brand=brand, program=program)
    stopped = consent.of(Scope.ALL)
    revocation = None
    if stopped.standing is Standing.OPTED_OUT and stopped.entry:
        revocation = _revocation(stopped.entry, entries, calendar)
    sentences = [_standing(consent)]
    if revocation:
        sentences += [_by_which_words(revocation.entry), *_what_followed(revocation)]
    return ProgramSummary(brand, program, consent, revocation, tuple(sentences))


def _revocation(
    entry: Entry, entries: Collection[Entry], calendar: Calendar
) -> Revocation:
    event = entry.event
    due = event.deadline or deadline(
        event.received_at,
        zone=calendar.zone,
        days=calendar.days,
        country=calendar.country,
    )
    honored = _first(entries, Kind.HONORED, entry)
    sent = _first(entries, Kind.CONFIRMATION_SENT, entry)
    honored_at = honored.occurred_at if honored else None
    sent_at = sent.occurred_at if sent else None
    return Revocation(
        entry=entry,
        deadline=due,
        honored_at=honored_at,
        honored_in_time=honored_at.astimezone(calendar.zone).date() <= due
        if honored_at
        else None,
        confirmed_at=sent_at,
        confirmed_by=sent.sent_by if sent else None,
        confirmed_in_time=confirmed_in_time(event.received_at, sent_at)
        if sent_at
        else None,
    )


def _first(entries: Collection[Entry], kind: Kind, about: Entry) -> ConsentEvent | None:
    found = (
        entry.event
        for entry in entries
        if entry.event.kind is kind and entry.event.about == about.event_id
    )
    return min(found, key=lambda event: event.occurred_at, default=None)


def _standing(consent: CurrentConsent) -> str:
    marketing, transactional = consent.marketing, consent.transactional
    if marketing == transactional:
        return _standing_of(marketing, "all messages of this program")
    return " ".join(
        [
            _standing_of(marketing, "marketing messages of this program"),
            _standing_of(transactional, "transactional messages of this program"),
        ]
    )


def _standing_of(consent: ScopeConsent, messages: str) -> str:
    since = consent.since and moment_in_words(consent.since)
    match consent.standing:
        case Standing.OPTED_OUT:
            return f"The number is suppressed for {messages} since {since}."
        case Standing.OPTED_IN:
            return f"The number is opted in to {messages} since {since}."
        case Standing.UNKNOWN:
            return f"No consent to {messages} is on record, and no opt-out."


def _by_which_words(entry: Entry) -> str:
    event = entry.event
    if event.kind is Kind.ERASED:
        since = event.suppressed_since or event.occurred_at
        return (
            "Number and words were erased on request; the suppression is known by a "
            f"keyed digest, and goes back to {moment_in_words(since)}."
        )
    means = f"by {event.channel}, recorded from {event.source.value.replace('_', ' ')}"
    if entry.erased:
        return f"It was revoked {means}; the words were erased on request."
    if event.text is None:
        return f"It was revoked {means}; no words are on record."
    said = f"It was revoked {means}, with the words: “{visible(event.text)}”"
    return f"{said} (matched: {event.matched})." if event.matched else f"{said}."


def _what_followed(revocation: Revocation) -> list[str]:
    entry = revocation.entry
    recorded = (
        f"It reached us on {moment_in_words(entry.event.received_at)} and was in this "
        f"ledger on {moment_in_words(entry.recorded_at)}."
    )
    if entry.event.kind is Kind.ERASED:
        return [recorded]
    return [recorded, _honored(revocation), _confirmed(revocation)]


def _honored(revocation: Revocation) -> str:
    due = day_in_words(revocation.deadline)
    if revocation.honored_at is None:
        return f"It had to be honoured by {due}; no event says when it was."
    when = moment_in_words(revocation.honored_at)
    verdict = "in time" if revocation.honored_in_time else "late"
    return f"It had to be honoured by {due} and was on {when}: {verdict}."


def _confirmed(revocation: Revocation) -> str:
    if revocation.confirmed_at is None:
        return "No event says that a confirmation was sent."
    who = revocation.confirmed_by
    by = f" by {SENDERS[who]}" if who else ""
    when = moment_in_words(revocation.confirmed_at)
    verdict = (
        "within 5 minutes of receipt"
        if revocation.confirmed_in_time
        else "later than 5 minutes after receipt"
    )
    return f"A confirmation was sent{by} on {when}, {verdict}."
