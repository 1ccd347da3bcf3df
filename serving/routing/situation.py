"""What `decide()` is told: the reply, and what is known of the conversation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Consent(StrEnum):
    """Whether the contact may be messaged."""

    SUBSCRIBED = "subscribed"
    OPTED_OUT = "opted_out"


class Owner(StrEnum):
    """Who answers in this conversation."""

    AUTOMATIC = "automatic"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Reply:
    """One inbound text message; `received_at` is aware."""

    text: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Situation:
    """What was known of contact and conversation when the reply came.

    Attributes:
        consent: the contact's standing.
        owner: who answers.
        last_message: the brand's last message, where it is known.
        asked_opt_out: we have already asked once whether to stop.
        question_closed: that question is answered, or too old: a "yes" is no answer
            to it any more.
        automatic_replies: words sent automatically to the contact in the last hour.
        language: the contact's language (ISO 639-1), where it is known.
        provider_verdict: what the provider took the reply for and acted on: "STOP",
            "START" or "HELP"; None where it let it pass.
        provider_confirms: the provider, not we, answers a bare opt-out keyword.
        superseded: consent was changed by what is dated later than this reply.
        open_now: people are there to answer, by the program's hours; None where no
            program tells, and the policy's hours hold.
        variables: values for the templates, by name.
    """

    consent: Consent = Consent.SUBSCRIBED
    owner: Owner = Owner.AUTOMATIC
    last_message: str | None = None
    asked_opt_out: bool = False
    question_closed: bool = False
    automatic_replies: int = 0
    language: str | None = None
    provider_verdict: str | None = None
    provider_confirms: bool = False
    superseded: bool = False
    open_now: bool | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
