"""The ledger in words that counsel can read."""

import unicodedata
from datetime import UTC, date, datetime
from enum import StrEnum

from serving.ledger.event import Kind, SentBy

KINDS = {
    Kind.OPT_IN: "Opted in",
    Kind.OPT_OUT: "Opted out",
    Kind.RECONFIRM: "Consent reconfirmed",
    Kind.WRONG_PARTY: "Wrong number: another person answered",
    Kind.HONORED: "Opt-out honoured",
    Kind.CONFIRMATION_SENT: "Confirmation sent",
    Kind.CLARIFICATION_ASKED: "Asked what should stop",
    Kind.CLARIFICATION_ANSWERED: "Answered what should stop",
    Kind.ERASED: "Number and words erased; suppression kept",
    Kind.NOTE: "Note",
}
"""Each kind as a heading."""

LABELS = {
    "number": "Number",
    "brand": "Brand",
    "program": "Program",
    "kind": "Kind",
    "scope": "Messages that it is about",
    "source": "Source",
    "occurred_at": "Happened (provider's clock)",
    "received_at": "Reached us",
    "actor": "Recorded by",
    "channel": "Channel",
    "consent_type": "Kind of consent",
    "event_id": "Event",
    "about": "Follows from event",
    "revoke_all": "Takes every program of the brand",
    "deadline": "Must be honoured by",
    "sent_by": "Sent by",
    "provider": "Provider",
    "provider_message_id": "Provider's message id",
    "provider_verdict": "Provider's verdict",
    "sender": "Our number",
    "text": "Exact words",
    "normalized_text": "Words as they were read",
    "matched": "Keyword or rule that matched",
    "detector": "Detector",
    "detector_version": "Detector's version",
    "score": "Probability",
    "language": "Language",
    "answered_message_id": "Our message that was answered",
    "answered_text": "Words of that message",
    "disclosure": "Disclosure shown",
    "disclosure_version": "Disclosure's version",
    "url": "Page",
    "form_id": "Form",
    "ip": "IP address",
    "user_agent": "Browser",
    "identity": "Identity asserted",
    "screenshot": "Screenshot",
    "reason": "Reason",
    "number_digest": "Keyed digest of the number",
    "erases": "Entries emptied",
    "suppressed_since": "Suppressed since",
}
"""Each field of an event as a person calls it."""

SENDERS = {SentBy.US: "us", SentBy.PROVIDER: "the provider"}

_JOINER = "\N{ZERO WIDTH JOINER}"
"""Holds emoji together."""


def moment_in_words(moment: datetime) -> str:
    """Return "23 November 2026, 12:00:05 UTC"."""
    utc = moment.astimezone(UTC)
    return f"{day_in_words(utc.date())}, {utc:%H:%M:%S} UTC"


def day_in_words(day: date) -> str:
    """Return "23 November 2026"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def value_in_words(value: object) -> str:
    """Return a field's value as text; what cannot be seen is named."""
    match value:
        case bool():
            return "yes" if value else "no"
        case StrEnum():
            return value.value.replace("_", " ")
        case datetime():
            return f"{moment_in_words(value)} ({value.astimezone(UTC).isoformat()})"
        case date():
            return day_in_words(value)
        case tuple():
            return ", ".join(map(str, value))
        case _:
            return visible(str(value))


def visible(text: str) -> str:
    """Return `text` with every character that shows nothing named, as ⟨U+200B⟩.

    Neither a hidden character nor one that turns the direction of writing may change
    what a reader sees; and some of them no page may hold.
    """
    return "".join(f"⟨U+{ord(sign):04X}⟩" if _hidden(sign) else sign for sign in text)


def _hidden(sign: str) -> bool:
    return unicodedata.category(sign) in _HIDDEN and sign not in {"\n", "\t", _JOINER}


_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# strftime's names would be those of the machine's language.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
