"""Our own JSON, with the library of Standard Webhooks as oracle."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import standardwebhooks
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import SettingsError
from serving.providers.generic import Generic
from serving.providers.inbound import Inbound, Nothing, Part, StatusEvent
from serving.providers.provider import Secrets
from serving.providers.webhook import RefusalCode, Refused, Webhook
from tests.serving.providers.senders import (
    JSON,
    SENDERS,
    URL,
    Said,
    clock,
    generic_signed,
)

SENDER = SENDERS["generic"]
KEY, OTHER = SENDER.keys
ORACLE = standardwebhooks.Webhook(KEY)


def code_of(webhook: Webhook, *keys: str) -> RefusalCode | None:
    try:
        Generic().verify(webhook, Secrets(keys or (KEY,)), clock())
    except Refused as refused:
        return refused.code
    return None


def theirs(webhook: Webhook) -> bool:
    try:
        ORACLE.verify(webhook.body, dict(webhook.headers), json_parse=False)
    except (standardwebhooks.WebhookVerificationError, ValueError):
        return False
    return True


def signed_by_library(body: str, seconds: int = 0, key: str = KEY) -> Webhook:
    at = clock() + timedelta(seconds=seconds)
    signature = standardwebhooks.Webhook(key).sign("msg_1", at, body)
    headers = {
        **JSON,
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
    return Webhook("POST", URL, headers, body.encode())


@given(st.text(max_size=40), st.integers(-600, 600), st.sampled_from([KEY, OTHER]))
@settings(max_examples=150, deadline=None)
def test_what_the_library_takes_is_let_in_and_nothing_else(
    body: str, seconds: int, key: str
) -> None:
    # A little away from the edge: the library looks at the clock by itself.
    if 280 < abs(seconds) < 320:
        seconds = 0
    webhook = signed_by_library(body, seconds, key)
    expected = abs(seconds) < 300 and key == KEY

    assert (code_of(webhook) is None) is theirs(webhook) is expected


@pytest.mark.parametrize("key", [KEY, KEY.removeprefix("whsec_"), KEY.rstrip("=")])
def test_a_key_is_written_as_the_library_takes_it(key: str) -> None:
    assert code_of(signed_by_library("{}"), key) is None


@pytest.mark.parametrize("key", ["whsec_", "whsec_é", "not base64!", "a"])
def test_a_key_that_is_none_is_found_at_the_start(key: str) -> None:
    with pytest.raises(SettingsError, match="base64"):
        Generic().check(Secrets((key,)))


def test_one_good_signature_among_several_is_enough() -> None:
    webhook = signed_by_library("{}")
    good = webhook.headers["webhook-signature"]
    for several in (f"v1,AAAA {good}", f"{good} v1a,AAAA", f"v2,x {good}"):
        headers = {**webhook.headers, "webhook-signature": several}
        changed = replace(webhook, headers=headers)
        assert theirs(changed)
        assert code_of(changed) is None


def test_another_version_is_no_signature() -> None:
    webhook = signed_by_library("{}")
    signature = webhook.headers["webhook-signature"].replace("v1", "v1a")
    changed = replace(
        webhook, headers={**webhook.headers, "webhook-signature": signature}
    )

    assert not theirs(changed)
    assert code_of(changed) is RefusalCode.BAD_SIGNATURE


def test_a_timestamp_is_digits_more_strictly_than_in_the_library() -> None:
    webhook = signed_by_library("{}")
    timestamp = webhook.headers["webhook-timestamp"] + ".5"
    changed = replace(
        webhook, headers={**webhook.headers, "webhook-timestamp": timestamp}
    )

    assert theirs(changed)
    assert code_of(changed) is RefusalCode.MALFORMED


def read(**fields: object) -> object:
    base = {"message_id": "m1", "from": "+14155550100", "to": "72345"}
    body = json.dumps({**base, **fields}).encode()
    (received,) = Generic().read(generic_signed(body, Said(key=KEY)))
    return received


def test_a_part_and_a_verdict_are_told() -> None:
    found = read(
        type="message.received",
        part={"reference": 7, "number": 1, "total": 2},
        opt_out_type="help",
    )

    assert isinstance(found, Inbound)
    assert (found.part, found.opt_out_type) == (Part("7", 1, 2), "HELP")
    assert found.replay_key == "event-of-message-1"
    with pytest.raises(Refused, match=r"part\.number"):
        read(type="message.received", part={"number": 2, "total": 1, "reference": "r"})


def test_a_status_turns_the_numbers_round() -> None:
    found = read(type="message.status", status="Failed", opted_out=True, error_code=7)

    assert isinstance(found, StatusEvent)
    assert (found.number, found.sender) == ("72345", "+14155550100")
    assert (found.status, found.opted_out, found.error_code) == ("failed", True, "7")
    with pytest.raises(Refused, match="opted_out"):
        read(type="message.status", status="failed", opted_out="yes")


def test_other_types_are_ignored_and_none_is_refused() -> None:
    assert isinstance(read(type="of.tomorrow"), Nothing)
    with pytest.raises(Refused, match="type"):
        read()
