"""Consent events: what was said about being messaged, and what followed from it.

One event is one fact and is never changed. What follows later (that an opt-out was
honoured, that its confirmation went out) is an event of its own that names the first.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What happened."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"
    RECONFIRM = "reconfirm"
    WRONG_PARTY = "wrong_party"
    HONORED = "honored"
    CONFIRMATION_SENT = "confirmation_sent"
    CLARIFICATION_ASKED = "clarification_asked"
    CLARIFICATION_ANSWERED = "clarification_answered"
    ERASED = "erased"
    NOTE = "note"


class Scope(StrEnum):
    """Which messages an event is about; `all` holds the other two."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"
    ALL = "all"


class Source(StrEnum):
    """How we came to know."""

    SMS_KEYWORD = "sms_keyword"
    SMS_FREETEXT = "sms_freetext"
    PROVIDER = "provider"
    API = "api"
    IMPORT = "import"
    AGENT = "agent"
    WEB = "web"
    EMAIL = "email"
    VOICE = "voice"
    SYSTEM = "system"


class ConsentType(StrEnum):
    """How firmly an opt-in was given."""

    EXPRESS_WRITTEN = "express_written"
    EXPRESS = "express"
    IMPLIED = "implied"


class SentBy(StrEnum):
    """Who sent the confirmation."""

    US = "us"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """One fact about consent, as it is handed to the ledger.

    Attributes:
        number: the person's number (E.164, or a short code); None once erased.
        brand: the brand, as the deployment's programs name it.
        program: the program of the brand.
        kind: what happened.
        scope: which messages it is about.
        source: how we came to know.
        occurred_at: when it happened by the provider's clock, aware.
        received_at: when it reached us, aware.
        actor: the component or the operator's id that recorded it.
        channel: "sms", "mms", "whatsapp"…
        consent_type: how firmly an opt-in was given.
        event_id: an id chosen beforehand, so that others can name it; else given.
        about: the event that this one follows from: the opt-out that was honoured.
        revoke_all: the opt-out takes every program of the brand, as the brand's
            switch stood when it was recorded.
        deadline: the last day on which an opt-out may be honoured.
        sent_by: who sent the confirmation.
        provider: the provider's name.
        provider_message_id: the provider's id of the message.
        provider_verdict: what the provider said that it was (`OptOutType`, an error).
        sender: our number that was written to, or written from.
        text: exactly what was written, before anything was normalised.
        normalized_text: what the rules and the model read.
        matched: the keyword or rule that matched.
        detector: the name of what judged the text.
        detector_version: its version; the id of the bundle.
        score: its probability, 0 to 1.
        language: ISO 639-1.
        answered_message_id: our message that was answered.
        answered_text: the words of that message.
        disclosure: the words under which an opt-in was given.
        disclosure_version: the version or the digest of those words.
        url: the page of the opt-in.
        form_id: the form on it.
        ip: the address that it came from.
        user_agent: the browser.
        identity: who the person said to be.
        screenshot: where a picture of the form lies.
        reason: why a person recorded it by hand.
        number_digest: keyed digest of an erased number.
        erases: sequence numbers of the events that an erasure emptied.
        suppressed_since: since when an erased number was suppressed, aware.
    """

    number: str | None
    brand: str
    program: str
    kind: Kind
    scope: Scope
    source: Source
    occurred_at: datetime
    received_at: datetime
    actor: str
    channel: str = "sms"
    consent_type: ConsentType | None = None
    event_id: str | None = None
    about: str | None = None
    revoke_all: bool = False
    deadline: date | None = None
    sent_by: SentBy | None = None
    provider: str | None = None
    provider_message_id: str | None = None
    provider_verdict: str | None = None
    sender: str | None = None
    text: str | None = None
    normalized_text: str | None = None
    matched: str | None = None
    detector: str | None = None
    detector_version: str | None = None
    score: float | None = None
    language: str | None = None
    answered_message_id: str | None = None
    answered_text: str | None = None
    disclosure: str | None = None
    disclosure_version: str | None = None
    url: str | None = None
    form_id: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    identity: str | None = None
    screenshot: str | None = None
    reason: str | None = None
    number_digest: str | None = None
    erases: tuple[int, ...] = ()
    suppressed_since: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse moments whose zone is a guess: the order of events hangs on them."""
        for name in ("occurred_at", "received_at", "suppressed_since"):
            moment: datetime | None = getattr(self, name)
            if moment is not None and moment.utcoffset() is None:
                raise ValueError(f"{name}: expected a moment with its zone, got none")


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in the ledger.

    Attributes:
        event: what happened; its `event_id` is set.
        sequence: its place in the chain, from 1, without gaps.
        recorded_at: when it was written, in UTC.
        prev_hash: the `row_hash` of the entry before; zeros before the first.
        row_hash: SHA-256 of this entry and of `prev_hash`, in hexadecimal.
        erased: number and words were erased; their digest is still in `row_hash`.
    """

    event: ConsentEvent
    sequence: int
    recorded_at: datetime
    prev_hash: str
    row_hash: str
    erased: bool = False

    @property
    def event_id(self) -> str:
        """The id that other events and outbound messages name."""
        assert self.event.event_id is not None  # noqa: S101 - the ledger gave one
        return self.event.event_id
