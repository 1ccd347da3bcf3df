"""Vonage's Messages API, with the official library as oracle."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from vonage_jwt.errors import VonageVerifyJwtError  # type: ignore[import-untyped]
from vonage_jwt.verify_jwt import verify_signature  # type: ignore[import-untyped]

from serving.providers.inbound import Inbound, StatusEvent
from serving.providers.provider import Secrets
from serving.providers.vonage_messages import VonageMessages
from serving.providers.webhook import RefusalCode, Refused, Webhook
from tests.serving.providers.senders import (
    JSON,
    SENDERS,
    URL,
    Said,
    clock,
    vonage_messages_signed,
    vonage_token,
)

SENDER = SENDERS["vonage_messages"]
KEY = SENDER.keys[0]
BODY = b'{"message_uuid": "m1"}'


def code_of(webhook: Webhook) -> RefusalCode | None:
    try:
        VonageMessages().verify(webhook, Secrets((KEY,)), clock())
    except Refused as refused:
        return refused.code
    return None


def theirs(token: str) -> bool:
    try:
        return bool(verify_signature(token, KEY))
    except VonageVerifyJwtError:
        return False


def bearing(token: str, body: bytes = BODY) -> Webhook:
    return Webhook("POST", URL, {**JSON, "Authorization": f"Bearer {token}"}, body)


def read(fields: dict[str, object]) -> object:
    webhook = vonage_messages_signed(json.dumps(fields).encode(), Said(at=clock()))
    (received,) = VonageMessages().read(webhook)
    return received


@pytest.mark.parametrize(
    ("key", "claims"),
    [
        (KEY, {}),
        (KEY, {"exp": 60, "nbf": -60}),
        (KEY, {"exp": -60}),
        (KEY, {"nbf": 3600}),
        (KEY, {"iat": 3600}),
        (SENDER.keys[1], {}),
    ],
)
def test_a_token_is_taken_where_the_library_takes_it(
    key: str, claims: dict[str, int]
) -> None:
    now = clock()
    moments = {name: now + timedelta(seconds=claims[name]) for name in claims}
    token = vonage_token(BODY, Said(key=key, at=now), **moments)

    assert (code_of(bearing(token)) is None) is theirs(token)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "none"])
def test_no_other_algorithm_is_taken(algorithm: str) -> None:
    key = "" if algorithm == "none" else KEY * 3
    token = jwt.encode({"iat": int(clock().timestamp())}, key, algorithm)

    assert not theirs(token)
    assert code_of(bearing(token)) is RefusalCode.UNSUPPORTED


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_token_is_refused_as_by_the_library(place: int) -> None:
    segments = vonage_token(BODY, Said(at=clock())).split(".")
    raw = bytearray(base64.urlsafe_b64decode(segments[place] + "=="))
    raw[-2] ^= 1
    segments[place] = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    token = ".".join(segments)

    assert not theirs(token)
    assert code_of(bearing(token)) is not None


def test_another_body_is_refused_though_the_library_does_not_look() -> None:
    token = vonage_token(BODY, Said(at=clock()))

    assert theirs(token)
    assert code_of(bearing(token, b"{}")) is RefusalCode.BAD_SIGNATURE


@pytest.mark.parametrize("missing", ["payload_hash", "iat"])
def test_a_claim_is_needed_though_the_library_does_not_look(missing: str) -> None:
    claims = jwt.decode(
        vonage_token(BODY, Said(at=clock())), options={"verify_signature": False}
    )
    del claims[missing]
    token = jwt.encode(claims, KEY, "HS256")

    assert theirs(token)
    assert code_of(bearing(token)) is RefusalCode.MALFORMED


def test_an_old_token_is_stale_though_the_library_takes_it() -> None:
    token = vonage_token(BODY, Said(at=clock() - timedelta(days=1)))

    assert theirs(token)
    assert code_of(bearing(token)) is RefusalCode.STALE


def test_a_clock_that_is_a_little_slow_loses_nothing_unlike_in_the_library() -> None:
    token = vonage_token(BODY, Said(at=clock() + timedelta(seconds=50)))

    assert code_of(bearing(token)) is None


def test_the_application_may_stand_for_the_account() -> None:
    webhook = vonage_messages_signed(BODY, Said(at=clock()), application_id="app")

    VonageMessages().verify(webhook, Secrets((KEY,), frozenset({"app"})), clock())


@pytest.mark.parametrize("bearer", ["", "Basic a.b.c", "Bearer a.b", "Bearer é.b.c"])
def test_what_is_no_token_is_refused(bearer: str) -> None:
    webhook = replace(bearing("x"), headers={"authorization": bearer})

    assert code_of(webhook) in {RefusalCode.MISSING_SIGNATURE, RefusalCode.MALFORMED}


FIELDS: dict[str, object] = {
    "message_uuid": "m1",
    "from": "14155550100",
    "to": "14155550199",
    "channel": "whatsapp",
    "timestamp": "2026-01-01T00:00:00Z",
}


@pytest.mark.parametrize(
    "told",
    [
        {"message_type": "text", "text": "STOP"},
        {"message_type": "reply", "reply": {"id": "1", "title": "STOP"}},
        {"message_type": "button", "button": {"payload": "p", "text": "STOP"}},
        {"message_type": "image", "image": {"url": "u", "caption": "STOP"}},
        {"text": "STOP", "from": {"type": "sms", "number": "14155550100"}},
    ],
)
def test_words_are_found_wherever_a_channel_puts_them(told: dict[str, object]) -> None:
    found = read({**FIELDS, **told})

    assert isinstance(found, Inbound)
    assert (found.text, found.number, found.channel) == (
        "STOP",
        "+14155550100",
        "whatsapp",
    )


@pytest.mark.parametrize(
    ("error", "opted_out"),
    [
        ({"title": 9, "type": "https://example.com"}, True),
        ({"title": "1", "detail": "The recipient has opted out"}, True),
        ({"title": "1300", "detail": "Not part of the provider network"}, False),
        (None, False),
    ],
)
def test_a_status_tells_an_opt_out(error: object, *, opted_out: bool) -> None:
    found = read({**FIELDS, "status": "rejected", "error": error})

    assert isinstance(found, StatusEvent)
    assert found.opted_out is opted_out
    assert found.number == "+14155550199"
