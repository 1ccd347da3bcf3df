"""Numbers, times and what is shared by every provider."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.providers.addresses import instant, instant_of_milliseconds, with_plus
from serving.providers.inbound import Inbound, StatusEvent, idempotency_key
from serving.providers.webhook import RefusalCode, Refused, Webhook


@pytest.mark.parametrize("number", ["14155550100", "447700900000", "123456789012345"])
def test_a_number_gets_its_plus(number: str) -> None:
    assert with_plus(number) == f"+{number}"


@pytest.mark.parametrize(
    "address",
    [
        "+14155550100",
        "729",
        "72345",
        "12345678",
        "0123456789",
        "1234567890123456",
        "ACME",
        "4ACME4",
        "whatsapp:+14155550100",
        "١٢٣٤٥٦٧٨٩",
        "",
    ],
)
def test_what_is_no_full_number_stays_as_it_came(address: str) -> None:
    assert with_plus(address) == address


@given(st.text())
def test_the_plus_is_given_once(address: str) -> None:
    assert with_plus(with_plus(address)) == with_plus(address)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01 00:00:00",
        "2026-01-01T00:00:00.0000000001Z",
        "2025-12-31T19:00:00-05:00",
    ],
)
def test_a_time_is_read_as_utc(text: str) -> None:
    assert instant(text) == datetime(2026, 1, 1, tzinfo=UTC)


@given(st.text())
def test_any_text_is_a_time_or_none(text: str) -> None:
    moment = instant(text)
    assert moment is None or moment.tzinfo is UTC


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text())
def test_any_value_is_a_moment_or_none(value: object) -> None:
    moment = instant_of_milliseconds(value)
    assert moment is None or moment.tzinfo is UTC


def test_times_at_the_end_of_the_calendar_are_none() -> None:
    assert instant("9999-12-31T23:59:59-23:00") is None


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_keys_of_different_events_differ(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    def key(event_id: str, status: str) -> str:
        return idempotency_key("p", StatusEvent(event_id, "m", None, None, status))

    assert (key(*one) == key(*other)) is (one == other)


def test_a_message_and_its_status_have_different_keys() -> None:
    event = StatusEvent("m1", "m1", None, None, "received")

    assert idempotency_key("p", Inbound("m1", "", "", "")) != idempotency_key(
        "p", event
    )


def test_headers_are_found_by_lower_case_and_joined_where_they_come_twice() -> None:
    pairs = [("X-One", "a"), ("x-one", "b"), ("Content-Type", "TEXT/XML; charset=x")]
    webhook = Webhook.from_pairs("post", "", pairs, b"")

    assert webhook.headers["x-one"] == "a, b"
    assert (webhook.method, webhook.content_type) == ("POST", "text/xml")


def test_only_what_is_unavailable_may_be_tried_again() -> None:
    found = [code for code in RefusalCode if Refused(code, "").retryable]

    assert found == [RefusalCode.UNAVAILABLE]
