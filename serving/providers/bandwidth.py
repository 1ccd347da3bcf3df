"""Bandwidth: a JSON array of events, behind HTTP Basic; nothing is signed."""

from datetime import datetime

from serving.providers.addresses import instant
from serving.providers.fields import Fields, body_text, fields_of, json_value
from serving.providers.inbound import (
    Inbound,
    Nothing,
    Received,
    StatusEvent,
    recipient_id,
)
from serving.providers.proof import need_account, need_basic
from serving.providers.provider import Acknowledgement, Secrets, need_keys, no_words
from serving.providers.webhook import Webhook, malformed

_SENT = {"message-sending", "message-sent", "message-delivered", "message-failed"}


class Bandwidth:
    """Messaging, API version 2.

    The credentials are all that a webhook proves: use TLS and a long password. Nothing
    tells a replay from the original, which holds the same message id.
    """

    name = "bandwidth"
    answers = False
    fetches = False

    def check(self, secrets: Secrets) -> None:
        """Need `user:password` of the callback; accounts are applications."""
        need_keys(self.name, secrets)

    def verify(self, webhook: Webhook, secrets: Secrets, now: datetime) -> None:  # noqa: ARG002 - Bandwidth signs no time
        """Raise Refused unless the credentials are ours and so is every event."""
        need_basic(webhook, secrets.keys)
        if secrets.accounts:
            for event in _events(webhook):
                application = event.inner("message").optional("applicationId")
                need_account(application, secrets.accounts)

    def read(self, webhook: Webhook) -> tuple[Received, ...]:
        """Return each message, and the news of each, in their order."""
        found = tuple(_received(event) for event in _events(webhook))
        return found or (Nothing("a list without events"),)

    def acknowledge(
        self,
        words: str | None = None,
        inbound: Inbound | None = None,  # noqa: ARG002 - nothing is sent
    ) -> Acknowledgement:
        """Return the empty answer."""
        return no_words(self.name, words)


def _events(webhook: Webhook) -> list[Fields]:
    value = json_value(body_text(webhook.body))
    if not isinstance(value, list):
        raise malformed("body", "a list of events")
    return [fields_of(item, str(index)) for index, item in enumerate(value)]


def _received(event: Fields) -> Received:
    kind = event.text("type")
    if kind == "message-received":
        return _inbound(event)
    if kind in _SENT:
        return _news(event, kind)
    return Nothing("an event of another kind")


def _inbound(event: Fields) -> Inbound:
    message = event.inner("message")
    media = len(message.items("media"))
    return Inbound(
        message_id=message.text("id"),
        number=message.text("from"),
        sender=message.text("owner"),  # In a group, `to` lists the others as well.
        text=message.words("text"),
        sent_at=instant(message.optional("time") or event.optional("time")),
        channel="mms" if media else "sms",
        media=media,
    )


def _news(event: Fields, kind: str) -> StatusEvent:
    message = event.inner("message")
    message_id, number = message.text("id"), event.optional("to")
    return StatusEvent(
        # A group message has one id and one event for each recipient.
        event_id=recipient_id(message_id, number or ""),
        message_id=message_id,
        number=number,
        sender=message.optional("owner"),
        status=kind.removeprefix("message-"),
        error_code=event.optional("errorCode"),
        at=instant(event.optional("time")),
    )
