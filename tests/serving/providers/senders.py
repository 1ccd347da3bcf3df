"""Providers as they call: each signs a message of a person as the real one does."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import urlencode

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from serving.providers.catalogue import catalogue
from serving.providers.provider import Provider, Secrets
from serving.providers.webhook import Webhook

NOW = datetime.now(UTC).replace(microsecond=0)
URL = "https://sms.example.com/v1/inbound/shop"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
JSON = {"Content-Type": "application/json"}
CERTIFICATE_URL = (
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem"
)
TOPIC = "arn:aws:sns:us-east-1:123456789012:replies"


@dataclass(frozen=True)
class Said:
    """What a person sent, and how the provider signs it."""

    text: str = "Where is my order?"
    key: str = "key-of-the-account-and-of-no-other"
    account: str = "account"
    at: datetime = NOW
    message_id: str = "message-1"
    media: int = 0


@dataclass(frozen=True)
class Sender:
    """A provider that can be asked to call.

    `signs` tells what the signature covers; `past` how old one may be.
    """

    name: str
    call: Callable[[Said], Webhook]
    past: timedelta | None = None
    has_account: bool = True
    signs_body: bool = True
    keys: tuple[str, str] = (
        "key-of-the-account-and-of-no-other",
        "key-of-another-account-than-ours",
    )

    @property
    def provider(self) -> Provider:
        return PROVIDERS[self.name]

    def secrets(self, *keys: str, account: str = "account") -> Secrets:
        trusted = tuple(public(self.name, key) for key in keys or self.keys[:1])
        accounts = frozenset({account}) if self.has_account else frozenset()
        return Secrets(trusted, accounts)

    def said(self, text: str = "Where is my order?", **others: object) -> Said:
        return Said(text, **{"key": self.keys[0], **others})  # type: ignore[arg-type]


def public(name: str, key: str) -> str:
    if name == "telnyx":
        raw = ed25519(key).public_key().public_bytes_raw()
        return base64.b64encode(raw).decode()
    return key


def clock() -> datetime:
    """Return the time of this machine, where a library looks at it by itself."""
    return datetime.now(UTC).replace(microsecond=0)


def post(body: bytes, headers: Mapping[str, str], url: str = URL) -> Webhook:
    return Webhook("POST", url, headers, body)


def base64_hmac(key: str, message: bytes, digest: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), message, digest)).decode()


# --- one function for each provider


def twilio(said: Said) -> Webhook:
    fields = {
        "MessageSid": said.message_id,
        "AccountSid": said.account,
        "From": "+14155550100",
        "To": "+14155550199",
        "Body": said.text,
        "NumMedia": str(said.media),
        "FromCity": "",
        "NewField": "of tomorrow",
    }
    whole = URL + "".join(name + fields[name] for name in sorted(fields))
    signature = base64_hmac(said.key, whole.encode(), "sha1")
    headers = {**FORM, "X-Twilio-Signature": signature}
    return post(urlencode(fields).encode(), headers)


@cache
def ed25519(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def telnyx_signed(body: bytes, said: Said) -> Webhook:
    timestamp = str(int(said.at.timestamp()))
    signature = ed25519(said.key).sign(f"{timestamp}|".encode() + body)
    return post(
        body,
        {
            **JSON,
            "Telnyx-Signature-Ed25519": base64.b64encode(signature).decode(),
            "Telnyx-Timestamp": timestamp,
        },
    )


def telnyx(said: Said) -> Webhook:
    payload = {
        "id": said.message_id,
        "type": "MMS" if said.media else "SMS",
        "from": {"phone_number": "+14155550100", "carrier": "of tomorrow"},
        "to": [{"phone_number": "+14155550199"}],
        "text": said.text,
        "media": [{"url": "https://example.com/a"}] * said.media,
        "messaging_profile_id": said.account,
        "received_at": said.at.isoformat(),
    }
    event = {
        "id": f"event-of-{said.message_id}",
        "event_type": "message.received",
        "occurred_at": said.at.isoformat(),
        "payload": payload,
    }
    body = {"data": event, "meta": {"attempt": 1}}
    return telnyx_signed(json.dumps(body).encode(), said)


def vonage_fields(said: Said) -> dict[str, str]:
    return {
        "msisdn": "14155550100",
        "to": "14155550199",
        "messageId": said.message_id,
        "text": said.text,
        "type": "text",
        "keyword": "",
        "api-key": said.account,
        "message-timestamp": said.at.strftime("%Y-%m-%d %H:%M:%S"),
        "timestamp": str(int(said.at.timestamp())),
        "nonce": f"nonce-of-{said.message_id}",
    }


def vonage_signature(fields: Mapping[str, str], key: str, method: str) -> str:
    whole = "".join(
        f"&{name}={fields[name].replace('&', '_').replace('=', '_')}"
        for name in sorted(fields)
    )
    if method == "md5hash":
        return hashlib.md5((whole + key).encode(), usedforsecurity=False).hexdigest()
    return hmac.digest(key.encode(), whole.encode(), method).hex().upper()


def vonage_sms(said: Said, method: str = "sha256") -> Webhook:
    fields = vonage_fields(said)
    fields["sig"] = vonage_signature(fields, said.key, method)
    return post(urlencode(fields).encode(), FORM)


def vonage_token(body: bytes, said: Said, **claims: object) -> str:
    told = {
        "api_key": said.account,
        "iat": int(said.at.timestamp()),
        "jti": f"token-of-{said.message_id}",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        **claims,
    }
    return jwt.encode(told, said.key, "HS256")


def vonage_messages_signed(body: bytes, said: Said, **claims: object) -> Webhook:
    token = vonage_token(body, said, **claims)
    return post(body, {**JSON, "Authorization": f"Bearer {token}"})


def vonage_messages(said: Said) -> Webhook:
    fields: dict[str, object] = {
        "message_uuid": said.message_id,
        "channel": "sms",
        "message_type": "image" if said.media else "text",
        "from": "14155550100",
        "to": "14155550199",
        "text": said.text,
        "timestamp": said.at.isoformat(),
        "usage": {"of": "tomorrow"},
    }
    return vonage_messages_signed(json.dumps(fields).encode(), said)


def plivo(said: Said) -> Webhook:
    fields = {
        "From": "14155550100",
        "To": "14155550199",
        "Type": "mms" if said.media else "sms",
        "Text": said.text,
        "MessageUUID": said.message_id,
        "Units": "",
        **{f"Media{index}": "https://example.com/a" for index in range(said.media)},
    }
    nonce = f"nonce-of-{said.message_id}"
    headers = {
        **FORM,
        "X-Plivo-Signature-V2": base64_hmac(said.key, (URL + nonce).encode(), "sha256"),
        "X-Plivo-Signature-V2-Nonce": nonce,
    }
    return post(urlencode(fields).encode(), headers, f"{URL}?secret=path")


def basic(key: str) -> dict[str, str]:
    return {**JSON, "Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"}


def bandwidth(said: Said) -> Webhook:
    message = {
        "id": said.message_id,
        "owner": "+14155550199",
        "applicationId": said.account,
        "time": said.at.isoformat(),
        "from": "+14155550100",
        "to": ["+14155550199"],
        "text": said.text,
        "media": ["https://example.com/a"] * said.media,
        "segmentCount": 1,
    }
    event = {"type": "message-received", "time": said.at.isoformat()}
    body = json.dumps([{**event, "message": message}]).encode()
    return post(body, basic(said.key))


def sinch_body(said: Said) -> bytes:
    media = [{"url": "https://example.com/a", "content_type": "image/png"}] * said.media
    fields = {
        "id": said.message_id,
        "type": "mo_media" if media else "mo_text",
        "from": "14155550100",
        "to": "14155550199",
        "body": {"message": said.text, "media": media} if media else said.text,
        "received_at": said.at.isoformat(),
        "operator_id": None,
    }
    return json.dumps(fields).encode()


def sinch_signed(body: bytes, said: Said) -> Webhook:
    nonce, timestamp = f"nonce-of-{said.message_id}", str(int(said.at.timestamp()))
    signed = body + f".{nonce}.{timestamp}".encode()
    headers = {
        **JSON,
        "X-Sinch-Webhook-Signature": base64_hmac(said.key, signed, "sha256"),
        "X-Sinch-Webhook-Signature-Nonce": nonce,
        "X-Sinch-Webhook-Signature-Timestamp": timestamp,
        "X-Sinch-Webhook-Signature-Algorithm": "HmacSHA256",
    }
    return post(body, headers)


def sinch(said: Said) -> Webhook:
    return sinch_signed(sinch_body(said), said)


def sinch_basic(said: Said) -> Webhook:
    return post(sinch_body(said), basic(said.key))


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:  # noqa: ARG001 - one key for each name
    return rsa.generate_private_key(65537, 2048)


@cache
def certificate(name: str, begins: datetime = NOW) -> bytes:
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(rsa_key(name).public_key())
        .serial_number(1)
        .not_valid_before(begins - timedelta(days=30))
        .not_valid_after(begins + timedelta(days=30))
        .sign(rsa_key(name), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def fetch(url: str) -> bytes:
    if url != CERTIFICATE_URL:
        raise ConnectionError
    return certificate("key-of-the-account-and-of-no-other")


def sns_signed(fields: Mapping[str, str], key: str, version: str = "2") -> Webhook:
    names = [
        "Message",
        "MessageId",
        "Subject",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ]
    lines = "".join(f"{name}\n{fields[name]}\n" for name in names if name in fields)
    digest = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303 - version 1
    signature = rsa_key(key).sign(lines.encode(), padding.PKCS1v15(), digest)
    envelope = {
        **fields,
        "SignatureVersion": version,
        "Signature": base64.b64encode(signature).decode(),
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    }
    headers = {"Content-Type": "text/plain; charset=UTF-8"}
    return post(json.dumps(envelope).encode(), headers)


def sns_fields(message: object, said: Said) -> dict[str, str]:
    return {
        "Type": "Notification",
        "MessageId": f"envelope-of-{said.message_id}",
        "TopicArn": said.account,
        "Message": json.dumps(message),
        "Timestamp": said.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }


def aws(said: Said, version: str = "2") -> Webhook:
    message = {
        "originationNumber": "+14155550100",
        "destinationNumber": "+14155550199",
        "messageKeyword": "KEYWORD_1",
        "messageBody": said.text,
        "inboundMessageId": said.message_id,
        "previousPublishedMessageId": "of yesterday",
    }
    return sns_signed(sns_fields(message, said), said.key, version)


def generic_signed(body: bytes, said: Said) -> Webhook:
    event_id, timestamp = f"event-of-{said.message_id}", str(int(said.at.timestamp()))
    signed = f"{event_id}.{timestamp}.".encode() + body
    raw = base64.b64decode(said.key.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(raw, signed, "sha256")).decode()
    headers = {
        **JSON,
        "Webhook-Id": event_id,
        "Webhook-Timestamp": timestamp,
        "Webhook-Signature": f"v1,{signature}",
    }
    return post(body, headers)


def generic(said: Said) -> Webhook:
    fields = {
        "type": "message.received",
        "message_id": said.message_id,
        "from": "+14155550100",
        "to": "+14155550199",
        "text": said.text,
        "sent_at": said.at.isoformat(),
        "media": said.media,
        "of": {"tomorrow": [1]},
    }
    return generic_signed(json.dumps(fields).encode(), said)


PROVIDERS = catalogue(fetch)
GENERIC_KEYS = tuple(
    "whsec_" + base64.b64encode(name.encode() * 4).decode() for name in ("four", "five")
)
BASIC_KEYS = ("user:a long password", "user:another password")
SENDERS = {
    sender.name: sender
    for sender in (
        Sender("aws", aws, past=timedelta(hours=2)),
        Sender("bandwidth", bandwidth, signs_body=False, keys=BASIC_KEYS),
        Sender(
            "generic",
            generic,
            past=timedelta(minutes=5),
            has_account=False,
            keys=(GENERIC_KEYS[0], GENERIC_KEYS[1]),
        ),
        Sender("plivo", plivo, signs_body=False, has_account=False),
        Sender("sinch", sinch, past=timedelta(hours=48), has_account=False),
        Sender(
            "sinch_basic",
            sinch_basic,
            signs_body=False,
            has_account=False,
            keys=BASIC_KEYS,
        ),
        Sender("telnyx", telnyx, past=timedelta(minutes=5)),
        Sender("twilio", twilio),
        Sender("vonage_messages", vonage_messages, past=timedelta(minutes=5)),
        Sender("vonage", vonage_sms, past=timedelta(hours=24, minutes=5)),
    )
}
