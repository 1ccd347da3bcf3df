"""Vonage's SMS API, with the official library as oracle."""

import json
from typing import Literal
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vonage_http_client.auth import Auth  # type: ignore[import-untyped]

from serving.providers.catalogue import catalogue
from serving.providers.inbound import Inbound, Nothing, Part, StatusEvent
from serving.providers.provider import Secrets
from serving.providers.vonage_sms import Method, VonageSms
from serving.providers.webhook import RefusalCode, Refused, Webhook
from tests.serving.providers.senders import (
    FORM,
    JSON,
    NOW,
    SENDERS,
    URL,
    fetch,
    vonage_fields,
    vonage_signature,
)

KEY = "signature-secret"
SENDER = SENDERS["vonage"]
Hmac = Literal["md5", "sha1", "sha256", "sha512"]
HMACS: tuple[Hmac, ...] = ("md5", "sha1", "sha256", "sha512")


def oracle(method: Hmac) -> Auth:
    return Auth(api_key="k", signature_secret=KEY, signature_method=method)


def fields(**changes: str) -> dict[str, str]:
    return {**vonage_fields(SENDER.said("A & b = c")), **changes}


def ways(found: dict[str, str]) -> list[Webhook]:
    query = f"{URL}?{urlencode(found)}"
    return [
        Webhook("GET", query, {}, b""),
        Webhook("POST", URL, FORM, urlencode(found).encode()),
        Webhook("POST", URL, JSON, json.dumps(found).encode()),
    ]


def code_of(webhook: Webhook, method: Method = "sha256") -> RefusalCode | None:
    try:
        VonageSms(method).verify(webhook, Secrets((KEY,)), NOW)
    except Refused as refused:
        return refused.code
    return None


def read(found: dict[str, str]) -> object:
    (one,) = {VonageSms().read(webhook) for webhook in ways(found)}
    (received,) = one
    return received


@given(st.sampled_from(HMACS), st.text(max_size=30), st.text(min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_what_the_library_signs_is_let_in_by_query_form_and_json(
    method: Hmac, text: str, name: str
) -> None:
    found = fields(text=text, **{f"x{name}": text})
    found["sig"] = oracle(method).sign_params(dict(found))

    assert oracle(method).check_signature(dict(found))
    for webhook in ways(found):
        assert code_of(webhook, method) is None
        for other in HMACS:
            if other != method:
                assert code_of(webhook, other) is RefusalCode.BAD_SIGNATURE


@given(st.text(max_size=64))
@settings(max_examples=100, deadline=None)
def test_a_made_up_signature_is_let_in_only_where_the_library_does(sig: str) -> None:
    found = {**fields(), "sig": sig}
    # The library compares ASCII only, and fails otherwise.
    theirs = sig.isascii() and oracle("sha256").check_signature(dict(found))

    assert all((code_of(webhook) is None) is theirs for webhook in ways(found))


def test_numbers_in_json_are_signed_as_the_library_signs_them() -> None:
    found: dict[str, object] = {**fields(), "concat-part": 2, "price": 0.5, "x": None}
    found["sig"] = oracle("sha256").sign_params(dict(found))
    webhook = Webhook("POST", URL, JSON, json.dumps(found).encode())

    assert code_of(webhook) is None


def test_the_plain_hash_is_let_in_though_the_library_cannot() -> None:
    found = fields()
    found["sig"] = vonage_signature(found, KEY, "md5hash")

    for webhook in ways(found):
        assert code_of(webhook, "md5hash") is None
        assert code_of(webhook, "md5") is RefusalCode.BAD_SIGNATURE


@pytest.mark.parametrize("timestamp", ["", "yesterday", "-1"])
def test_a_timestamp_is_needed_more_strictly_than_in_the_library(
    timestamp: str,
) -> None:
    found = fields(timestamp=timestamp)
    found["sig"] = oracle("sha256").sign_params(dict(found))

    assert {code_of(webhook) for webhook in ways(found)} == {RefusalCode.MALFORMED}


def test_an_old_timestamp_is_stale_though_the_library_takes_it() -> None:
    found = fields(timestamp="1577836800")
    found["sig"] = oracle("sha256").sign_params(dict(found))

    assert oracle("sha256").check_signature(dict(found))
    assert {code_of(webhook) for webhook in ways(found)} == {RefusalCode.STALE}


def test_a_call_that_is_not_signed_is_refused() -> None:
    codes = {code_of(webhook) for webhook in ways(fields())}

    assert codes == {RefusalCode.MISSING_SIGNATURE}


def test_the_catalogue_has_each_method() -> None:
    names = {"vonage": "sha256"}
    names |= {f"vonage_{m}": m for m in ("md5hash", "md5", "sha1", "sha512")}
    found = fields()
    for name, method in names.items():
        sig = vonage_signature(found, KEY, method)
        for webhook in ways({**found, "sig": sig}):
            catalogue(fetch)[name].verify(webhook, Secrets((KEY,)), NOW)


def test_a_part_is_told() -> None:
    parts = {"concat-ref": "7", "concat-part": "2", "concat-total": "3"}
    found = read(fields(concat="true", **parts))

    assert isinstance(found, Inbound)
    assert found.part == Part("7", 2, 3)


@pytest.mark.parametrize("concat", ["", "false"])
def test_a_whole_message_has_no_part(concat: str) -> None:
    found = read(fields(concat=concat))

    assert isinstance(found, Inbound)
    assert found.part is None


@pytest.mark.parametrize(("part", "total"), [("0", "2"), ("3", "2"), ("x", "2")])
def test_a_part_that_cannot_be_is_refused(part: str, total: str) -> None:
    parts = {"concat-ref": "7", "concat-part": part, "concat-total": total}

    with pytest.raises(Refused, match="concat-part"):
        read(fields(concat="true", **parts))


def test_a_receipt_changes_the_places_of_the_numbers_and_9_is_an_opt_out() -> None:
    receipt = {
        "msisdn": "447700900000",
        "to": "AcmeInc",
        "messageId": "m1",
        "status": "failed",
        "scts": "2001011400",
        "err-code": "9",
        "message-timestamp": "2020-01-01 12:00:00",
    }
    found = read(receipt)

    assert isinstance(found, StatusEvent)
    assert (found.number, found.sender) == ("+447700900000", "AcmeInc")
    assert (found.opted_out, found.error_code) == (True, "9")
    delivered = read({**receipt, "status": "delivered", "err-code": "0"})
    assert isinstance(delivered, StatusEvent)
    assert (delivered.opted_out, delivered.error_code) == (False, None)


def test_a_binary_message_is_ignored() -> None:
    assert isinstance(read(fields(type="binary")), Nothing)


@pytest.mark.parametrize(
    ("came", "kept"),
    [("14155550100", "+14155550100"), ("72345", "72345"), ("ACME", "ACME")],
)
def test_the_plus_is_given_to_numbers_alone(came: str, kept: str) -> None:
    found = read(fields(msisdn=came))

    assert isinstance(found, Inbound)
    assert found.number == kept
