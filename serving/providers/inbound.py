"""What a webhook says, in one shape for every provider."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal
from urllib.parse import quote

Verdict = Literal["STOP", "START", "HELP"]


@dataclass(frozen=True, slots=True)
class Part:
    """Where a text stands in a long message that came in several calls.

    Attributes:
        reference: shared by the parts of one message from one number.
        number: which part, from 1.
        total: how many parts there are.
    """

    reference: str
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message that a person sent.

    Attributes:
        message_id: the provider's id; of the part where the message has parts.
        number: the person's number, E.164 where it is one.
        sender: our number that was written to.
        text: what was written, "" for media alone.
        sent_at: when, by the provider's clock, aware; None where it does not say.
        channel: "sms", "mms", "whatsapp"…
        media: how many files came along.
        part: which part of a long message this is.
        opt_out_type: what the provider took the text for, and acted on.
        replay_key: comes once from an honest provider; seen again with another
            message id it is a replay. None where the signature covers the id.
        retry: whether the provider says that it sent this before.
    """

    message_id: str
    number: str = field(repr=False)
    sender: str = field(repr=False)
    text: str = field(repr=False)
    sent_at: datetime | None = None
    channel: str = "sms"
    media: int = 0
    part: Part | None = None
    opt_out_type: Verdict | None = None
    replay_key: str | None = None
    retry: bool = False


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """What became of a message that we sent.

    Attributes:
        event_id: the provider's id of this news; the message's where news has none.
        message_id: the provider's id of the message.
        number: the person's number; None where the provider leaves it out.
        sender: our number that sent; None where the provider leaves it out.
        status: in the provider's own word, lower-case.
        error_code: the provider's own code, None without an error.
        opted_out: whether the provider refuses the number because it opted out.
        at: when, by the provider's clock, aware; None where it does not say.
        replay_key: as in `Inbound`.
    """

    event_id: str
    message_id: str
    number: str | None = field(repr=False)
    sender: str | None = field(repr=False)
    status: str
    error_code: str | None = None
    opted_out: bool = False
    at: datetime | None = None
    replay_key: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A topic wants its subscription confirmed by a GET of `url`, which is checked."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Nothing:
    """An event to acknowledge and ignore; `why` holds nothing of a person."""

    why: str


Received = Inbound | StatusEvent | Confirmation | Nothing


def idempotency_key(provider: str, event: Inbound | StatusEvent) -> str:
    """Return what two deliveries of one event share and no other event has.

    The message id alone would make "delivered" a duplicate of "sent".
    """
    if isinstance(event, Inbound):
        names = (provider, "inbound", event.message_id, "received")
    else:
        names = (provider, "status", event.event_id, event.status)
    return ":".join(quote(name, safe="") for name in names)


def recipient_id(message_id: str, number: str) -> str:
    """Return an id of one recipient's share of a message that went to several."""
    return f"{message_id}/{sha256(number.encode()).hexdigest()[:16]}"
