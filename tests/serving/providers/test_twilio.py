"""Twilio, with the official library as oracle."""

import hashlib
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import (  # type: ignore[import-untyped]
    RequestValidator,
    get_signature_algorithm,
)

from serving.providers.inbound import Inbound, StatusEvent, idempotency_key
from serving.providers.provider import Secrets
from serving.providers.twilio import Twilio
from serving.providers.webhook import RefusalCode, Refused, Webhook
from tests.serving.providers.senders import FORM, JSON, NOW, URL

TOKEN = "the-auth-token"  # noqa: S105 - a test's own
ORACLE = RequestValidator(TOKEN)
TWILIO = Twilio()
BASE = {"MessageSid": "SM1", "From": "+14155550100", "To": "+14155550199", "Body": "Hi"}
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"


class Form(dict[str, str]):
    """Pairs as the frameworks' multi-dictionaries give them to the library."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def getall(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]


def posted(
    fields: dict[str, str] | list[tuple[str, str]], signature: str, url: str = URL
) -> Webhook:
    headers = {**FORM, "X-Twilio-Signature": signature}
    return Webhook("POST", url, headers, urlencode(fields).encode())


def code_of(webhook: Webhook, secrets: Secrets | None = None) -> RefusalCode | None:
    try:
        TWILIO.verify(webhook, secrets or Secrets((TOKEN,)), NOW)
    except Refused as refused:
        return refused.code
    return None


def read(fields: dict[str, str]) -> object:
    (received,) = TWILIO.read(posted(fields, ""))
    return received


@given(
    st.lists(st.tuples(st.text(max_size=6), st.text(max_size=12)), max_size=6),
    st.sampled_from(["", "?a=b", "?a=&b=%20"]),
    st.sampled_from(["", ":443", ":80", ":8443"]),
    st.sampled_from(["http", "https"]),
    st.sampled_from(["HMAC_SHA1", "hmac_sha256"]),
)
@settings(max_examples=300, deadline=None)
def test_every_form_that_the_library_signs_is_let_in(
    pairs: list[tuple[str, str]], query: str, port: str, scheme: str, algorithm: str
) -> None:
    signed_url = f"{scheme}://sms.example.com/in{query}"
    url = f"{scheme}://sms.example.com{port}/in{query}"
    form = Form(pairs)
    signature = ORACLE.compute_signature(signed_url, form, algorithm)
    webhook = posted(pairs, signature, url)
    headers = {**webhook.headers, SETTINGS: f"key=k1,algorithm={algorithm}"}
    webhook = Webhook("POST", url, headers, webhook.body)

    theirs = ORACLE.validate(url, form, signature, algorithm)
    ours = code_of(webhook) is None

    assert theirs
    assert ours


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_made_up_signature_is_let_in_that_the_library_refuses(
    signature: str, body: str
) -> None:
    fields = {**BASE, "Body": body}
    theirs = ORACLE.validate(URL, fields, signature)

    assert (code_of(posted(fields, signature)) is None) is theirs


@pytest.mark.parametrize("url", [URL, URL + ":443", URL.replace("https", "http")])
@pytest.mark.parametrize(
    "signed",
    [
        URL,
        URL.replace(".com", ".com:443"),
        URL.replace(".com", ".com:80"),
        URL.replace(".com", ".com:8443"),
        URL + "/",
        URL.upper(),
        URL.replace("https", "http"),
    ],
)
def test_urls_are_told_apart_as_the_library_does(url: str, signed: str) -> None:
    signature = ORACLE.compute_signature(signed, BASE)

    theirs = ORACLE.validate(url, BASE, signature)

    assert (code_of(posted(BASE, signature, url)) is None) is theirs


def test_blank_fields_are_signed_and_kept() -> None:
    fields = {**BASE, "ToCity": "", "OptOutType": "", "Body": " "}
    webhook = posted(fields, ORACLE.compute_signature(URL, fields))

    assert code_of(webhook) is None
    (received,) = TWILIO.read(webhook)
    assert isinstance(received, Inbound)
    assert received.text == " "


def test_a_dropped_or_trimmed_field_is_refused() -> None:
    fields = {**BASE, "ToCity": "", "Body": "Hi "}
    signature = ORACLE.compute_signature(URL, fields)

    assert code_of(posted({**fields, "Body": "Hi"}, signature)) is not None
    del fields["Body"]
    assert code_of(posted(fields, signature)) is not None


def test_a_get_is_signed_by_its_url_and_read_from_it() -> None:
    url = f"{URL}?{urlencode({**BASE, 'ToCity': ''})}"
    headers = {"X-Twilio-Signature": ORACLE.compute_signature(url, {})}
    webhook = Webhook("GET", url, headers, b"")

    assert code_of(webhook) is None
    assert TWILIO.read(webhook) == (Inbound("SM1", BASE["From"], BASE["To"], "Hi"),)


@pytest.mark.parametrize("body", ['{"MessageSid": "SM1"}', "{}", "", '{"é": "🛑"}'])
def test_json_is_checked_by_its_hash_as_the_library_does(body: str) -> None:
    url = f"{URL}?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    signature = ORACLE.compute_signature(url, {})
    headers = {**JSON, "X-Twilio-Signature": signature}

    assert ORACLE.validate(url, body, signature)
    assert code_of(Webhook("POST", url, headers, body.encode())) is None
    other = Webhook("POST", url, headers, body.encode() + b" ")
    assert not ORACLE.validate(url, body + " ", signature)
    assert code_of(other) is RefusalCode.BAD_SIGNATURE


def test_json_that_nothing_signs_is_refused_where_the_library_fails() -> None:
    signature = ORACLE.compute_signature(URL, {})
    headers = {**JSON, "X-Twilio-Signature": signature}

    assert code_of(Webhook("POST", URL, headers, b"{}")) is RefusalCode.UNSUPPORTED


def test_the_signature_of_a_get_lets_in_no_body() -> None:
    signature = ORACLE.compute_signature(URL, {})
    for kind in (FORM, JSON, {}):
        headers = {**kind, "X-Twilio-Signature": signature}
        forged = Webhook("POST", URL, headers, urlencode(BASE).encode())
        assert code_of(forged) is not None


@pytest.mark.parametrize(
    "setting", ["", "key=k", "algorithm=", "key=k, algorithm=HMAC_SHA1", "a=b=c,,"]
)
def test_the_algorithm_is_named_as_the_library_reads_it(setting: str) -> None:
    algorithm = get_signature_algorithm(setting)
    signature = ORACLE.compute_signature(URL, BASE, algorithm)
    webhook = posted(BASE, signature)
    headers = {**webhook.headers, SETTINGS: setting}

    assert code_of(Webhook("POST", URL, headers, webhook.body)) is None


def test_an_unknown_algorithm_is_refused() -> None:
    webhook = posted(BASE, "x")
    headers = {**webhook.headers, SETTINGS: "key=k,algorithm=HMAC_MD5"}

    code = code_of(Webhook("POST", URL, headers, webhook.body))

    assert code is RefusalCode.UNSUPPORTED


def test_sha256_does_not_stand_in_for_sha1() -> None:
    signature = ORACLE.compute_signature(URL, BASE, "HMAC_SHA256")

    assert not ORACLE.validate(URL, BASE, signature)
    assert code_of(posted(BASE, signature)) is RefusalCode.BAD_SIGNATURE


def test_a_call_that_names_no_account_is_refused_where_accounts_are_told() -> None:
    webhook = posted(BASE, ORACLE.compute_signature(URL, BASE))

    code = code_of(webhook, Secrets((TOKEN,), frozenset({"AC1"})))

    assert code is RefusalCode.WRONG_ACCOUNT


@pytest.mark.parametrize(
    "number", ["+14155550100", "72345", "729", "ACME", "whatsapp:+14155550100"]
)
def test_every_kind_of_address_stays_as_it_came(number: str) -> None:
    found = read({**BASE, "From": number})

    assert isinstance(found, Inbound)
    assert found.number == number
    assert found.channel == ("whatsapp" if ":" in number else "sms")


@pytest.mark.parametrize("verdict", ["STOP", "START", "HELP"])
def test_the_verdict_of_advanced_opt_out_is_kept(verdict: str) -> None:
    found = read({**BASE, "OptOutType": verdict})

    assert isinstance(found, Inbound)
    assert found.opt_out_type == verdict


@pytest.mark.parametrize("media", ["2", "many", "-1", "", "9999"])
def test_a_message_is_not_lost_for_its_count_of_media(media: str) -> None:
    found = read({**BASE, "NumMedia": media})

    assert isinstance(found, Inbound)
    assert found.media == (2 if media == "2" else 0)


def test_a_second_try_is_told() -> None:
    webhook = posted(BASE, "")
    headers = {**webhook.headers, "I-Twilio-Idempotency-Token": "t"}

    (found,) = TWILIO.read(Webhook("POST", URL, headers, webhook.body))

    assert isinstance(found, Inbound)
    assert found.retry


def test_each_status_of_one_message_is_an_event_of_its_own() -> None:
    keys = set()
    for status in ("sent", "delivered", "failed"):
        found = read({**BASE, "MessageStatus": status, "SmsStatus": status})
        assert isinstance(found, StatusEvent)
        assert found.number == BASE["To"]
        assert not found.opted_out
        keys.add(idempotency_key("twilio", found))

    assert len(keys) == 3


def test_21610_is_an_opt_out() -> None:
    found = read({**BASE, "MessageStatus": "failed", "ErrorCode": "21610"})

    assert isinstance(found, StatusEvent)
    assert (found.opted_out, found.error_code) == (True, "21610")


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To"])
def test_a_missing_field_is_named(missing: str) -> None:
    with pytest.raises(Refused, match=f"malformed: {missing}: expected"):
        read({**BASE, missing: ""})


def test_the_answer_is_twiml_with_the_words() -> None:
    words = "Done & <b>\x07 é 🛑"
    root = ET.fromstring(TWILIO.acknowledge(words).body)  # noqa: S314 - our own

    assert root.tag == "Response"
    assert root.findtext("Message") == words.replace("\x07", "\ufffd")
    assert TWILIO.acknowledge().body.endswith(b"<Response/>")
