"""AWS: the signature of its notification service, done here by the published scheme."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization

from serving.providers.aws import Aws
from serving.providers.inbound import Confirmation, Inbound, Nothing, StatusEvent
from serving.providers.provider import Secrets
from serving.providers.webhook import RefusalCode, Refused, Webhook
from tests.serving.providers.senders import (
    CERTIFICATE_URL,
    JSON,
    NOW,
    SENDERS,
    URL,
    Said,
    aws,
    certificate,
    fetch,
    rsa_key,
    sns_fields,
    sns_signed,
)

SENDER = SENDERS["aws"]
KEY = SENDER.keys[0]
SECRETS = SENDER.secrets()


def code_of(
    webhook: Webhook, provider: Aws | None = None, secrets: Secrets = SECRETS
) -> RefusalCode | None:
    try:
        (provider or Aws(fetch)).verify(webhook, secrets, NOW)
    except Refused as refused:
        return refused.code
    return None


def changed(webhook: Webhook, **fields: object) -> Webhook:
    envelope = json.loads(webhook.body) | fields
    return replace(webhook, body=json.dumps(envelope).encode())


def never(url: str) -> bytes:
    raise AssertionError(url)


@pytest.mark.parametrize("version", ["1", "2"])
def test_both_versions_are_let_in(version: str) -> None:
    assert code_of(aws(Said(), version)) is None


@pytest.mark.parametrize("version", ["1", "2"])
def test_one_version_does_not_stand_in_for_the_other(version: str) -> None:
    webhook = changed(aws(Said(), version), SignatureVersion="21".replace(version, ""))

    assert code_of(webhook) is RefusalCode.BAD_SIGNATURE


@pytest.mark.parametrize("version", ["0", "3", 2, "é"])
def test_an_unknown_version_is_refused(version: object) -> None:
    code = code_of(changed(aws(Said()), SignatureVersion=version))

    assert code is (None if version == 2 else RefusalCode.UNSUPPORTED)


def test_a_subject_is_signed_where_there_is_one() -> None:
    fields = {**sns_fields({}, Said()), "Subject": "S"}
    webhook = sns_signed(fields, KEY)

    assert code_of(webhook) is None
    assert code_of(changed(webhook, Subject=None)) is RefusalCode.BAD_SIGNATURE
    assert code_of(changed(webhook, Subject="T")) is RefusalCode.BAD_SIGNATURE


@pytest.mark.parametrize(
    "url",
    [
        CERTIFICATE_URL.replace("https", "http"),
        CERTIFICATE_URL.replace("sns.", "sns.evil."),
        CERTIFICATE_URL.replace("amazonaws.com", "amazonaws.com.evil.com"),
        CERTIFICATE_URL.replace("amazonaws.com", "amazonaws.com:8443"),
        CERTIFICATE_URL.replace("https://", "https://user@"),
        CERTIFICATE_URL.replace("https://", "https://evil.com/"),
        CERTIFICATE_URL.replace("https://", "https://evil.com\\@"),
        CERTIFICATE_URL.replace("/Simple", "/bucket/Simple"),
        CERTIFICATE_URL.replace(".pem", ".pem\n"),
        "https://sns.us-east-1.amazonaws.com/",
        "https://[::1",
        "file:///etc/passwd",
    ],
)
def test_a_certificate_from_elsewhere_is_never_fetched(url: str) -> None:
    webhook = changed(aws(Said()), SigningCertURL=url)

    assert code_of(webhook, Aws(never)) is RefusalCode.BAD_SIGNATURE


def test_a_foreign_topic_or_old_envelope_makes_us_fetch_nothing() -> None:
    foreign = aws(Said(account="another"))
    old = aws(Said(at=NOW - timedelta(days=1)))

    assert code_of(foreign, Aws(never)) is RefusalCode.WRONG_ACCOUNT
    assert code_of(old, Aws(never)) is RefusalCode.STALE


def test_a_certificate_that_cannot_be_had_now_asks_for_a_retry() -> None:
    url = CERTIFICATE_URL.replace("0123", "9999")

    code = code_of(changed(aws(Said()), SigningCertURL=url))

    assert code is RefusalCode.UNAVAILABLE


@pytest.mark.parametrize("pem", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_is_refused(pem: bytes) -> None:
    assert code_of(aws(Said()), Aws(lambda _: pem)) is RefusalCode.BAD_SIGNATURE


def test_a_certificate_is_needed_that_is_valid_now() -> None:
    expired = certificate(KEY, NOW - timedelta(days=90))
    bare = rsa_key(KEY).public_key()
    key = bare.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    assert code_of(aws(Said()), Aws(lambda _: expired)) is RefusalCode.BAD_SIGNATURE
    assert code_of(aws(Said()), Aws(lambda _: key)) is RefusalCode.BAD_SIGNATURE


def test_raw_delivery_is_refused_for_it_is_not_signed() -> None:
    webhook = Webhook("POST", URL, {**JSON, "X-Amz-Sns-Rawdelivery": "true"}, b"{}")

    assert code_of(webhook) is RefusalCode.UNSUPPORTED


@pytest.mark.parametrize("missing", ["Signature", "TopicArn", "Message", "Type"])
def test_a_missing_field_is_refused(missing: str) -> None:
    assert code_of(changed(aws(Said()), **{missing: None})) is not None


def confirmation(kind: str, url: str) -> Webhook:
    fields = sns_fields("You have chosen…", Said())
    more = {"Type": kind, "Token": "t", "SubscribeURL": url}
    return sns_signed({**fields, **more}, KEY)


SUBSCRIBE = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"


def test_a_subscription_is_confirmed_at_the_address_that_is_signed() -> None:
    webhook = confirmation("SubscriptionConfirmation", SUBSCRIBE)

    assert code_of(webhook) is None
    assert Aws(fetch).read(webhook) == (Confirmation(SUBSCRIBE),)
    other = changed(webhook, SubscribeURL=SUBSCRIBE + "2")
    assert code_of(other) is RefusalCode.BAD_SIGNATURE


@pytest.mark.parametrize("url", ["http://sns.us-east-1.amazonaws.com/", "https://a.b/"])
def test_a_subscription_is_confirmed_nowhere_else(url: str) -> None:
    webhook = confirmation("SubscriptionConfirmation", url)

    with pytest.raises(Refused, match="SubscribeURL"):
        Aws(fetch).read(webhook)


def test_the_end_of_a_subscription_is_no_confirmation() -> None:
    webhook = confirmation("UnsubscribeConfirmation", SUBSCRIBE)

    assert code_of(webhook) is None
    (found,) = Aws(fetch).read(webhook)
    assert isinstance(found, Nothing)


def read(message: object) -> object:
    (received,) = Aws(fetch).read(sns_signed(sns_fields(message, Said()), KEY))
    return received


def test_the_keyword_that_aws_acted_on_is_kept() -> None:
    found = read(
        {
            "originationNumber": "+14155550100",
            "destinationNumber": "72345",
            "messageKeyword": "STOP",
            "messageBody": "Stop by at 3?",
            "inboundMessageId": "m1",
        }
    )

    assert isinstance(found, Inbound)
    assert (found.opt_out_type, found.sender) == ("STOP", "72345")
    assert found.replay_key == "envelope-of-message-1"


@pytest.mark.parametrize(
    ("kind", "status", "opted_out"),
    [
        ("TEXT_DELIVERED", "DELIVERED", False),
        ("TEXT_BLOCKED", "BLOCKED", False),
        ("TEXT_BLOCKED", "OPTED_OUT", True),
        ("TEXT_OPT_OUT", None, True),
    ],
)
def test_events_tell_opt_outs(
    kind: str, status: str | None, *, opted_out: bool
) -> None:
    found = read(
        {
            "eventType": kind,
            "messageStatus": status,
            "messageId": "m1",
            "originationPhoneNumber": "ACME",
            "destinationPhoneNumber": "+14155550100",
            "eventTimestamp": 1686975103470,
        }
    )

    assert isinstance(found, StatusEvent)
    assert found.opted_out is opted_out
    assert (found.number, found.sender) == ("+14155550100", "ACME")
    assert found.at is not None


@pytest.mark.parametrize("message", ["text", [1], None])
def test_a_message_that_is_no_object_is_refused(message: object) -> None:
    with pytest.raises(Refused, match="Message: expected an object"):
        read(message)
