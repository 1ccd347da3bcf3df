"""No bytes, headers or JSON make a provider fail otherwise than by a refusal."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.providers.provider import Secrets
from serving.providers.webhook import RefusalCode, Refused, Webhook
from tests.serving.providers.senders import (
    FORM,
    JSON,
    NOW,
    PROVIDERS,
    SENDERS,
    URL,
    Said,
    generic_signed,
    sinch_signed,
    sns_fields,
    sns_signed,
    telnyx_signed,
    vonage_messages_signed,
)

NAMES = st.sampled_from(sorted(PROVIDERS))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
HEADERS = st.sampled_from(
    sorted(
        {
            name
            for sender in SENDERS.values()
            for name in sender.call(sender.said()).headers
        }
        | {"x-twilio-webhooks-signature-settings", "x-amz-sns-rawdelivery"}
    )
)
webhooks = st.builds(
    Webhook,
    st.sampled_from(["GET", "POST", "PUT", ""]),
    st.one_of(
        st.just(URL),
        st.text(max_size=40),
        st.text(max_size=40).map(lambda query: f"{URL}?bodySHA256={query}"),
    ),
    st.dictionaries(HEADERS, st.text(max_size=40), max_size=8).map(
        lambda found: {**found, "content-type": found.get("content-type", "")}
    ),
    st.binary(max_size=60) | values.map(lambda value: json.dumps(value).encode()),
)


def secrets_of(name: str) -> Secrets:
    base = name if name in SENDERS else "vonage"
    return SENDERS[base].secrets()


def tried(name: str, webhook: Webhook) -> None:
    provider = PROVIDERS[name]
    with suppress(Refused):
        provider.verify(webhook, secrets_of(name), NOW)
    with suppress(Refused):
        assert provider.read(webhook)


@given(NAMES, webhooks)
@settings(max_examples=600, deadline=None)
def test_any_call_is_read_or_refused(name: str, webhook: Webhook) -> None:
    tried(name, webhook)


@given(st.sampled_from(sorted(SENDERS)), st.data())
@settings(max_examples=600, deadline=None)
def test_a_call_with_anything_in_a_field_is_read_or_refused(
    name: str, data: st.DataObject
) -> None:
    """Every field of every JSON body, at every depth, holds every kind of value."""
    sender = SENDERS[name]
    webhook = sender.call(sender.said())
    if webhook.content_type == FORM["Content-Type"].partition(";")[0]:
        pairs = webhook.body.split(b"&")
        place = data.draw(st.integers(0, len(pairs) - 1))
        pairs[place] = pairs[place].split(b"=")[0] + b"=" + data.draw(st.binary())
        tried(name, replace(webhook, body=b"&".join(pairs)))
        return
    body = json.loads(webhook.body)
    inside = name == "aws"
    target = json.loads(body["Message"]) if inside else body
    spot = target
    while True:
        keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
        key = data.draw(st.sampled_from(keys))
        deeper = isinstance(spot[key], dict | list) and len(spot[key]) > 0
        if not (deeper and data.draw(st.booleans())):
            break
        spot = spot[key]
    spot[key] = data.draw(values)
    if inside:
        body["Message"] = json.dumps(target)
    tried(name, replace(webhook, body=json.dumps(body).encode()))


@given(values)
@settings(max_examples=200, deadline=None)
def test_a_well_signed_call_with_any_json_is_read_or_refused(value: object) -> None:
    body = json.dumps(value).encode()
    for name, webhook in {
        "telnyx": telnyx_signed(body, Said()),
        "sinch": sinch_signed(body, Said()),
        "generic": generic_signed(body, Said(key=SENDERS["generic"].keys[0])),
        "vonage_messages": vonage_messages_signed(body, Said()),
    }.items():
        secrets = Secrets(secrets_of(name).keys)
        PROVIDERS[name].verify(webhook, secrets, NOW)
        tried(name, webhook)


@given(values)
@settings(max_examples=30, deadline=None)
def test_a_well_signed_envelope_with_any_message_is_read_or_refused(
    value: object,
) -> None:
    webhook = sns_signed(
        sns_fields(value, Said()), "key-of-the-account-and-of-no-other"
    )
    PROVIDERS["aws"].verify(webhook, secrets_of("aws"), NOW)
    tried("aws", webhook)


@given(values)
@settings(max_examples=200, deadline=None)
def test_a_token_with_any_claims_is_taken_or_refused(value: object) -> None:
    for claim in ("iat", "exp", "nbf", "jti", "payload_hash", "api_key"):
        with suppress(TypeError):  # The signer of the test refuses some.
            said = vonage_messages_signed(b"{}", Said(), **{claim: value})
            tried("vonage_messages", said)


BAD_JSON = {
    "broken UTF-8": b'{"text": "\xff\xfe"}',
    "a field twice": b'{"type": "mo_text", "type": "mo_text"}',
    "nested without end": b"[" * 100_000,
    "nested in objects": b'{"a":' * 100_000,
    "not a number": b'{"id": NaN}',
    "a number without end": b'{"id": ' + b"9" * 10_000 + b"}",
    "nothing": b"",
    "a list": b"[1]",
    "text": b'"STOP"',
    "null": b"null",
}


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON)
@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_what_is_no_json_is_refused_as_malformed(name: str, body: bytes) -> None:
    webhook = Webhook("POST", URL, {**JSON, "authorization": "Bearer e30.e30.AA"}, body)

    with pytest.raises(Refused) as caught:
        PROVIDERS[name].read(webhook)

    assert caught.value.code in {RefusalCode.MALFORMED, RefusalCode.UNSUPPORTED}


@pytest.mark.parametrize("body", [b"Body=%ff", b"Body=\xff"])
@pytest.mark.parametrize("name", ["twilio", "plivo", "vonage"])
def test_a_form_that_is_no_utf8_is_refused_as_malformed(name: str, body: bytes) -> None:
    with pytest.raises(Refused, match="malformed"):
        PROVIDERS[name].read(Webhook("POST", URL, FORM, body))


@pytest.mark.parametrize("name", ["bandwidth", "generic", "telnyx", "vonage_messages"])
def test_half_an_emoji_does_not_cost_a_stop(name: str) -> None:
    sender = SENDERS[name]
    webhook = sender.call(sender.said("STOP \ud83d \x00"))

    (received,) = sender.provider.read(webhook)

    assert getattr(received, "text", None) == "STOP \ufffd \ufffd"
