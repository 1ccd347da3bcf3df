import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from model.prediction import Prediction
from serving.live import LiveBundle
from serving.recording.arrival import Arrival, Read
from serving.recording.logged import Logged, logged_inputs
from serving.recording.record import inputs_body, to_json
from serving.routing.decide import decide
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Consent, Owner, Reply, Situation
from tests.routing.test_decide_laws import (
    INTENTS,
    PREDICTIONS,
    REPLIES,
    SITUATIONS,
)
from tests.serving.parrot import READ, parrot_live

LAW = settings(deadline=None)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def ready(rules: RuleSet) -> LiveBundle:
    return parrot_live(replace(rules, thresholds=dict.fromkeys(INTENTS[:-2], 0.8)))


def read_of(reply: Reply, live: LiveBundle, prediction: Prediction | None) -> Read:
    arrival = Arrival("m1", "+15550100", "+15550199", reply.text, reply.received_at)
    return Read(arrival, live, prediction)


def inputs_json(
    reply: Reply, situation: Situation, live: LiveBundle, prediction: Prediction | None
) -> str:
    return to_json(inputs_body(read_of(reply, live, prediction), situation))


@LAW
@given(REPLIES, SITUATIONS, PREDICTIONS)
def test_what_was_logged_decides_as_it_did(
    ready: LiveBundle, reply: Reply, situation: Situation, prediction: Prediction
) -> None:
    body = json.loads(inputs_json(reply, situation, ready, prediction))

    logged = logged_inputs(body)

    assert logged == Logged(reply, situation, prediction)
    again = decide(logged.reply, logged.situation, ready.rules, logged.prediction)
    assert again == decide(reply, situation, ready.rules, prediction)


def test_a_reply_that_a_rule_settled_was_not_read(ready: LiveBundle) -> None:
    body = json.loads(inputs_json(Reply("STOP", NOON), Situation(), ready, None))

    logged = logged_inputs(body)

    assert logged == Logged(Reply("STOP", NOON), Situation(), None)


def test_words_that_are_gone_are_not_made_up(ready: LiveBundle) -> None:
    body = json.loads(inputs_json(Reply("hello", NOON), Situation(), ready, READ))

    assert logged_inputs(body | {"text": "", "forgotten": True}) is None


def test_a_row_of_the_first_version_is_read(ready: LiveBundle) -> None:
    body = json.loads(inputs_json(Reply("hello", NOON), Situation(), ready, READ))
    for name in ("provider_verdict", "superseded", "question_closed", "open_now"):
        del body["situation"][name]
    del body["prediction"]["opt_out"], body["prediction"]["clauses"]
    body["situation"] |= {"consent": "opted_out", "owner": "person"}

    logged = logged_inputs(body)

    situation = Situation(consent=Consent.OPTED_OUT, owner=Owner.PERSON)
    assert logged == Logged(Reply("hello", NOON), situation, READ)


def test_what_no_version_wrote_is_refused() -> None:
    with pytest.raises(KeyError):
        logged_inputs({"text": "hello"})
