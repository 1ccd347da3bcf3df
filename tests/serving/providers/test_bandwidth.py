"""Bandwidth: credentials, and lists of events."""

import json

import pytest

from serving.providers.bandwidth import Bandwidth
from serving.providers.inbound import Inbound, Nothing, StatusEvent, idempotency_key
from serving.providers.provider import Secrets
from serving.providers.webhook import RefusalCode, Refused, Webhook
from tests.serving.providers.senders import JSON, NOW, URL, basic

KEYS = ("user:pass:word", "ü:é")


def listed(*events: object, key: str = KEYS[0]) -> Webhook:
    return Webhook("POST", URL, basic(key), json.dumps(events).encode())


def code_of(webhook: Webhook, accounts: frozenset[str] = frozenset()) -> str | None:
    try:
        Bandwidth().verify(webhook, Secrets(KEYS, accounts), NOW)
    except Refused as refused:
        return refused.code
    return None


def event(kind: str, **more: object) -> dict[str, object]:
    message = {
        "id": "m1",
        "owner": "+14155550199",
        "from": "+14155550100",
        "to": ["+14155550199", "+14155550101"],
        "applicationId": "app",
    }
    return {"type": kind, "time": "2026-01-01T00:00:00Z", "message": message, **more}


@pytest.mark.parametrize("key", KEYS)
def test_each_key_is_let_in(key: str) -> None:
    assert code_of(listed(key=key)) is None


@pytest.mark.parametrize("key", ["user:pass", "user:pass:word2", "", ":", "USER:x"])
def test_other_credentials_are_refused(key: str) -> None:
    assert code_of(listed(key=key)) is RefusalCode.BAD_SIGNATURE


@pytest.mark.parametrize("value", ["Basic", "Basic %%", "Bearer dTpw", "dTpw"])
def test_what_is_no_basic_is_refused(value: str) -> None:
    webhook = Webhook("POST", URL, {**JSON, "Authorization": value}, b"[]")

    assert code_of(webhook) is RefusalCode.BAD_SIGNATURE


def test_every_event_must_be_of_our_application() -> None:
    other = event("message-received")
    other["message"] = {"applicationId": "another"}
    webhook = listed(event("message-received"), other)

    assert code_of(webhook, frozenset({"app"})) is RefusalCode.WRONG_ACCOUNT
    assert code_of(webhook) is None


def test_the_number_that_is_ours_is_the_owner_in_a_group_too() -> None:
    (found,) = Bandwidth().read(listed(event("message-received")))

    assert isinstance(found, Inbound)
    assert (found.number, found.sender) == ("+14155550100", "+14155550199")
    assert found.text == ""


def test_all_events_of_a_list_are_read_in_order() -> None:
    failed = event("message-failed", to="+14155550100", errorCode=4720)
    sent = event("message-delivered", to="+14155550101")
    first, second, third = Bandwidth().read(listed(failed, sent, event("of-tomorrow")))

    assert isinstance(first, StatusEvent)
    assert (first.status, first.error_code) == ("failed", "4720")
    assert isinstance(second, StatusEvent)
    assert idempotency_key("b", first) != idempotency_key("b", second)
    assert isinstance(third, Nothing)


def test_an_empty_list_is_nothing() -> None:
    assert isinstance(Bandwidth().read(listed())[0], Nothing)


def test_a_missing_field_is_named_with_its_place() -> None:
    with pytest.raises(Refused, match=r"malformed: 1\.message: expected an object"):
        Bandwidth().read(listed(event("x"), {"type": "message-received"}))
