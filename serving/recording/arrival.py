"""A reply as it arrives from a platform, before anything is known of the contact."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Lock

from model.prediction import Prediction
from serving.live import LiveBundle
from serving.routing.situation import Owner


class Via(StrEnum):
    """Who brings our words to the person."""

    CALLER = "caller"
    """Whoever asked over the API."""
    WEBHOOK = "webhook"
    """The answer to the provider's call holds them."""
    OUTBOX = "outbox"
    """An effect that the team's systems carry out."""


class Waiter:
    """A provider that waits for the answer to its call, for a while.

    Either the answer holds the words or the outbox does, never both: whoever asks
    first decides, the one that records the decision or the one that stops waiting.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._settled = False

    def settle(self) -> bool:
        """Return whether nobody had settled it; from then on somebody has."""
        with self._lock:
            first, self._settled = not self._settled, True
            return first


@dataclass(frozen=True, slots=True)
class Arrival:
    """One reply that came in.

    Attributes:
        message_id: the platform's id; the same id is decided once.
        number: the person's number.
        sender: our number that was written to.
        text: what was written.
        received_at: when, aware; by the provider's clock where it tells.
        channel: "sms", "mms", "whatsapp"…
        owner: who answers in this conversation, as the platform knows it.
        last_message: the brand's last message, where the platform tells it.
        language: the contact's language, where the platform tells it.
        variables: values for the templates.
        came_at: when it reached us, aware; None where that is `received_at`.
        key: under which it is recorded; the message id where a caller names it.
        program_id: the program that was written to; None: that of `sender`.
        provider: who brought it; None for a caller of the API.
        provider_verdict: what the provider took it for and acted on.
        waiter: whoever can bring the words back at once; None for a caller, who gets
            them in any case.
    """

    message_id: str
    number: str
    sender: str
    text: str
    received_at: datetime
    channel: str = "sms"
    owner: Owner = Owner.AUTOMATIC
    last_message: str | None = None
    language: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    came_at: datetime | None = None
    key: str = ""
    program_id: str | None = None
    provider: str | None = None
    provider_verdict: str | None = None
    waiter: Waiter | None = None

    @property
    def record_key(self) -> str:
        """What no other message has."""
        return self.key or self.message_id

    @property
    def arrived_at(self) -> datetime:
        """When it reached us."""
        return self.came_at or self.received_at

    def via(self) -> Via:
        """Settle who brings the words to the person."""
        if self.provider is None:
            return Via.CALLER
        waits = self.waiter is not None and self.waiter.settle()
        return Via.WEBHOOK if waits else Via.OUTBOX


@dataclass(frozen=True, slots=True)
class Read:
    """An arrival with what the bundle read in it.

    `prediction` is None where a rule settles the reply whatever is known.
    """

    arrival: Arrival
    live: LiveBundle
    prediction: Prediction | None
