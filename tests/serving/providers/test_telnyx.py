"""Telnyx, with the official library as oracle."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
import telnyx
from hypothesis import given, settings
from hypothesis import strategies as st
from telnyx.lib.webhook_verification import (
    WebhookVerificationError,
    verify_webhook_signature,
)

from model.errors import SettingsError
from serving.providers.inbound import Inbound, Nothing, StatusEvent
from serving.providers.provider import Secrets
from serving.providers.telnyx import Telnyx
from serving.providers.webhook import RefusalCode, Refused, Webhook
from tests.serving.providers.senders import (
    NOW,
    SENDERS,
    Said,
    clock,
    public,
    telnyx_signed,
)

SENDER = SENDERS["telnyx"]
KEY = public("telnyx", SENDER.keys[0])


def ours(webhook: Webhook) -> bool:
    try:
        Telnyx().verify(webhook, Secrets((KEY,)), clock())
    except Refused:
        return False
    return True


@cache
def client() -> telnyx.Telnyx:
    return telnyx.Telnyx(api_key="x", public_key=KEY)


def theirs(webhook: Webhook) -> bool:
    try:
        verify_webhook_signature(webhook.body, dict(webhook.headers), KEY)
    except WebhookVerificationError:
        by_library = False
    else:
        by_library = True
    try:
        client().webhooks.unwrap(webhook.body.decode(), headers=dict(webhook.headers))
    except (ValueError, WebhookVerificationError):
        by_client = False
    else:
        by_client = True
    assert by_library is by_client
    return by_library


def signed(event: object) -> Webhook:
    return telnyx_signed(json.dumps(event).encode(), Said())


@given(st.text(max_size=50), st.integers(-400, 280))
@settings(max_examples=100, deadline=None)
def test_what_the_library_takes_is_let_in_and_nothing_else(
    text: str, seconds: int
) -> None:
    # A little away from the edge: the library looks at the clock by itself.
    if 280 < abs(seconds) < 320:
        seconds = -400
    webhook = SENDER.call(SENDER.said(text, at=clock() + timedelta(seconds=seconds)))

    assert ours(webhook) is theirs(webhook) is (abs(seconds) < 300)


@given(st.binary(min_size=64, max_size=64))
@settings(max_examples=20, deadline=None)
def test_a_made_up_signature_is_refused_as_by_the_library(raw: bytes) -> None:
    webhook = SENDER.call(SENDER.said(at=clock()))
    forged = {"telnyx-signature-ed25519": base64.b64encode(raw).decode()}
    webhook = replace(webhook, headers={**webhook.headers, **forged})

    assert ours(webhook) is theirs(webhook) is False


@pytest.mark.parametrize("timestamp", [" 1", "1_0", "+1", "1e3", "-1", "١", "9" * 400])
def test_a_timestamp_is_digits_more_strictly_than_in_the_library(
    timestamp: str,
) -> None:
    webhook = SENDER.call(SENDER.said())
    headers = {**webhook.headers, "telnyx-timestamp": timestamp}

    with pytest.raises(Refused) as caught:
        Telnyx().verify(replace(webhook, headers=headers), Secrets((KEY,)), NOW)

    assert caught.value.code is RefusalCode.MALFORMED


@pytest.mark.parametrize("key", ["x", "AAAA", KEY[:-4], "é"])
def test_a_key_that_is_none_is_found_at_the_start(key: str) -> None:
    with pytest.raises(SettingsError, match="32 octets"):
        Telnyx().check(Secrets((key,)))


def received(**changes: object) -> dict[str, object]:
    webhook = SENDER.call(SENDER.said("Hi"))
    event = json.loads(webhook.body)["data"]
    event["payload"] |= changes
    return {"data": event}


def test_the_verdict_and_a_second_try_are_kept() -> None:
    event = {**received(autoresponse_type="stop"), "meta": {"attempt": 2}}
    (found,) = Telnyx().read(signed(event))

    assert isinstance(found, Inbound)
    assert (found.opt_out_type, found.retry) == ("STOP", True)


@pytest.mark.parametrize("body", [{"text": "In RCS"}, {"text": {"body": "In RCS"}}])
def test_words_of_other_channels_are_found(body: object) -> None:
    (found,) = Telnyx().read(signed(received(text=None, body=body, type="RCS")))

    assert isinstance(found, Inbound)
    assert (found.text, found.channel) == ("In RCS", "rcs")


def test_a_media_message_without_text_has_none() -> None:
    (found,) = Telnyx().read(signed(received(text=None, media=[{}, {}], type="MMS")))

    assert isinstance(found, Inbound)
    assert (found.text, found.media, found.channel) == ("", 2, "mms")


def test_each_recipient_is_an_event_and_40300_an_opt_out() -> None:
    payload = {
        "id": "m1",
        "from": {"phone_number": "+14155550199"},
        "to": [
            {"phone_number": "+14155550100", "status": "sending_failed"},
            {"phone_number": "+14155550101", "status": "delivered"},
        ],
        "errors": [{"code": "40300", "title": "Blocked due to STOP message"}],
    }
    event = {"id": "e1", "event_type": "message.finalized", "payload": payload}

    first, second = Telnyx().read(signed({"data": event}))

    assert isinstance(first, StatusEvent)
    assert isinstance(second, StatusEvent)
    assert first.event_id != second.event_id
    assert (first.number, first.opted_out) == ("+14155550100", True)
    assert (first.status, first.error_code) == ("sending_failed", "40300")


@pytest.mark.parametrize("code", ["40002", "40003", "40010", "40322"])
def test_filtering_is_no_opt_out(code: str) -> None:
    payload = {"id": "m1", "to": [{"status": "failed"}], "errors": [{"code": code}]}
    event = {"id": "e1", "event_type": "message.finalized", "payload": payload}

    (found,) = Telnyx().read(signed({"data": event}))

    assert isinstance(found, StatusEvent)
    assert not found.opted_out


def test_other_events_are_ignored() -> None:
    event = {"data": {"event_type": "call.answered", "payload": {}}}

    assert Telnyx().read(signed(event)) == (Nothing("an event of another kind"),)


def test_a_missing_field_is_named_with_its_path() -> None:
    with pytest.raises(Refused, match=r"data\.payload\.from\.phone_number"):
        Telnyx().read(signed(received(**{"from": {}})))
    with pytest.raises(Refused, match=r"data\.payload\.to\.0\.phone_number"):
        Telnyx().read(signed(received(to=[])))
