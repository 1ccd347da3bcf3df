from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from serving.schemas import MAX_TEXT, DecisionOut, RouteRequest

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def request(**fields: object) -> RouteRequest:
    told = {"message_id": "m", "from": "+15550100", "to": "12345", "text": "hi"}
    return RouteRequest.model_validate({**told, **fields})


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+15550100", "+15550100"),
        ("+1 (555) 010-0142", "+15550100142"),
        ("555.010.0142", "5550100142"),
        ("12345", "12345"),
        ("Fernhill", "Fernhill"),
    ],
)
def test_a_number_loses_what_only_people_need(written: str, kept: str) -> None:
    assert request(**{"from": written}).number == kept
    assert request(to=written).sender == kept


@pytest.mark.parametrize(
    "written", ["", "+", "++15550100", "a@b.example", "Fernhill & Co", "1" * 33, "+1é0"]
)
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        request(**{"from": written})


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        (None, NOW),
        ("2026-11-23T13:00:00+01:00", NOW),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("9998-12-31T23:59:59Z", datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_moment_is_kept_in_utc(told: str | None, moment: datetime) -> None:
    kept = request(received_at=told).moment(NOW)

    assert kept == moment
    assert kept.tzinfo is UTC


@pytest.mark.parametrize(
    "told", ["1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "2026-11-23T12:00:00"]
)
def test_a_moment_that_is_none_in_every_zone_is_refused(told: str) -> None:
    with pytest.raises(ValidationError):
        request(received_at=told)


@pytest.mark.parametrize("text", ["", "x" * MAX_TEXT, "\0", "👍🏽"])
def test_a_text_may_hold_anything(text: str) -> None:
    assert request(text=text).text == text


@pytest.mark.parametrize(
    "message_id", ["\0", "SM\0001", "SM1\n", "\x1b1", "\x7f", "\x85"]
)
def test_an_id_with_a_control_character_is_refused(message_id: str) -> None:
    with pytest.raises(ValidationError):
        request(message_id=message_id)


@pytest.mark.parametrize(
    "message_id", ["SM 1", "<a@b.example>", "é👍\u2028", "x" * 128]
)
def test_any_other_id_is_taken(message_id: str) -> None:
    assert request(message_id=message_id).message_id == message_id


def test_fields_of_a_later_version_are_let_pass() -> None:
    assert request(later=1, context={"later": 1}).text == "hi"


def test_a_decision_from_before_several_intents_were_heard_can_be_read() -> None:
    stored = {
        "decision_id": "d",
        "message_id": "m",
        "conversation_id": "c",
        "bundle": "sha256:old",
        "intent": "thanks",
        "confidence": 0.9,
        "alternatives": [],
        "sentiment": "neutral",
        "sentiment_confidence": 0.9,
        "language": None,
        "decided_by": "model",
        "action": "silent",
        "consent": None,
        "reply": None,
        "queue": None,
        "priority": None,
        "effects": [],
        "reasons": [{"code": "policy_silent", "detail": "thanks rests"}],
    }

    assert DecisionOut.model_validate(stored).also == []
