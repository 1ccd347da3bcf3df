"""Plivo: forms or queries; the signature covers the address and a nonce, no more.

Whoever saw one signature could send another body under it. So the path should be
secret, and the caller refuses a nonce that it has seen with another message.
"""

import re
from datetime import datetime
from urllib.parse import urlparse

from serving.providers.addresses import instant, with_plus
from serving.providers.fields import Fields, kind_of, sent_pairs
from serving.providers.inbound import Inbound, Received, StatusEvent
from serving.providers.markup import xml_answer, xml_text
from serving.providers.proof import header, hmac_base64, need, octets, same
from serving.providers.provider import Acknowledgement, Secrets, need_keys
from serving.providers.webhook import RefusalCode, Refused, Webhook, malformed

_OPTED_OUT = "200"
_NONCE = "x-plivo-signature-v2-nonce"
_SIGNATURE, _MAIN_SIGNATURE = "x-plivo-signature-v2", "x-plivo-signature-ma-v2"
_MEDIA = re.compile("Media[0-9]+")


class Plivo:
    """Messaging: inbound messages and status callbacks."""

    name = "plivo"
    answers = True
    fetches = False

    def check(self, secrets: Secrets) -> None:
        """Need the auth token of the account or its main account."""
        need_keys(self.name, secrets)

    def verify(self, webhook: Webhook, secrets: Secrets, now: datetime) -> None:  # noqa: ARG002 - Plivo signs no time
        """Raise Refused unless Plivo signed the address with one of the keys."""
        nonce = header(webhook, _NONCE)
        # The main account's signature comes beside that of a subaccount, or alone.
        main = webhook.headers.get(_MAIN_SIGNATURE)
        given = [main] if main else []
        if not main or _SIGNATURE in webhook.headers:
            given.append(header(webhook, _SIGNATURE))
        signed = octets(_address(webhook.url) + nonce)
        need(
            same(hmac_base64(key.encode(), signed, "sha256"), signature)
            for key in secrets.keys
            for signature in given
        )

    def read(self, webhook: Webhook) -> tuple[Received, ...]:
        """Return the message or the news of one."""
        if kind_of(webhook) not in ("form", "query"):
            raise Refused(RefusalCode.UNSUPPORTED, "expected a form or a query")
        fields = Fields(dict(sent_pairs(webhook)))
        nonce = webhook.headers.get(_NONCE)
        if fields.optional("Status") is not None:
            return (_event(fields, nonce),)
        return (_inbound(fields, nonce),)

    def acknowledge(
        self, words: str | None = None, inbound: Inbound | None = None
    ) -> Acknowledgement:
        """Return XML that sends `words` to `inbound`, or nothing.

        Raises ValueError for words without the message that they answer: Plivo wants
        both numbers told.
        """
        if words is None:
            return xml_answer("")
        if inbound is None:
            raise ValueError("plivo must be told which message the words answer")
        return xml_answer(
            f'<Message src="{xml_text(inbound.sender)}" '
            f'dst="{xml_text(inbound.number)}">{xml_text(words)}</Message>'
        )


def _address(url: str) -> str:
    try:
        parts = urlparse(url)
    except ValueError as error:
        raise malformed("url", "an address") from error
    return parts._replace(params="", query="", fragment="").geturl()


def _inbound(fields: Fields, nonce: str | None) -> Inbound:
    media = sum(_MEDIA.fullmatch(name) is not None for name in fields.values)
    return Inbound(
        message_id=fields.text("MessageUUID"),
        number=with_plus(fields.text("From")),
        sender=with_plus(fields.text("To")),
        text=fields.words("Text") or fields.words("Body"),
        sent_at=instant(fields.optional("MessageTime")),
        channel=(fields.optional("Type") or "sms").lower(),
        media=media,
        replay_key=nonce,
    )


def _event(fields: Fields, nonce: str | None) -> StatusEvent:
    message_id = fields.text("MessageUUID")
    error = fields.optional("ErrorCode")
    told_at = fields.optional("DeliveryReportTime") or fields.optional("SentTime")
    return StatusEvent(
        event_id=message_id,
        message_id=message_id,
        number=with_plus(fields.text("To")),
        sender=with_plus(fields.optional("From") or "") or None,
        status=fields.lower("Status"),
        error_code=None if error == "000" else error,
        opted_out=error == _OPTED_OUT,
        at=instant(told_at),
        replay_key=nonce,
    )
