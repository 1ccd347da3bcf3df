import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from serving.live import LiveBundle
from serving.routing.ruleset import RuleSet
from serving.schemas import (
    MAX_EXPLAINED,
    ExplainedDecisionOut,
    ExplainedPredictionOut,
    ExplanationOut,
)
from tests.bag_bundle import bag_bundle
from tests.serving.phone import Phone, rows, served

TEXT = "where is my parcel please"


@pytest.fixture(scope="module")
def bag_live(rules: RuleSet) -> LiveBundle:
    bundle = bag_bundle()
    thresholds = dict.fromkeys(bundle.manifest.intents, 0.5)
    return LiveBundle(bundle, replace(rules, thresholds=thresholds))


@pytest.fixture
def phone(bag_live: LiveBundle, store: Path) -> Iterator[Phone]:
    with served(bag_live, store) as client:
        yield Phone(client)


def why(phone: Phone, text: str, **fields: object) -> Response:
    body = {
        "message_id": "SM1",
        "from": phone.number,
        "to": phone.sender,
        "text": text,
        **fields,
    }
    return phone.client.post("/v1/route?explain=true", json=body)


def explanation(answer: Response) -> ExplanationOut:
    assert answer.status_code == 200, answer.text
    told = ExplainedDecisionOut.model_validate_json(answer.content, extra="forbid")
    return told.explanation


def test_a_decision_comes_with_its_words_neighbours_and_signals(phone: Phone) -> None:
    told = explanation(why(phone, TEXT))

    assert told.intent == "order_status"
    assert told.rule is None
    assert [word.word for word in told.words] == TEXT.split()
    assert [TEXT[word.start : word.end] for word in told.words] == TEXT.split()
    assert told.neighbours[0].id.startswith("order_status-")
    assert told.signals[0].effect == min(signal.effect for signal in told.signals)


def test_the_decision_itself_is_what_it_is_without(phone: Phone) -> None:
    plain = phone.post(TEXT, message_id="SM1")

    explained = why(phone, TEXT)

    body = explained.json()
    del body["explanation"]
    assert body == plain.json()
    assert explained.headers["content-type"] == "application/json"
    assert "explanation" not in plain.json()
    assert plain.json()["confidence"] == explained.json()["explanation"]["confidence"]


def test_an_explanation_is_on_no_record_and_in_no_log(
    phone: Phone, store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = why(phone, TEXT)

    [(inputs, decision)] = rows(store, "SELECT inputs, decision FROM decisions")
    assert answer.text.startswith(str(decision).removesuffix("}"))
    assert "explanation" not in f"{inputs}{decision}"
    assert "parcel" not in caplog.text


def test_a_message_that_comes_again_is_explained_as_it_was_decided(
    phone: Phone, store: Path
) -> None:
    first = explanation(why(phone, TEXT))

    again = why(phone, "when do you open")

    assert explanation(again) == first
    assert again.json()["intent"] == "order_status"
    assert rows(store, "SELECT count(*) FROM decisions") == [(1,)]


@pytest.mark.parametrize(
    ("text", "code"),
    [("STOP", "keyword"), ("Liked “Sale today!”", "reaction"), ("", "empty_text")],
)
def test_a_decision_by_rule_names_the_rule(phone: Phone, text: str, code: str) -> None:
    answer = why(phone, text)

    told = explanation(answer)
    assert told.rule is not None
    assert told.rule.model_dump() == answer.json()["reasons"][0]
    assert told.rule.code == code
    assert told.intent == answer.json()["intent"]
    assert (told.words, told.neighbours, told.signals) == ([], [], [])


def test_an_echo_is_known_only_with_the_conversation_and_is_a_rule(
    phone: Phone,
) -> None:
    told = explanation(why(phone, TEXT, context={"last_message": TEXT}))

    assert told.rule is not None
    assert told.rule.code == "echo"


def test_the_words_are_weighed_for_the_intent_that_was_decided(phone: Phone) -> None:
    answer = why(phone, TEXT)

    assert explanation(answer).intent == answer.json()["intent"]


def test_texts_are_explained_in_their_order(phone: Phone) -> None:
    texts = [TEXT, "i want back my money", "when do you open"]

    answer = phone.client.post("/v1/classify?explain=true", json={"texts": texts})

    found = [
        ExplainedPredictionOut.model_validate(one, extra="forbid")
        for one in answer.json()["predictions"]
    ]
    plain = phone.client.post("/v1/classify", json={"texts": texts}).json()
    assert [one.explanation.intent for one in found] == [one.intent for one in found]
    assert [one.explanation.words[0].word for one in found] == ["where", "i", "when"]
    assert [one.model_dump(exclude={"explanation"}) for one in found] == plain[
        "predictions"
    ]


def test_so_many_texts_are_explained_at_once_and_no_more(phone: Phone) -> None:
    def ask(count: int) -> Response:
        body = {"texts": [TEXT] * count}
        return phone.client.post("/v1/classify?explain=true", json=body)

    most, more = ask(MAX_EXPLAINED), ask(MAX_EXPLAINED + 1)

    assert len(most.json()["predictions"]) == MAX_EXPLAINED
    assert more.status_code == 422
    assert more.headers["content-type"] == "application/problem+json"
    assert more.json()["errors"] == [
        {"field": "texts", "problem": "expected at most 20 texts to explain"}
    ]


def test_explain_is_yes_or_no(phone: Phone) -> None:
    answer = phone.client.post("/v1/classify?explain=perhaps", json={"texts": ["hi"]})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "query.explain"


@pytest.mark.parametrize("path", ["/v1/route", "/v1/classify"])
def test_the_document_describes_the_parameter(quick: TestClient, path: str) -> None:
    call = quick.get("/openapi.json").json()["paths"][path]["post"]

    [parameter] = call["parameters"]
    assert (parameter["name"], parameter["required"]) == ("explain", False)
