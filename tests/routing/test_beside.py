"""What becomes of the rest; `test_heard` says what comes first."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from model.prediction import Prediction
from serving.routing.by_model import decide_by_model
from serving.routing.case import Case
from serving.routing.decision import (
    Action,
    AlsoIntent,
    ConsentChange,
    Decision,
    Priority,
    ReasonCode,
)
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Consent, Owner, Reply, Situation
from tests.routing.readings import reading

MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
NOTHING = Situation()
ASKED_THEM = Situation(last_message="Ready for Monday?")


@pytest.fixture(scope="module")
def ready(rules: RuleSet) -> RuleSet:
    """Return the shipped rules with a threshold of 0.9 for every intent."""
    return replace(rules, thresholds=dict.fromkeys(rules.policy.intents, 0.9))


def decided(
    rules: RuleSet,
    *said: Prediction,
    whole: float = 0.95,
    situation: Situation = NOTHING,
    sentiment: str = "neutral",
) -> Decision:
    prediction = reading(said[-1].intent, whole, *said, sentiment=sentiment)
    case = Case(Reply("hm", MONDAY_NOON), situation, rules)
    return decide_by_model(case, prediction)


def effects(decision: Decision) -> list[str]:
    return [effect.type for effect in decision.effects]


def codes(decision: Decision) -> list[ReasonCode]:
    return [reason.code for reason in decision.reasons]


def test_a_thank_you_beside_a_question_rests(ready: RuleSet) -> None:
    decision = decided(ready, reading("thanks", 0.93), reading("store_info"))

    assert (decision.intent, decision.action) == ("store_info", Action.REPLY)
    assert decision.also == (AlsoIntent("thanks", 0.93),)
    assert codes(decision)[-1] is ReasonCode.ALSO_SAID


def test_praise_beside_a_question_is_passed_on(ready: RuleSet) -> None:
    decision = decided(ready, reading("praise"), reading("store_info"))

    assert decision.action is Action.REPLY
    assert effects(decision) == ["share_praise"]


def test_a_yes_to_what_we_asked_is_recorded_and_the_question_answered(
    ready: RuleSet,
) -> None:
    said = (reading("confirm"), reading("store_info"))

    known = decided(ready, *said, situation=ASKED_THEM)
    unknown = decided(ready, *said)

    assert (known.intent, known.action) == ("store_info", Action.REPLY)
    assert effects(known) == ["record_answer"]
    # A yes to what we do not know: the question is answered, a person sees the yes.
    assert unknown.action is Action.ESCALATE
    assert unknown.reply
    assert unknown.reply.template.startswith("store_info@")
    assert effects(unknown) == ["handoff"]


def test_of_two_questions_the_first_is_answered_and_a_person_takes_the_second(
    ready: RuleSet,
) -> None:
    decision = decided(ready, reading("store_info"), reading("shipping_info"))

    assert decision.intent == "store_info"
    assert decision.also == (AlsoIntent("shipping_info", 0.95),)
    assert decision.action is Action.ESCALATE
    assert decision.reply
    assert decision.reply.template.startswith("store_info@")
    assert decision.queue == ready.policy.intents["shipping_info"].queue
    assert decision.effects[-1].payload["queue"] == decision.queue
    assert codes(decision)[0] is ReasonCode.ALSO_SAID


def test_what_people_must_do_anyway_goes_to_them_whole(ready: RuleSet) -> None:
    decision = decided(ready, reading("store_info"), reading("cancel_order"))

    assert (decision.intent, decision.queue) == ("cancel_order", "orders")
    assert decision.reply
    assert decision.reply.template.startswith("holding_order@")
    assert effects(decision) == ["handoff"]


def test_danger_wakes_somebody_and_the_rest_is_named(ready: RuleSet) -> None:
    decision = decided(ready, reading("refund"), reading("legal_or_safety", 0.6))

    assert (decision.queue, decision.priority) == ("safety", Priority.URGENT)
    assert effects(decision) == ["alert_on_call", "hold_campaigns", "handoff"]
    assert decision.also == (AlsoIntent("refund", 0.95),)


def test_danger_that_is_only_suspected_beside_a_wrong_number_wakes_somebody(
    ready: RuleSet,
) -> None:
    decision = decided(ready, reading("legal_or_safety", 0.6), reading("wrong_person"))

    assert decision.intent == "wrong_person"
    assert {"alert_on_call", "hold_campaigns"} <= set(effects(decision))


def test_a_second_matter_that_is_only_likely_goes_to_a_person(ready: RuleSet) -> None:
    decision = decided(ready, reading("shipping_info", 0.85), reading("store_info"))

    assert decision.action is Action.ESCALATE
    assert codes(decision)[0] is ReasonCode.PART_UNSURE
    assert decision.also == (AlsoIntent("shipping_info", 0.85),)


def test_what_nobody_understood_goes_to_a_person_with_the_rest_named(
    ready: RuleSet,
) -> None:
    said = (reading("thanks"), reading("refund", 0.3), reading("store_info"))

    decision = decided(ready, *said, whole=0.6)

    assert decision.action is Action.ESCALATE
    assert codes(decision)[0] is ReasonCode.PART_UNSURE
    assert decision.reply
    assert decision.reply.template.startswith("holding@")
    assert decision.also == (AlsoIntent("thanks", 0.95),)


def test_an_upset_person_s_second_matter_is_looked_at_sooner(ready: RuleSet) -> None:
    said = (reading("store_info"), reading("shipping_info"))

    assert decided(ready, *said).priority is Priority.NORMAL
    assert decided(ready, *said, sentiment="negative").priority is Priority.HIGH


def test_a_wrong_number_is_suppressed_whatever_else_was_said(ready: RuleSet) -> None:
    for other in ("thanks", "refund", "legal_or_safety"):
        decision = decided(ready, reading("wrong_person"), reading(other))

        assert decision.consent is ConsentChange.OPT_OUT
        assert {"suppress_contact", "mark_wrong_number"} <= set(effects(decision))


def test_whoever_may_not_be_written_to_gets_no_words_for_any_part(
    ready: RuleSet,
) -> None:
    said = (reading("opt_in"), reading("store_info"))

    closed = decided(ready, *said, situation=Situation(consent=Consent.OPTED_OUT))
    owned = decided(ready, *said, situation=Situation(owner=Owner.PERSON))

    assert (closed.reply, owned.reply) == (None, None)
    assert closed.action is Action.ESCALATE
    assert closed.also
    assert owned.also
