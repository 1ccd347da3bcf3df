from pathlib import Path

import pytest

from serving.routing.decision import Action, ConsentChange, DecidedBy, ReasonCode
from serving.schemas import DecisionOut
from tests.serving.phone import Phone, rows

pytestmark = pytest.mark.integration

QUESTION = "what are your opening hours"
WRONG_NUMBER = "this is not maria you have the wrong number"


def codes(decision: DecisionOut) -> list[ReasonCode]:
    return [reason.code for reason in decision.reasons]


def test_after_stop_no_automatic_words_go_out(phone: Phone) -> None:
    stopped = phone.say("STOP")

    asked = phone.say(QUESTION)

    assert stopped.consent is ConsentChange.OPT_OUT
    assert asked.decided_by is DecidedBy.GUARD
    assert codes(asked)[0] is ReasonCode.CONSENT_CLOSED
    assert asked.reply is None


def test_start_lifts_a_stop(phone: Phone) -> None:
    phone.say("STOP")

    started = phone.say("START")

    assert started.consent is ConsentChange.OPT_IN
    assert phone.say(QUESTION).action is Action.REPLY


def test_yes_lifts_a_stop(phone: Phone) -> None:
    phone.say("STOP")

    lifted = phone.say("YES")

    assert lifted.decided_by is DecidedBy.KEYWORD
    assert lifted.consent is ConsentChange.OPT_IN


def test_yes_of_a_subscriber_is_an_answer_and_no_keyword(phone: Phone) -> None:
    answered = phone.say("YES")

    assert answered.decided_by is DecidedBy.MODEL
    assert answered.consent is None


@pytest.mark.parametrize(
    ("text", "decided_by", "code"),
    [
        (WRONG_NUMBER, DecidedBy.MODEL, ReasonCode.ABOVE_THRESHOLD),
        ("please leave me in peace", DecidedBy.MODEL, ReasonCode.OPT_OUT_BY_MEANING),
    ],
)
def test_consent_is_closed_by_meaning_too(
    phone: Phone, text: str, decided_by: DecidedBy, code: ReasonCode
) -> None:
    closed = phone.say(text)

    assert closed.decided_by is decided_by
    assert codes(closed) == [code]
    assert closed.consent is ConsentChange.OPT_OUT
    assert "suppress_contact" in [effect.type for effect in closed.effects]
    assert codes(phone.say(QUESTION))[0] is ReasonCode.CONSENT_CLOSED


def test_a_person_who_owns_the_conversation_is_not_interrupted(phone: Phone) -> None:
    decision = phone.say(QUESTION, context={"owner": "person"})

    assert decision.decided_by is DecidedBy.OWNER
    assert decision.action is Action.SILENT
    assert codes(decision) == [ReasonCode.PERSON_OWNS]


def test_stop_counts_whoever_owns_the_conversation(phone: Phone) -> None:
    stopped = phone.say("STOP", context={"owner": "person"})

    assert stopped.consent is ConsentChange.OPT_OUT
    assert codes(phone.say(QUESTION))[0] is ReasonCode.CONSENT_CLOSED


def test_two_machines_are_not_left_talking(phone: Phone) -> None:
    for minute in range(5):
        answered = phone.say(QUESTION, received_at=f"2026-11-23T12:0{minute}:00Z")
        assert answered.action is Action.REPLY

    sixth = phone.say(QUESTION, received_at="2026-11-23T12:59:59Z")
    later = phone.say(QUESTION, received_at="2026-11-23T13:00:00Z")

    assert sixth.decided_by is DecidedBy.GUARD
    assert codes(sixth) == [ReasonCode.LOOP_LIMIT]
    assert sixth.reply is None
    assert later.action is Action.REPLY


def test_one_number_at_two_of_ours_is_two_contacts(phone: Phone) -> None:
    other = Phone(phone.client, phone.number, sender="+15550188")

    stopped = phone.say("STOP")
    asked = other.say(QUESTION)

    assert asked.action is Action.REPLY
    assert asked.conversation_id != stopped.conversation_id
    assert codes(phone.say(QUESTION))[0] is ReasonCode.CONSENT_CLOSED


def test_two_numbers_are_two_contacts(phone: Phone) -> None:
    phone.say("STOP")

    assert Phone(phone.client, "+15550101").say(QUESTION).action is Action.REPLY


def test_one_number_written_otherwise_is_the_same_contact(
    phone: Phone, store: Path
) -> None:
    stopped = phone.say("STOP")
    again = Phone(phone.client, "+1 (555) 01-00").say(QUESTION)

    assert again.conversation_id == stopped.conversation_id
    assert rows(store, "SELECT number FROM contacts") == [("+15550100",)]
