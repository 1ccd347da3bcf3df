"""A reply as it arrives from a platform, before anything is known of the contact."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from model.prediction import Prediction
from serving.live import LiveBundle
from serving.routing.situation import Owner


@dataclass(frozen=True, slots=True)
class Arrival:
    """One reply that came in.

    Attributes:
        message_id: the platform's id; the same id is decided once.
        number: the person's number.
        sender: our number that was written to.
        text: what was written.
        received_at: when, aware.
        channel: "sms", "mms", "whatsapp"…
        owner: who answers in this conversation, as the platform knows it.
        last_message: the brand's last message, where the platform tells it.
        language: the contact's language, where the platform tells it.
        variables: values for the templates.
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


@dataclass(frozen=True, slots=True)
class Read:
    """An arrival with what the bundle read in it.

    `prediction` is None where a rule settles the reply whatever is known.
    """

    arrival: Arrival
    live: LiveBundle
    prediction: Prediction | None
