"""Sinch's SMS API, with the official library as oracle."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sinch.domains.sms.sinch_events.v1.sms_sinch_event import (  # type: ignore[import-untyped]
    SmsSinchEvent,
)

from serving.providers.inbound import Inbound, Nothing, StatusEvent, idempotency_key
from serving.providers.provider import Secrets
from serving.providers.sinch import Sinch, SinchBasic
from serving.providers.webhook import RefusalCode, Refused, Webhook
from tests.serving.providers.senders import NOW, SENDERS, Said, sinch_signed

SENDER = SENDERS["sinch"]
KEY = SENDER.keys[0]
SIGNATURE = "x-sinch-webhook-signature"


def code_of(webhook: Webhook) -> RefusalCode | None:
    try:
        Sinch().verify(webhook, Secrets((KEY,)), NOW)
    except Refused as refused:
        return refused.code
    return None


def theirs(webhook: Webhook) -> bool:
    headers = dict(webhook.headers)
    oracle = SmsSinchEvent(KEY)
    return bool(oracle.validate_authentication_header(headers, webhook.body))


def read(fields: dict[str, object]) -> tuple[object, ...]:
    return Sinch().read(sinch_signed(json.dumps(fields).encode(), Said()))


@given(text=st.text(max_size=40), good=st.booleans())
@settings(max_examples=100, deadline=None)
def test_what_the_library_takes_is_let_in_and_nothing_else(
    text: str, *, good: bool
) -> None:
    key = KEY if good else SENDER.keys[1]
    webhook = SENDER.call(SENDER.said(text, key=key))

    assert (code_of(webhook) is None) is theirs(webhook) is good


@pytest.mark.parametrize("name", ["", "-nonce", "-timestamp"])
def test_each_header_is_needed_as_in_the_library(name: str) -> None:
    webhook = SENDER.call(SENDER.said())
    headers = {n: v for n, v in webhook.headers.items() if n != SIGNATURE + name}
    webhook = replace(webhook, headers=headers)

    assert not theirs(webhook)
    assert code_of(webhook) is RefusalCode.MISSING_SIGNATURE


def test_an_old_timestamp_is_stale_though_the_library_takes_it() -> None:
    webhook = SENDER.call(SENDER.said(at=NOW.replace(year=2020, day=1)))

    assert theirs(webhook)
    assert code_of(webhook) is RefusalCode.STALE


def test_a_timestamp_is_digits_more_strictly_than_in_the_library() -> None:
    webhook = SENDER.call(SENDER.said())
    headers = {**webhook.headers, f"{SIGNATURE}-timestamp": "soon"}

    assert code_of(replace(webhook, headers=headers)) is RefusalCode.MALFORMED


def test_credentials_do_not_stand_in_for_a_signature() -> None:
    basic = SENDERS["sinch_basic"]
    webhook = basic.call(basic.said())

    assert code_of(webhook) is RefusalCode.MISSING_SIGNATURE
    SinchBasic().verify(webhook, basic.secrets(), NOW)


def test_a_message_is_read_as_the_library_reads_it() -> None:
    webhook = SENDER.call(SENDER.said("Hi"))
    told = SmsSinchEvent(KEY).parse_event(webhook.body)
    (found,) = Sinch().read(webhook)

    assert isinstance(found, Inbound)
    assert found.message_id == told.id
    assert found.text == told.body
    assert found.number == f"+{told.from_}"
    assert found.sent_at == told.received_at


def test_a_message_is_dated_by_sinch_and_not_by_the_device() -> None:
    device: dict[str, object] = {
        "id": "1",
        "type": "mo_text",
        "from": "14155550100",
        "to": "14155550199",
        "body": "STOP",
        "sent_at": "2026-11-23T03:00:00Z",
    }

    (found,) = read({**device, "received_at": NOW.isoformat()})
    (undated,) = read(device)

    assert isinstance(found, Inbound)
    assert isinstance(undated, Inbound)
    assert (found.sent_at, undated.sent_at) == (NOW, None)


def test_a_picture_has_the_words_beside_it_or_its_subject() -> None:
    base = {"id": "1", "type": "mo_media", "from": "72345", "to": "14155550199"}
    media = [{"url": "u"}, {"url": "v"}]
    for body in ({"message": "STOP"}, {"subject": "STOP", "message": ""}):
        (found,) = read({**base, "body": {**body, "media": media}})
        assert isinstance(found, Inbound)
        assert (found.text, found.media, found.number) == ("STOP", 2, "72345")


def test_257_is_an_opt_out() -> None:
    report = {
        "type": "recipient_delivery_report_sms",
        "batch_id": "b1",
        "recipient": "14155550100",
        "code": 257,
        "status": "Rejected",
        "at": "2026-01-01T00:00:00.000Z",
        "applied_originator": "18005550199",
    }
    (found,) = read(report)

    assert isinstance(found, StatusEvent)
    assert (found.opted_out, found.error_code) == (True, "257")
    assert (found.number, found.sender) == ("+14155550100", "+18005550199")
    (other,) = read({**report, "recipient": "14155550101"})
    assert isinstance(other, StatusEvent)
    assert idempotency_key("sinch", found) != idempotency_key("sinch", other)


def test_a_full_report_has_an_event_for_each_recipient() -> None:
    report = {
        "type": "delivery_report_sms",
        "batch_id": "b1",
        "total_message_count": 3,
        "statuses": [
            {"code": 257, "status": "Rejected", "recipients": ["14155550100"]},
            {"code": 0, "status": "Delivered", "recipients": ["14155550101", "72345"]},
        ],
    }
    found = [event for event in read(report) if isinstance(event, StatusEvent)]

    assert [event.opted_out for event in found] == [True, False, False]
    assert [event.error_code for event in found] == ["257", None, None]
    assert [event.number for event in found] == [
        "+14155550100",
        "+14155550101",
        "72345",
    ]


@pytest.mark.parametrize(
    "event",
    [
        {"type": "mo_binary"},
        {"type": "of tomorrow"},
        {"type": "delivery_report_sms", "batch_id": "b", "statuses": []},
    ],
)
def test_other_events_are_ignored(event: dict[str, object]) -> None:
    (found,) = read(event)

    assert isinstance(found, Nothing)
