"""Sinch's SMS API: JSON, signed where the account manager turned it on, else Basic."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from serving.providers.addresses import instant, with_plus
from serving.providers.fields import Fields, json_fields
from serving.providers.inbound import (
    Inbound,
    Nothing,
    Received,
    StatusEvent,
    recipient_id,
)
from serving.providers.proof import (
    header,
    hmac_base64,
    need,
    need_basic,
    need_fresh,
    octets,
    same,
    seconds,
)
from serving.providers.provider import Acknowledgement, Secrets, need_keys, no_words
from serving.providers.webhook import Webhook, malformed

_OPTED_OUT = "257"
_SIGNATURE = "x-sinch-webhook-signature"
_NONCE = "x-sinch-webhook-signature-nonce"
_TIMESTAMP = "x-sinch-webhook-signature-timestamp"
_PAST = timedelta(hours=48)
"""Sinch tries again for 46 hours (5 s, doubling to 81,920 s), and says nowhere that it
signs each try anew. A STOP that waited for us to come back must not be stale; a replay
is a duplicate anyway, for the message id is signed."""
_FUTURE = timedelta(minutes=5)
_RECIPIENT = {"recipient_delivery_report_sms", "recipient_delivery_report_mms"}
_NO_ERROR = {"0", "400", "401"}  # delivered, queued, dispatched
_BATCH = {"delivery_report_sms", "delivery_report_mms"}


class SinchBasic:
    """The SMS API behind HTTP Basic: keys are `user:password`, nothing is signed.

    A class of its own, so that no one gets in with Basic where signatures are set up.
    """

    answers = False
    fetches = False

    @property
    def name(self) -> str:
        """The same with and without signatures: a key outlives a setting."""
        return "sinch"

    def check(self, secrets: Secrets) -> None:
        """Need the callback's key."""
        need_keys(self.name, secrets)

    def verify(self, webhook: Webhook, secrets: Secrets, now: datetime) -> None:  # noqa: ARG002 - Basic tells no time
        """Raise Refused unless the credentials are ours."""
        need_basic(webhook, secrets.keys)

    def read(self, webhook: Webhook) -> tuple[Received, ...]:
        """Return the message, or the news of one for each who was written to."""
        fields = json_fields(webhook)
        kind = fields.text("type")
        nonce = webhook.headers.get(_NONCE)
        if kind in ("mo_text", "mo_media"):
            return (_inbound(fields, kind, nonce),)
        if kind in _RECIPIENT:
            return (_recipient(fields, nonce),)
        if kind in _BATCH:
            found = tuple(_batch(fields, nonce))
            return found or (Nothing("a report without recipients"),)
        return (Nothing("an event of another kind"),)

    def acknowledge(
        self,
        words: str | None = None,
        inbound: Inbound | None = None,  # noqa: ARG002 - nothing is sent
    ) -> Acknowledgement:
        """Return the empty answer."""
        return no_words(self.name, words)


class Sinch(SinchBasic):
    """The SMS API with signed callbacks: HMAC-SHA256 over `body.nonce.timestamp`."""

    def __init__(self, past: timedelta = _PAST) -> None:
        self.past = past

    def verify(self, webhook: Webhook, secrets: Secrets, now: datetime) -> None:
        """Raise Refused unless Sinch signed this, lately, with one of the keys."""
        signature, nonce = header(webhook, _SIGNATURE), header(webhook, _NONCE)
        timestamp = header(webhook, _TIMESTAMP)
        signed_at = seconds(timestamp, f"the header {_TIMESTAMP}")
        need_fresh(signed_at, now, self.past, _FUTURE)
        signed = webhook.body + octets(f".{nonce}.{timestamp}")
        need(
            same(hmac_base64(key.encode(), signed, "sha256"), signature)
            for key in secrets.keys
        )


def _inbound(fields: Fields, kind: str, nonce: str | None) -> Inbound:
    body = fields.inner("body") if kind == "mo_media" else None
    return Inbound(
        message_id=fields.text("id"),
        number=with_plus(fields.text("from")),
        sender=with_plus(fields.text("to")),
        text=(body.words("message") or body.words("subject"))
        if body
        else fields.words("body"),
        # Not their `sent_at`, the clock of the person's device: a STOP that it dates
        # back would be overruled by an older opt-in.
        sent_at=instant(fields.optional("received_at")),
        channel="mms" if body else "sms",
        media=len(body.items("media")) if body else 0,
        replay_key=nonce,
    )


def _recipient(fields: Fields, nonce: str | None) -> StatusEvent:
    code = fields.optional("code")
    message_id = fields.text("batch_id")
    number = with_plus(fields.text("recipient"))
    return StatusEvent(
        event_id=recipient_id(message_id, number),
        message_id=message_id,
        number=number,
        sender=with_plus(fields.optional("applied_originator") or "") or None,
        status=fields.lower("status"),
        error_code=None if code in _NO_ERROR else code,
        opted_out=code == _OPTED_OUT,
        at=instant(fields.optional("at")),
        replay_key=nonce,
    )


def _batch(fields: Fields, nonce: str | None) -> Iterator[StatusEvent]:
    message_id = fields.text("batch_id")
    for status in fields.objects("statuses"):
        code = status.optional("code")
        for recipient in status.items("recipients"):
            if not isinstance(recipient, str):
                raise malformed(f"{status.path}recipients", "numbers as text")
            number = with_plus(recipient)
            yield StatusEvent(
                event_id=recipient_id(message_id, number),
                message_id=message_id,
                number=number,
                sender=None,
                status=status.lower("status"),
                error_code=None if code in _NO_ERROR else code,
                opted_out=code == _OPTED_OUT,
                replay_key=nonce,
            )
