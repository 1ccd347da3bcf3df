"""Vonage's Messages API: JSON, vouched for by a token that holds the body's hash."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from serving.providers.addresses import instant, with_plus
from serving.providers.fields import (
    Fields,
    body_text,
    fields_of,
    json_fields,
    json_value,
)
from serving.providers.inbound import Inbound, Received, StatusEvent
from serving.providers.proof import (
    decoded,
    header,
    need,
    need_account,
    need_fresh,
    same,
)
from serving.providers.provider import Acknowledgement, Secrets, need_keys, no_words
from serving.providers.webhook import RefusalCode, Refused, Webhook, malformed

_PAST = timedelta(minutes=5)
_FUTURE = timedelta(minutes=1)
"""Two machines' clocks differ; without it a clock a second slow refuses everything."""
_SEGMENTS = 3
_MEDIA = ("image", "audio", "video", "file", "vcard", "sticker")
# The status webhook tells an opt-out by its text; the number of the SMS API is 9.
_OPTED_OUT = re.compile(r"opt(?:ed)?[ -]?out|^9$", re.IGNORECASE)


class VonageMessages:
    """Inbound messages and status webhooks, version 1 and the objects of version 0."""

    name = "vonage_messages"
    answers = False
    fetches = False

    def __init__(self, past: timedelta = _PAST) -> None:
        self.past = past

    def check(self, secrets: Secrets) -> None:
        """Need the signature secret; accounts are API keys or applications."""
        need_keys(self.name, secrets)

    def verify(self, webhook: Webhook, secrets: Secrets, now: datetime) -> None:
        """Raise Refused unless a fresh token of one of the keys vouches for this."""
        token = _token(webhook)
        need(
            hmac.compare_digest(
                hmac.digest(key.encode(), token.signed, "sha256"), token.signature
            )
            for key in secrets.keys
        )
        _need_time(token.claims, now, self.past)
        body_hash = hashlib.sha256(webhook.body).hexdigest()
        if not same(token.claims.text("payload_hash").lower(), body_hash):
            detail = "the token is good, but made for another body"
            raise Refused(RefusalCode.BAD_SIGNATURE, detail)
        _need_api_key(token.claims, secrets.accounts)

    def read(self, webhook: Webhook) -> tuple[Received, ...]:
        """Return the message or the news of one."""
        fields = json_fields(webhook)
        replay_key = _token(webhook).claims.optional("jti")
        if "status" in fields.values:
            return (_event(fields, replay_key),)
        return (_inbound(fields, replay_key),)

    def acknowledge(
        self,
        words: str | None = None,
        inbound: Inbound | None = None,  # noqa: ARG002 - nothing is sent
    ) -> Acknowledgement:
        """Return the empty answer; Vonage wants 200 here."""
        no_words(self.name, words)
        return Acknowledgement(200)


@dataclass(frozen=True, slots=True)
class _Token:
    claims: Fields
    signed: bytes
    signature: bytes


def _token(webhook: Webhook) -> _Token:
    scheme, _, encoded = header(webhook, "authorization").partition(" ")
    segments = encoded.strip().split(".")
    if scheme.lower() != "bearer" or len(segments) != _SEGMENTS:
        raise malformed("the header authorization", "Bearer and a JSON Web Token")
    first, claims, signature = (_octets(segment) for segment in segments)
    described = fields_of(json_value(body_text(first), "token"), "token")
    # Whoever chose the algorithm from the token would take "none".
    if described.optional("alg") != "HS256" or "crit" in described.values:
        detail = "expected a token with alg HS256 and no crit"
        raise Refused(RefusalCode.UNSUPPORTED, detail)
    read = fields_of(json_value(body_text(claims), "token"), "token")
    signed = ".".join(segments[:2]).encode("ascii")
    return _Token(read, signed, signature)


def _octets(segment: str) -> bytes:
    standard = segment.translate(str.maketrans("-_", "+/", "+/="))
    octets = decoded(standard + "=" * (-len(standard) % 4))
    if octets is None or len(standard) != len(segment):
        raise malformed("the header authorization", "base64url without padding")
    return octets


def _need_time(claims: Fields, now: datetime, past: timedelta) -> None:
    need_fresh(_moment(claims, "iat"), now, past, _FUTURE)
    if "exp" in claims.values and _moment(claims, "exp") <= now.timestamp():
        raise Refused(RefusalCode.STALE, "the token has expired")
    if "nbf" in claims.values:
        need_fresh(_moment(claims, "nbf"), now, timedelta.max, _FUTURE)


def _moment(claims: Fields, name: str) -> float:
    value = claims.values.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise malformed(claims.path + name, "seconds since 1970")
    try:
        return float(value)
    except OverflowError as error:
        raise malformed(claims.path + name, "seconds since 1970") from error


def _need_api_key(claims: Fields, accounts: frozenset[str]) -> None:
    if claims.optional("api_key") not in accounts:
        need_account(claims.optional("application_id"), accounts)


def _inbound(fields: Fields, replay_key: str | None) -> Inbound:
    return Inbound(
        message_id=fields.text("message_uuid"),
        number=with_plus(_address(fields, "from")),
        sender=with_plus(_address(fields, "to")),
        text=_words(fields),
        sent_at=instant(fields.optional("timestamp")),
        channel=(fields.optional("channel") or "sms").lower(),
        media=1 if fields.optional("message_type") in _MEDIA else 0,
        replay_key=replay_key,
    )


def _address(fields: Fields, name: str) -> str:
    """Return a number, which version 0 keeps in an object."""
    if isinstance(fields.values.get(name), dict):
        return fields.inner(name).text("number")
    return fields.text(name)


def _words(fields: Fields) -> str:
    """Return the text, the label of a tapped button, or the words beside media."""
    kind = fields.optional("message_type") or "text"
    if kind in _MEDIA and isinstance(fields.values.get(kind), dict):
        return fields.words("text") or fields.inner(kind).words("caption")
    if kind == "reply":
        return fields.inner("reply").words("title")
    if kind == "button":
        return fields.inner("button").words("text")
    return fields.words("text")


def _event(fields: Fields, replay_key: str | None) -> StatusEvent:
    message_id = fields.text("message_uuid")
    error = fields.inner_or_empty("error")
    code = error.optional("title") or error.optional("code")
    told = (code or "", error.words("detail"), error.words("reason"))
    return StatusEvent(
        event_id=message_id,
        message_id=message_id,
        number=with_plus(_address(fields, "to")),
        sender=with_plus(_address(fields, "from")),
        status=fields.lower("status"),
        error_code=code,
        opted_out=any(_OPTED_OUT.search(text) for text in told),
        at=instant(fields.optional("timestamp")),
        replay_key=replay_key,
    )
