"""Vonage's SMS API: fields by query, form or JSON, with a `sig` among them."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from serving.providers.addresses import instant, with_plus
from serving.providers.fields import Fields, json_fields, kind_of, sent_pairs
from serving.providers.inbound import Inbound, Nothing, Part, Received, StatusEvent
from serving.providers.proof import (
    need,
    need_account,
    need_fresh,
    octets,
    same,
    seconds,
)
from serving.providers.provider import Acknowledgement, Secrets, need_keys, no_words
from serving.providers.webhook import RefusalCode, Refused, Webhook, malformed

Method = Literal["md5hash", "md5", "sha1", "sha256", "sha512"]
"""As the account's settings name them; the first is a plain hash, the others HMAC."""

_OPTED_OUT = "9"
_PAST = timedelta(hours=24, minutes=5)
"""Vonage resends for 24 hours, and says nowhere that it signs each try anew. A STOP
that waited for us to come back must not be stale; a replay is a duplicate anyway, for
the message id is signed."""
_FUTURE = timedelta(minutes=5)
_SEPARATORS = re.compile("[&=]")


class VonageSms:
    """Inbound messages and delivery receipts.

    `method` is the account's signature method. Signing is off until Vonage's support
    turns it on.
    """

    answers = False
    fetches = False

    def __init__(self, method: Method = "sha256", past: timedelta = _PAST) -> None:
        self.method = method
        self.past = past

    @property
    def name(self) -> str:
        """The same for all methods: a key of idempotency outlives a setting."""
        return "vonage"

    def check(self, secrets: Secrets) -> None:
        """Need the signature secret; accounts are API keys."""
        need_keys(self.name, secrets)

    def verify(self, webhook: Webhook, secrets: Secrets, now: datetime) -> None:
        """Raise Refused unless Vonage signed this, lately, with one of the keys."""
        fields = _fields(webhook)
        signature = fields.optional("sig")
        if signature is None:
            detail = "the field sig is missing; is signing on at the provider?"
            raise Refused(RefusalCode.MISSING_SIGNATURE, detail)
        need_fresh(
            seconds(fields.text("timestamp"), "timestamp"), now, self.past, _FUTURE
        )
        signed = _signed(fields.values)
        need(same(self._sign(key, signed), signature.lower()) for key in secrets.keys)
        need_account(fields.optional("api-key"), secrets.accounts)

    def _sign(self, key: str, signed: bytes) -> str:
        if self.method == "md5hash":
            # The provider's scheme. Nothing is kept under this hash.
            whole = signed + key.encode()
            return hashlib.md5(whole, usedforsecurity=False).hexdigest()
        return hmac.digest(key.encode(), signed, self.method).hex()

    def read(self, webhook: Webhook) -> tuple[Received, ...]:
        """Return the message, or one part of it, or the receipt of one."""
        fields = _fields(webhook)
        if "err-code" in fields.values or "scts" in fields.values:
            return (_event(fields),)
        if fields.optional("type") == "binary":
            return (Nothing("a binary message holds no words"),)
        return (_inbound(fields),)

    def acknowledge(
        self,
        words: str | None = None,
        inbound: Inbound | None = None,  # noqa: ARG002 - nothing is sent
    ) -> Acknowledgement:
        """Return the empty answer."""
        return no_words(self.name, words)


def _fields(webhook: Webhook) -> Fields:
    kind = kind_of(webhook)
    if kind == "json":
        return json_fields(webhook)
    if kind == "other":
        detail = "expected a query, a form or JSON"
        raise Refused(RefusalCode.UNSUPPORTED, detail)
    return Fields(dict(sent_pairs(webhook)))


def _signed(values: Mapping[str, object]) -> bytes:
    """Return what is signed: sorted, and separators in values made harmless."""
    signed = ""
    for name in sorted(values.keys() - {"sig"}):
        value = values[name]
        if isinstance(value, dict | list):
            raise malformed(name, "text")
        words = _SEPARATORS.sub("_", value) if isinstance(value, str) else value
        signed += f"&{name}={words}"
    return octets(signed)


def _inbound(fields: Fields) -> Inbound:
    return Inbound(
        message_id=fields.text("messageId"),
        number=with_plus(fields.text("msisdn")),
        sender=with_plus(fields.text("to")),
        text=fields.words("text"),
        sent_at=instant(fields.optional("message-timestamp")),
        part=_part(fields),
        replay_key=fields.optional("nonce"),
    )


def _part(fields: Fields) -> Part | None:
    if str(fields.values.get("concat", "")).lower() != "true":
        return None
    number, total = fields.position("concat-part"), fields.position("concat-total")
    if number > total:
        raise malformed("concat-part", "no more than concat-total")
    return Part(fields.text("concat-ref"), number, total)


def _event(fields: Fields) -> StatusEvent:
    message_id = fields.text("messageId")
    error = fields.optional("err-code")
    return StatusEvent(
        event_id=message_id,
        message_id=message_id,
        # In a receipt the two change places: msisdn is whom we wrote to.
        number=with_plus(fields.text("msisdn")),
        sender=with_plus(fields.optional("to") or "") or None,
        status=fields.lower("status"),
        error_code=None if error == "0" else error,
        opted_out=error == _OPTED_OUT,
        at=instant(fields.optional("message-timestamp")),
        replay_key=fields.optional("nonce"),
    )
