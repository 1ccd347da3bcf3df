from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from model.prediction import Prediction, Ranked
from serving import ids
from serving.app import create_app
from serving.recording.intake import Intake
from serving.routing.decision import Action, ConsentChange, DecidedBy, ReasonCode
from serving.routing.ruleset import RuleSet
from serving.schemas import DecisionOut
from serving.service import Service
from serving.store.database import open_store
from tests.serving.doorstep import OURS, THEIRS, program, setup_of
from tests.serving.parrot import READ, Parrot, parrot_live
from tests.serving.phone import Phone, rows, served
from tests.serving.providers.senders import SENDERS

QUESTION = "what are your opening hours"
WRONG_NUMBER = "this is not maria you have the wrong number"


HEARD = {
    WRONG_NUMBER: replace(READ, intents=(Ranked("wrong_person", 0.9),)),
    "please leave me in peace": replace(READ, opt_out=0.99),
    # A doubtful opt-out.
    "hm": replace(READ, opt_out=0.3),
}


class Listener(Parrot):
    """Hears what `HEARD` says, and a question after the opening hours in all else."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [HEARD.get(text, READ) for text in texts]


@pytest.fixture
def phone(rules: RuleSet, store: Path) -> Iterator[Phone]:
    """Return a phone that writes to a brand which answers what it hears."""
    live = parrot_live(
        replace(rules, thresholds={"store_info": 0.5, "wrong_person": 0.5})
    )
    bundle = replace(live.bundle, classifier=Listener())
    with served(replace(live, bundle=bundle), store) as client:
        yield Phone(client)


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


def test_a_start_dated_ahead_lifts_no_stop_that_comes_after_it(phone: Phone) -> None:
    ahead = ids.now() + timedelta(hours=6)

    phone.say("START", received_at=ahead.isoformat())

    assert phone.say("STOP").consent is ConsentChange.OPT_OUT
    assert codes(phone.say(QUESTION))[0] is ReasonCode.CONSENT_CLOSED


def test_yes_lifts_no_stop(phone: Phone) -> None:
    # Nobody told what it answers; only START needs no question before it.
    phone.say("STOP")

    answered = phone.say("YES")

    assert (answered.action, answered.consent) == (Action.ESCALATE, None)
    assert codes(phone.say(QUESTION))[0] is ReasonCode.CONSENT_CLOSED


def test_a_second_yes_to_our_question_whether_to_stop_lifts_nothing(
    phone: Phone,
) -> None:
    asked(phone)
    phone.say("yes", received_at="2026-11-23T12:05:00Z")

    again = phone.say("Yes", received_at="2026-11-23T12:06:00Z")

    assert (again.action, again.consent) == (Action.ESCALATE, None)


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
    assert codes(closed)[0] is code
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


def test_two_numbers_of_one_program_share_consent(phone: Phone) -> None:
    other = Phone(phone.client, phone.number, sender="72345")

    stopped = phone.say("STOP")
    asked = other.say(QUESTION)

    assert asked.conversation_id != stopped.conversation_id
    assert codes(asked)[0] is ReasonCode.CONSENT_CLOSED


def test_two_brands_share_nothing(rules: RuleSet, store: Path) -> None:
    sender = SENDERS["generic"]
    setup = setup_of(program(sender), program(sender, "other"))
    live = parrot_live(replace(rules, thresholds={"store_info": 0.5}))

    def start() -> Service:
        intake = Intake(now=ids.now, new_id=ids.new_id, setup=setup)
        return Service(live, open_store(f"sqlite:///{store}"), intake)

    with TestClient(create_app(start)) as client:
        phone, other = Phone(client, sender=OURS), Phone(client, sender=THEIRS)
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


def asked(phone: Phone, at: str = "2026-11-23T12:00:00Z") -> None:
    decision = phone.say("hm", received_at=at)
    assert decision.action is Action.ASK


def test_a_yes_to_our_question_opts_out(phone: Phone) -> None:
    asked(phone)

    answered = phone.say("yes", received_at="2026-11-24T11:00:00Z")

    assert answered.consent is ConsentChange.OPT_OUT
    assert codes(answered) == [ReasonCode.OPT_OUT_ANSWER]


def test_a_no_to_our_question_keeps_and_it_is_not_asked_again(phone: Phone) -> None:
    asked(phone)

    kept = phone.say("no", received_at="2026-11-23T12:05:00Z")
    again = phone.say("hm", received_at="2026-11-23T12:10:00Z")

    assert (kept.action, kept.consent) == (Action.REPLY, None)
    assert again.action is Action.ESCALATE
    assert codes(again) == [ReasonCode.OPT_OUT_UNSURE]


@pytest.mark.parametrize(
    ("between", "at"),
    [
        ("what are your hours", "2026-11-23T12:10:00Z"),
        (None, "2026-11-24T12:00:01Z"),
        (None, "2026-11-23T11:59:59Z"),
    ],
)
def test_a_yes_after_something_else_or_too_late_is_no_answer(
    phone: Phone, between: str | None, at: str
) -> None:
    asked(phone)
    if between:
        phone.say(between, received_at="2026-11-23T12:05:00Z")

    assert phone.say("yes", received_at=at).consent is None


def test_being_asked_to_write_start_is_not_being_asked_whether_to_stop(
    phone: Phone,
) -> None:
    phone.say("STOP")
    phone.say("START")

    assert phone.say("yes").consent is None


def test_a_stop_with_more_is_recorded_though_the_model_fails(
    rules: RuleSet, store: Path
) -> None:
    class Broken(Parrot):
        def predict(self, texts: Sequence[str]) -> list[Prediction]:
            raise RuntimeError(len(texts))

    live = parrot_live(rules)
    broken = replace(live, bundle=replace(live.bundle, classifier=Broken()))
    with served(broken, store) as client:
        stopped = Phone(client).say("STOP. also cancel my 3pm")
        failed = Phone(client, "+15550101").post("where is my order")

    assert stopped.consent is ConsentChange.OPT_OUT
    assert failed.status_code >= 500


def test_a_wrong_number_is_told_once_that_it_is_left_alone(
    phone: Phone, store: Path
) -> None:
    closed = phone.say(WRONG_NUMBER)

    assert closed.reply is not None
    assert closed.reply.template.startswith("wrong_person@")
    kinds = rows(store, "SELECT kind FROM consent_events ORDER BY sequence")
    assert kinds == [("wrong_party",), ("honored",), ("confirmation_sent",)]


def test_a_question_whether_to_stop_and_its_answer_are_in_the_ledger(
    phone: Phone, store: Path
) -> None:
    asked(phone)
    phone.say("yes", received_at="2026-11-23T12:05:00Z")

    kinds = rows(store, "SELECT kind FROM consent_events ORDER BY sequence")
    assert [kind for (kind,) in kinds] == [
        "clarification_asked",
        "opt_out",
        "honored",
        "confirmation_sent",
        "clarification_answered",
    ]


def test_a_yes_of_one_who_opted_out_to_our_question_goes_to_a_person(
    phone: Phone,
) -> None:
    phone.say("STOP")

    answered = phone.say("YES", context={"last_message": "Shall we bring it today?"})

    assert (answered.action, answered.consent) == (Action.ESCALATE, None)
    assert codes(phone.say(QUESTION))[0] is ReasonCode.CONSENT_CLOSED
