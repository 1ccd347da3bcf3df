"""What is asked of the check, and what it must be told. Every moment is aware."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from serving.programs.program import ConsentScope, Program
from serving.sending.place import KnownPlace


class MessageClass(StrEnum):
    """What a message is to the law.

    `compliance`: a reply that the law or the carriers ask for. `answer`: to what the
    person wrote. `transactional`: about their order, visit or account, unasked.
    `marketing`: everything that sells.
    """

    COMPLIANCE = "compliance"
    ANSWER = "answer"
    TRANSACTIONAL = "transactional"
    MARKETING = "marketing"


class ComplianceReply(StrEnum):
    """Which of the law's replies."""

    STOP_CONFIRMATION = "stop_confirmation"
    HELP = "help"
    START_CONFIRMATION = "start_confirmation"


class ConsentState(StrEnum):
    """How the last word on consent stands."""

    OPTED_IN = "opted_in"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True, slots=True)
class ScopeConsent:
    """The consent event that counts in one scope; an event of all scopes is in each.

    Attributes:
        state: what it did.
        event_id: the event in the ledger.
        since: when the person said so.
    """

    state: ConsentState
    event_id: str
    since: datetime

    def __post_init__(self) -> None:
        """Refuse a moment without a zone."""
        check_aware(self.since)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that went out to the contact from this program."""

    moment: datetime
    message_class: MessageClass

    def __post_init__(self) -> None:
        """Refuse a moment without a zone."""
        check_aware(self.moment)


@dataclass(frozen=True, slots=True)
class OptOut:
    """The contact's last opt-out, and whether it was confirmed.

    Attributes:
        event_id: the event in the ledger.
        received_at: when it reached us; five minutes run from there.
        confirmed: the confirmation was sent, or is being sent, by whomever.
    """

    event_id: str
    received_at: datetime
    confirmed: bool

    def __post_init__(self) -> None:
        """Refuse a moment without a zone."""
        check_aware(self.received_at)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ledger and the conversation say of the contact in this program.

    Attributes:
        consent: the event that counts, by scope; none for a scope never spoken of.
        sent: messages of the last days, as far back as the longest cap reaches.
        opt_out: the last opt-out; None where there was none.
        person_owns: a person of the team has taken the conversation.
        wrong_number: the event by which the number is not our customer's; None where
            there is none, or a later opt-in of its new holder lifted it.
        provider_suppressed: the event by which the provider blocks the number, or None.
        place: what the profile says of where the contact is.
    """

    consent: Mapping[ConsentScope, ScopeConsent] = field(default_factory=dict)
    sent: tuple[Sent, ...] = ()
    opt_out: OptOut | None = None
    person_owns: bool = False
    wrong_number: str | None = None
    provider_suppressed: str | None = None
    place: KnownPlace = field(default_factory=KnownPlace)


@dataclass(frozen=True, slots=True)
class Question:
    """May this be sent?

    Attributes:
        contact: E.164, or whatever the contact is called.
        program: which program sends.
        sender: the sending number, canonical.
        message_class: what the message is.
        moment: when it would be sent.
        reply: which of the law's replies; told for `compliance` and for no other.
        by_owner: the person who owns the conversation sends it.
    """

    contact: str
    program: Program
    sender: str
    message_class: MessageClass
    moment: datetime
    reply: ComplianceReply | None = None
    by_owner: bool = False

    def __post_init__(self) -> None:
        """Refuse a moment without a zone, and a reply that is not `compliance`."""
        check_aware(self.moment)
        compliance = self.message_class is MessageClass.COMPLIANCE
        if compliance != (self.reply is not None):
            raise ValueError("expected `reply` for a compliance message and no other")


def check_aware(moment: datetime) -> None:
    """Raise ValueError for a moment without a zone: nobody knows when it is."""
    if moment.utcoffset() is None:
        raise ValueError("expected a moment with a zone, got one without")
