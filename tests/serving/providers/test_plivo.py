"""Plivo, with the official library as oracle."""

from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plivo.utils import validate_signature  # type: ignore[import-untyped]

from serving.providers.inbound import Inbound, StatusEvent
from serving.providers.plivo import Plivo
from serving.providers.provider import Secrets
from serving.providers.webhook import RefusalCode, Refused, Webhook
from tests.serving.providers.senders import FORM, NOW, URL, base64_hmac

TOKEN = "the-auth-token"  # noqa: S105 - a test's own
BASE = {"MessageUUID": "m1", "From": "14155550100", "To": "14155550199", "Text": "Hi"}


def called(url: str, nonce: str, signature: str, name: str = "V2") -> Webhook:
    headers = {
        **FORM,
        f"X-Plivo-Signature-{name}": signature,
        "X-Plivo-Signature-V2-Nonce": nonce,
    }
    return Webhook("POST", url, headers, urlencode(BASE).encode())


def code_of(webhook: Webhook) -> RefusalCode | None:
    try:
        Plivo().verify(webhook, Secrets((TOKEN,)), NOW)
    except Refused as refused:
        return refused.code
    return None


def read(**changes: str) -> object:
    body = urlencode({**BASE, **changes}).encode()
    (received,) = Plivo().read(Webhook("POST", URL, FORM, body))
    return received


URLS = st.sampled_from(
    [URL, f"{URL}?a=b", f"{URL}/?", f"{URL};p?q#f", "http://example.com:8080/a%20b", ""]
)


@given(
    signed=URLS,
    url=URLS,
    nonce=st.text("0123456789", min_size=1),
    good=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_what_the_library_takes_is_let_in_and_nothing_else(
    signed: str, url: str, nonce: str, *, good: bool
) -> None:
    base = signed.partition("?")[0].partition(";")[0]
    key = TOKEN if good else "another"
    signature = base64_hmac(key, (base + nonce).encode(), "sha256")

    theirs = validate_signature(url, nonce, signature, TOKEN)

    assert (code_of(called(url, nonce, signature)) is None) is theirs


def test_the_main_accounts_signature_is_as_good() -> None:
    signature = base64_hmac(TOKEN, f"{URL}7".encode(), "sha256")

    assert code_of(called(URL, "7", signature, "Ma-V2")) is None
    webhook = called(URL, "7", "of the subaccount")
    headers = {**webhook.headers, "x-plivo-signature-ma-v2": signature}
    assert code_of(Webhook("POST", URL, headers, webhook.body)) is None


def test_a_blank_nonce_is_refused_more_strictly_than_by_the_library() -> None:
    signature = base64_hmac(TOKEN, URL.encode(), "sha256")

    assert validate_signature(URL, "", signature, TOKEN)
    assert code_of(called(URL, "", signature)) is RefusalCode.MISSING_SIGNATURE


def test_the_nonce_is_told_for_messages_and_statuses() -> None:
    for more in ({}, {"Status": "sent"}):
        webhook = called(URL, "7", "x")
        body = urlencode({**BASE, **more}).encode()
        (found,) = Plivo().read(Webhook("POST", URL, webhook.headers, body))
        assert isinstance(found, Inbound | StatusEvent)
        assert found.replay_key == "7"


def test_a_get_is_read_from_its_query() -> None:
    (found,) = Plivo().read(Webhook("GET", f"{URL}?{urlencode(BASE)}", {}, b""))

    assert isinstance(found, Inbound)
    assert found.text == "Hi"


def test_200_is_an_opt_out() -> None:
    found = read(
        Status="failed", ErrorCode="200", DeliveryReportTime="2026-01-01 10:00"
    )

    assert isinstance(found, StatusEvent)
    assert (found.opted_out, found.error_code) == (True, "200")
    assert found.number == "+14155550199"
    assert found.at is not None


def test_other_statuses_are_no_opt_out() -> None:
    for code in ("", "000", "30", "2000"):
        found = read(Status="undelivered", ErrorCode=code)
        assert isinstance(found, StatusEvent)
        assert not found.opted_out


def test_media_is_counted() -> None:
    found = read(Type="mms", Media0="a", Media1="b", MediaCount="2", Text="")

    assert isinstance(found, Inbound)
    assert (found.media, found.channel, found.text) == (2, "mms", "")


def test_the_answer_names_both_numbers() -> None:
    found = read(From='<"&')
    assert isinstance(found, Inbound)
    root = ET.fromstring(Plivo().acknowledge("A & b", found).body)  # noqa: S314 - our own
    message = root.find("Message")

    assert message is not None
    assert message.attrib == {"src": "+14155550199", "dst": '<"&'}
    assert message.text == "A & b"
    with pytest.raises(ValueError, match="which message"):
        Plivo().acknowledge("A")
