import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from fastapi.testclient import TestClient

from serving.access.new_key import NewKey
from serving.access.scope import Scope
from serving.routing.decision import DecidedBy
from serving.schemas import DecisionOut
from serving.store.database import open_store
from tests.serving.access.making import bearer, made
from tests.serving.phone import Phone, change, rows

pytestmark = pytest.mark.integration

QUESTION = "what are your opening hours"
VISITS = "+13125550187"
"""Another program's number."""


@pytest.mark.parametrize(
    ("text", "decided_by"),
    [
        (QUESTION, DecidedBy.MODEL),
        ("STOP", DecidedBy.KEYWORD),
        ("Liked “Sale today!”", DecidedBy.GUARD),
        ("", DecidedBy.GUARD),
        ("where\0 is my order", DecidedBy.MODEL),
        ("😀" * 10_000, DecidedBy.MODEL),
    ],
)
def test_a_decision_has_the_shape_of_the_contract(
    phone: Phone, text: str, decided_by: DecidedBy
) -> None:
    answer = phone.post(text, message_id="SM1")

    decision = DecisionOut.model_validate_json(answer.content, extra="forbid")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == DecisionOut.model_fields.keys()
    assert decision.message_id == "SM1"
    assert decision.decided_by is decided_by


def test_a_question_is_answered_with_approved_words(phone: Phone) -> None:
    decision = phone.say(QUESTION)

    assert decision.intent == "store_info"
    assert decision.reply is not None
    assert decision.reply.template.startswith("store_info@")


def test_a_decision_is_in_the_file_when_it_is_returned(
    phone: Phone, store: Path
) -> None:
    answer = phone.post("STOP", message_id="SM1")

    found = rows(store, "SELECT decision FROM decisions WHERE message_id = 'SM1'")
    effects = rows(store, "SELECT effect_id, type, delivered_at FROM outbox")
    assert found == [(answer.text,)]
    assert effects == [(e["id"], e["type"], None) for e in answer.json()["effects"]]
    assert effects


def test_the_record_holds_what_the_decision_was_made_from(
    phone: Phone, store: Path
) -> None:
    context = {"last_message": "Hi?", "language": "es", "variables": {"order": "7"}}

    phone.say(QUESTION, received_at="2026-11-23T13:00:00+01:00", context=context)

    [(text,)] = rows(store, "SELECT inputs FROM decisions")
    inputs = json.loads(str(text))
    assert inputs["text"] == QUESTION
    assert inputs["received_at"] == "2026-11-23T12:00:00+00:00"
    situation = inputs["situation"]
    assert situation["last_message"] == "Hi?"
    assert situation["language"] == "es"
    # What the program says of itself, and over it what the caller says.
    assert situation["variables"].items() >= {"brand": "Fernhill", "order": "7"}.items()
    assert inputs["prediction"]["intents"][0][0] == "store_info"


def test_the_same_message_again_changes_nothing(phone: Phone, store: Path) -> None:
    first = phone.post("STOP", message_id="SM1")
    before = rows(store, "SELECT * FROM contacts")

    again = phone.post("STOP", message_id="SM1")

    assert again.content == first.content
    assert rows(store, "SELECT count(*) FROM decisions") == [(1,)]
    assert len(rows(store, "SELECT * FROM outbox")) == len(first.json()["effects"])
    assert rows(store, "SELECT * FROM contacts") == before


def test_a_message_id_keeps_its_first_decision_whatever_comes_with_it(
    phone: Phone,
) -> None:
    first = phone.post("STOP", message_id="SM1")

    other = Phone(phone.client, number="+15550101").post("hello", message_id="SM1")

    assert other.content == first.content


def test_a_message_id_of_another_program_is_refused_and_swallows_no_stop(
    quick: TestClient, store: Path
) -> None:
    ours = Phone(quick)
    first = ours.post(QUESTION, message_id="SM1")
    visits = Phone(quick, number="+15550101", sender=VISITS)

    refused = visits.post("STOP", message_id="SM1")

    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:replywise:message-id-taken"
    assert rows(store, "SELECT decision FROM decisions") == [(first.text,)]
    assert ours.post(QUESTION, message_id="SM1").content == first.content
    assert visits.say("STOP", message_id="SM2").consent


def test_a_key_gets_no_decision_of_another_program_by_its_message_id(
    quick: TestClient, store: Path
) -> None:
    engine = open_store(f"sqlite:///{store}")
    scopes = frozenset({Scope.ROUTE})
    whole = made(engine, NewKey("all", scopes))
    restricted = made(engine, NewKey("visits", scopes, frozenset({"fernhill_visits"})))
    engine.dispose()
    quick.headers.update(bearer(whole))
    first = Phone(quick).say("STOP", message_id="SM1")

    quick.headers.update(bearer(restricted))
    body = {"message_id": "SM1", "from": "+15550101", "to": VISITS, "text": "STOP"}
    refused = quick.post("/v1/route", params={"explain": True}, json=body)

    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:replywise:program-refused"
    assert first.decision_id not in refused.text


def test_a_decision_that_names_no_program_is_returned_as_ever(
    quick: TestClient, store: Path
) -> None:
    first = Phone(quick).post("STOP", message_id="SM1")
    # As rows of versions are that told no program.
    change(store, "UPDATE decisions SET program = ''")

    again = Phone(quick, sender=VISITS).post("STOP", message_id="SM1")

    assert again.content == first.content


@pytest.mark.parametrize("text", ["STOP", QUESTION])
def test_the_same_message_many_times_at_once_is_one_decision(
    phone: Phone, store: Path, text: str
) -> None:
    together = Barrier(8)

    def send(_: int) -> bytes:
        together.wait()
        return phone.post(text, message_id="SM1").content

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(8)))

    [decision] = map(json.loads, answers)
    assert rows(store, "SELECT decision_id FROM decisions") == [
        (decision["decision_id"],)
    ]
    assert rows(store, "SELECT effect_id FROM outbox") == [
        (effect["id"],) for effect in decision["effects"]
    ]
    [(sent,)] = rows(store, "SELECT hour_replies FROM contacts")
    assert sent == 1


@pytest.mark.parametrize("number", [1, 1000])
def test_texts_are_classified_in_their_order(phone: Phone, number: int) -> None:
    wanted = ["order_status", "wrong_person", "refund"] * number
    texts = ["where is my order", "wrong number", "i want a refund"] * number

    answer = phone.client.post("/v1/classify", json={"texts": texts[:number]})

    predictions = answer.json()["predictions"]
    assert answer.status_code == 200
    assert [p["intent"] for p in predictions] == wanted[:number]
    assert all(0 < p["confidence"] <= 1 for p in predictions)


def test_classifying_records_nothing(phone: Phone, store: Path) -> None:
    phone.client.post("/v1/classify", json={"texts": ["STOP"]})

    assert rows(store, "SELECT * FROM decisions") == []
    assert rows(store, "SELECT * FROM contacts") == []


def test_a_text_without_words_is_classified_too(phone: Phone) -> None:
    answer = phone.client.post("/v1/classify", json={"texts": ["", "\0", "👍"]})

    assert answer.status_code == 200
    assert len(answer.json()["predictions"]) == 3
