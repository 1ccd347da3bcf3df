"""Telnyx: JSON events signed with Ed25519 over `timestamp|body`."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from model.errors import SettingsError
from serving.providers.addresses import instant
from serving.providers.fields import Fields, json_fields
from serving.providers.inbound import Inbound, Nothing, Received, StatusEvent
from serving.providers.proof import (
    decoded,
    header,
    need,
    need_account,
    need_fresh,
    seconds,
)
from serving.providers.provider import Acknowledgement, Secrets, need_keys, no_words
from serving.providers.webhook import RefusalCode, Refused, Webhook

_OPTED_OUT = "40300"
_KEY, _SIGNATURE = 32, 64  # octets
_TOLERANCE = timedelta(seconds=300)
"""As the provider's own code has it; every attempt is signed anew."""

_SENT = {"message.sent", "message.finalized", "message.read"}


class Telnyx:
    """Messaging, API version 2."""

    name = "telnyx"
    answers = False
    fetches = False

    def check(self, secrets: Secrets) -> None:
        """Need public keys; accounts are messaging profiles or organizations."""
        need_keys(self.name, secrets)
        for key in secrets.keys:
            _public(key)

    def verify(self, webhook: Webhook, secrets: Secrets, now: datetime) -> None:
        """Raise Refused unless Telnyx signed this, now, with one of the keys."""
        signature = decoded(header(webhook, "telnyx-signature-ed25519"))
        timestamp = header(webhook, "telnyx-timestamp")
        signed_at = seconds(timestamp, "the header telnyx-timestamp")
        need_fresh(signed_at, now, _TOLERANCE, _TOLERANCE)
        if signature is None or len(signature) != _SIGNATURE:
            detail = f"expected {_SIGNATURE} octets in base64"
            raise Refused(RefusalCode.BAD_SIGNATURE, detail)
        signed = timestamp.encode() + b"|" + webhook.body
        need(_signs(_public(key), signature, signed) for key in secrets.keys)
        if secrets.accounts:
            _need_profile(json_fields(webhook), secrets.accounts)

    def read(self, webhook: Webhook) -> tuple[Received, ...]:
        """Return the message, or the news of one for each who was written to."""
        body = json_fields(webhook)
        data = body.inner("data")
        kind = data.text("event_type")
        if kind == "message.received":
            return (_inbound(data, retry=body.inner_or_empty("meta").count("attempt")),)
        if kind in _SENT:
            return tuple(_events(data)) or (Nothing("an event without recipients"),)
        return (Nothing("an event of another kind"),)

    def acknowledge(
        self,
        words: str | None = None,
        inbound: Inbound | None = None,  # noqa: ARG002 - nothing is sent
    ) -> Acknowledgement:
        """Return the empty answer."""
        return no_words(self.name, words)


def _public(key: str) -> Ed25519PublicKey:
    raw = decoded(key)
    if raw is None or len(raw) != _KEY:
        raise SettingsError(
            f"A key of telnyx is no public key: expected {_KEY} octets in base64, as "
            "Mission Control shows it."
        )
    return Ed25519PublicKey.from_public_bytes(raw)


def _signs(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _need_profile(body: Fields, accounts: frozenset[str]) -> None:
    payload = body.inner("data").inner("payload")
    profile = payload.optional("messaging_profile_id")
    if profile not in accounts:
        need_account(payload.optional("organization_id"), accounts)


def _inbound(data: Fields, retry: int) -> Inbound:
    payload = data.inner("payload")
    recipients = next(payload.objects("to"), Fields({}, f"{payload.path}to.0."))
    return Inbound(
        message_id=payload.text("id"),
        number=payload.inner("from").text("phone_number"),
        sender=recipients.text("phone_number"),
        text=_words(payload),
        sent_at=instant(
            payload.optional("received_at") or data.optional("occurred_at")
        ),
        channel=(payload.optional("type") or "sms").lower(),
        media=len(payload.items("media")),
        opt_out_type=payload.verdict("autoresponse_type"),
        replay_key=data.optional("id"),
        retry=retry > 1,
    )


def _words(payload: Fields) -> str:
    """Return the text, which RCS and WhatsApp keep further in."""
    body = payload.inner_or_empty("body")
    if isinstance(body.values.get("text"), dict):
        return payload.words("text") or body.inner("text").words("body")
    return payload.words("text") or body.words("text")


def _events(data: Fields) -> Iterator[StatusEvent]:
    payload = data.inner("payload")
    codes = [error.optional("code") for error in payload.objects("errors")]
    for index, recipient in enumerate(payload.objects("to")):
        yield StatusEvent(
            event_id=f"{data.text('id')}/{index}",
            message_id=payload.text("id"),
            number=recipient.optional("phone_number"),
            sender=payload.inner_or_empty("from").optional("phone_number"),
            status=(recipient.optional("status") or data.text("event_type")).lower(),
            error_code=_OPTED_OUT if _OPTED_OUT in codes else next(iter(codes), None),
            opted_out=_OPTED_OUT in codes,
            at=instant(data.optional("occurred_at")),
            replay_key=data.optional("id"),
        )
