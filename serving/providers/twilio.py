"""Twilio: forms or queries signed with the account's token, or a shared key.

The signature covers the URL and every field, so a replay holds the `MessageSid` of its
original and is found as a duplicate; Twilio signs no time.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from serving.providers.fields import (
    Fields,
    Pairs,
    json_fields,
    kind_of,
    query_pairs,
    sent_pairs,
)
from serving.providers.inbound import Inbound, Received, StatusEvent
from serving.providers.markup import xml_answer, xml_text
from serving.providers.proof import (
    header,
    hmac_base64,
    need,
    need_account,
    octets,
    same,
)
from serving.providers.provider import Acknowledgement, Secrets, need_keys
from serving.providers.webhook import RefusalCode, Refused, Webhook, malformed

_OPTED_OUT = "21610"
_DIGESTS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_INBOUND = {"", "receiving", "received"}
_CHANNEL = re.compile("([a-z]+):")


class Twilio:
    """Programmable Messaging: inbound messages and status callbacks."""

    name = "twilio"
    answers = True
    fetches = False

    def check(self, secrets: Secrets) -> None:
        """Need the auth token, or the secret of a shared key; accounts are SIDs."""
        need_keys(self.name, secrets)

    def verify(self, webhook: Webhook, secrets: Secrets, now: datetime) -> None:  # noqa: ARG002 - Twilio signs no time
        """Raise Refused unless Twilio signed this with one of the keys."""
        signature = header(webhook, "x-twilio-signature")
        settings = webhook.headers.get("x-twilio-webhooks-signature-settings", "")
        digest = _DIGESTS.get(_algorithm(settings).upper())
        if digest is None:
            detail = f"the header names none of the algorithms {', '.join(_DIGESTS)}"
            raise Refused(RefusalCode.UNSUPPORTED, detail)
        signed = _signed_fields(webhook)
        need(
            same(hmac_base64(key.encode(), octets(url + signed), digest), signature)
            for key in secrets.keys
            for url in _addresses(webhook.url)
        )
        if secrets.accounts:
            need_account(_fields(webhook).optional("AccountSid"), secrets.accounts)

    def read(self, webhook: Webhook) -> tuple[Received, ...]:
        """Return the message or the news of one."""
        fields = _fields(webhook)
        status = (fields.optional("MessageStatus") or "").lower()
        return (_inbound(fields, webhook) if status in _INBOUND else _event(fields),)

    def acknowledge(
        self,
        words: str | None = None,
        inbound: Inbound | None = None,  # noqa: ARG002 - Twilio knows whom it asked
    ) -> Acknowledgement:
        """Return TwiML that sends `words`, or nothing."""
        if words is None:
            return xml_answer("")
        return xml_answer(f"<Message>{xml_text(words)}</Message>")


def _algorithm(settings: str) -> str:
    for setting in settings.split(","):
        name, _, value = setting.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip()
    return "HMAC_SHA1"


def _addresses(url: str) -> Iterator[str]:
    """Yield `url` without and with its port: Twilio signs either."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise malformed("url", "an address") from error
    usual = 443 if parts.scheme == "https" else 80
    yield _located(parts, parts.netloc.removesuffix(f":{port}"))
    yield _located(parts, parts.netloc if port else f"{parts.netloc}:{usual}")


def _located(parts: SplitResult, place: str) -> str:
    return parts._replace(netloc=place).geturl()


def _signed_fields(webhook: Webhook) -> str:
    """Return what is signed beside the URL: each name with each of its values once."""
    kind = kind_of(webhook)
    if kind == "query":
        return ""
    if kind == "form":
        pairs = sorted(set(sent_pairs(webhook)))
        return "".join(name + value for name, value in pairs)
    _need_body_hash(webhook)
    return ""


def _need_body_hash(webhook: Webhook) -> None:
    found = (value for name, value in query_pairs(webhook.url) if name == "bodySHA256")
    given = next(found, "")
    if not given:
        detail = "expected a form, or bodySHA256 in the URL; nothing signs this body"
        raise Refused(RefusalCode.UNSUPPORTED, detail)
    need([same(hashlib.sha256(webhook.body).hexdigest(), given)])


def _fields(webhook: Webhook) -> Fields:
    kind = kind_of(webhook)
    if kind == "json":
        return json_fields(webhook)
    pairs: Pairs = sent_pairs(webhook) if kind != "query" else query_pairs(webhook.url)
    return Fields(dict(pairs))


def _inbound(fields: Fields, webhook: Webhook) -> Inbound:
    number = fields.text("From")
    media = fields.count("NumMedia")
    prefix = _CHANNEL.match(number)
    return Inbound(
        message_id=fields.text("MessageSid"),
        number=number,
        sender=fields.text("To"),
        text=fields.words("Body"),
        channel=prefix[1] if prefix else "mms" if media else "sms",
        media=media,
        opt_out_type=fields.verdict("OptOutType"),
        retry="i-twilio-idempotency-token" in webhook.headers,
    )


def _event(fields: Fields) -> StatusEvent:
    error = fields.optional("ErrorCode")
    message_id = fields.text("MessageSid")
    return StatusEvent(
        event_id=message_id,
        message_id=message_id,
        number=fields.optional("To"),
        sender=fields.optional("From"),
        status=fields.lower("MessageStatus"),
        error_code=error,
        opted_out=error == _OPTED_OUT,
    )
