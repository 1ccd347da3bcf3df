"""AWS End User Messaging: events inside envelopes of the notification service SNS."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from model.errors import SettingsError
from serving.providers.addresses import instant, instant_of_milliseconds
from serving.providers.fields import Fields, fields_of, json_fields, json_value
from serving.providers.inbound import (
    Confirmation,
    Inbound,
    Nothing,
    Received,
    StatusEvent,
)
from serving.providers.proof import decoded, need, need_account, need_fresh, octets
from serving.providers.provider import Acknowledgement, Secrets, no_words
from serving.providers.webhook import RefusalCode, Refused, Webhook, malformed

Fetch = Callable[[str], bytes]
"""Returns what is at an https address, in time; raises OSError where it cannot. It is
asked for each webhook: keep what it found. Follow no redirect."""

# Of the whole address: a parser and a fetcher might read a strange one differently.
_HOST = r"https://sns\.[a-z0-9-]{3,32}\.amazonaws\.com(?:\.cn)?/"
_ADDRESS = re.compile(_HOST + "[!-~]*")
_CERTIFICATE = re.compile(_HOST + r"SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem")
_DIGESTS: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    # Version 1 is what a topic has until its owner asks for 2.
    "1": hashes.SHA1,
    "2": hashes.SHA256,
}
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = (
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)
_SIGNED = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}
_PAST = timedelta(hours=2)
"""SNS signs once, when the message is published, and retries for at most an hour."""
_FUTURE = timedelta(minutes=5)
_OPTED_OUT = re.compile("OPT(?:ED)?_?OUT")


class Aws:
    """Two-way SMS and its events, by way of a topic.

    Topics must not be set to raw delivery: that leaves the signature out.
    """

    name = "aws"
    answers = False
    fetches = True

    def __init__(self, fetch: Fetch, past: timedelta = _PAST) -> None:
        self.fetch = fetch
        self.past = past

    def check(self, secrets: Secrets) -> None:
        """Need topics (ARNs) as accounts: SNS signs for all of its customers alike."""
        if not secrets.accounts:
            raise SettingsError("aws needs the ARN of its topic as account; give one.")

    def verify(self, webhook: Webhook, secrets: Secrets, now: datetime) -> None:
        """Raise Refused unless SNS signed this, lately, for one of our topics."""
        self.check(secrets)
        envelope = _envelope(webhook)
        if envelope.optional("Signature") is None:
            detail = "the field Signature is missing; this is no call of SNS"
            raise Refused(RefusalCode.MISSING_SIGNATURE, detail)
        # Before anything is fetched: strangers must not make us call.
        need_account(envelope.text("TopicArn"), secrets.accounts)
        published = instant(envelope.text("Timestamp"))
        if published is None:
            raise malformed("Timestamp", "an ISO 8601 time")
        need_fresh(published.timestamp(), now, self.past, _FUTURE)
        digest = _DIGESTS.get(envelope.text("SignatureVersion"))
        if digest is None:
            raise Refused(RefusalCode.UNSUPPORTED, "SignatureVersion: expected 1 or 2")
        key = self._key(envelope.text("SigningCertURL"), now)
        signature = decoded(envelope.text("Signature")) or b""
        need([_signs(key, signature, _signed(envelope), digest())])

    def _key(self, url: str, now: datetime) -> RSAPublicKey:
        if not _CERTIFICATE.fullmatch(url):
            detail = "SigningCertURL: expected a certificate at SNS itself"
            raise Refused(RefusalCode.BAD_SIGNATURE, detail)
        try:
            pem = self.fetch(url)
        except OSError as error:
            detail = "the certificate of SNS cannot be fetched now"
            raise Refused(RefusalCode.UNAVAILABLE, detail) from error
        return _key_of(pem, now)

    def read(self, webhook: Webhook) -> tuple[Received, ...]:
        """Return the message, its news, or the address that confirms a subscription."""
        envelope = _envelope(webhook)
        kind = envelope.text("Type")
        if kind == "SubscriptionConfirmation":
            return (_confirmation(envelope),)
        if kind == "UnsubscribeConfirmation":
            return (Nothing("the subscription has ended; subscribe if it should not"),)
        inner = json_value(envelope.words("Message"), "Message")
        message = fields_of(inner, "Message")
        replay_key = envelope.optional("MessageId")
        if message.optional("eventType") is not None:
            return (_event(message, replay_key),)
        return (_inbound(message, envelope, replay_key),)

    def acknowledge(
        self,
        words: str | None = None,
        inbound: Inbound | None = None,  # noqa: ARG002 - nothing is sent
    ) -> Acknowledgement:
        """Return the empty answer."""
        return no_words(self.name, words)


def _envelope(webhook: Webhook) -> Fields:
    if webhook.headers.get("x-amz-sns-rawdelivery", "").lower() == "true":
        detail = "raw delivery is not signed; turn it off for the subscription"
        raise Refused(RefusalCode.UNSUPPORTED, detail)
    return json_fields(webhook)


def _key_of(pem: bytes, now: datetime) -> RSAPublicKey:
    detail = "SigningCertURL: expected a certificate with an RSA key, valid now"
    refused = Refused(RefusalCode.BAD_SIGNATURE, detail)
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise refused from error
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not (isinstance(key, RSAPublicKey) and begins <= now <= ends):
        raise refused
    return key


def _signed(envelope: Fields) -> bytes:
    """Return what SNS signs: names and values by turns, as the type has them."""
    names = _SIGNED.get(envelope.text("Type"))
    if names is None:
        raise Refused(RefusalCode.UNSUPPORTED, f"Type: expected {', '.join(_SIGNED)}")
    lines = ""
    for name in names:
        value = envelope.values.get(name)
        if value is None and name == "Subject":
            continue
        if not isinstance(value, str):
            raise malformed(name, "text")
        lines += f"{name}\n{value}\n"
    return octets(lines)


def _signs(
    key: RSAPublicKey, signature: bytes, signed: bytes, digest: hashes.HashAlgorithm
) -> bool:
    try:
        key.verify(signature, signed, PKCS1v15(), digest)
    except InvalidSignature:
        return False
    except UnsupportedAlgorithm as error:
        detail = "this machine refuses SHA1; set the topic's SignatureVersion to 2"
        raise Refused(RefusalCode.UNSUPPORTED, detail) from error
    return True


def _confirmation(envelope: Fields) -> Confirmation:
    url = envelope.text("SubscribeURL")
    if not _ADDRESS.fullmatch(url):
        raise malformed("SubscribeURL", "an https address at SNS itself")
    return Confirmation(url)


def _inbound(message: Fields, envelope: Fields, replay_key: str | None) -> Inbound:
    return Inbound(
        message_id=message.text("inboundMessageId"),
        number=message.text("originationNumber"),
        sender=message.text("destinationNumber"),
        text=message.words("messageBody"),
        sent_at=instant(envelope.optional("Timestamp")),
        opt_out_type=message.verdict("messageKeyword"),
        replay_key=replay_key,
    )


def _event(message: Fields, replay_key: str | None) -> StatusEvent:
    kind = message.text("eventType")
    status = message.optional("messageStatus") or kind
    opted_out = bool(_OPTED_OUT.search(f"{kind} {status}".upper()))
    return StatusEvent(
        event_id=message.text("messageId"),
        message_id=message.text("messageId"),
        number=message.optional("destinationPhoneNumber"),
        sender=message.optional("originationPhoneNumber"),
        status=status.lower(),
        error_code=kind if opted_out else None,
        opted_out=opted_out,
        at=instant_of_milliseconds(message.values.get("eventTimestamp")),
        replay_key=replay_key,
    )
