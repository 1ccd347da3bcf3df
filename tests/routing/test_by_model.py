from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from model.prediction import Prediction, Ranked
from serving.routing.by_model import ALTERNATIVES, QUEUE_FROM, decide_by_model
from serving.routing.case import Case
from serving.routing.decision import (
    Action,
    ConsentChange,
    DecidedBy,
    Decision,
    Priority,
    ReasonCode,
)
from serving.routing.policy import Answer
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Consent, Owner, Reply, Situation

MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
NOTHING = Situation()


@pytest.fixture(scope="module")
def ready(rules: RuleSet) -> RuleSet:
    """Return the shipped rules with a threshold of 0.8 for every intent."""
    thresholds = dict.fromkeys(rules.policy.intents, 0.8)
    return replace(rules, thresholds=MappingProxyType(thresholds))


def predicted(
    intent: str,
    confidence: float = 0.95,
    *,
    sentiment: str = "neutral",
    opt_out: float = 0.01,
) -> Prediction:
    return Prediction(
        intents=(Ranked(intent, 0.9), Ranked("other", 0.1)),
        confidence=confidence,
        sentiments=(Ranked(sentiment, 0.9),),
        opt_out=opt_out,
    )


def decided(
    rules: RuleSet,
    prediction: Prediction,
    situation: Situation = NOTHING,
    text: str = "hm",
) -> Decision:
    return decide_by_model(Case(Reply(text, MONDAY_NOON), situation, rules), prediction)


def codes(decision: Decision) -> list[ReasonCode]:
    return [reason.code for reason in decision.reasons]


def test_the_decision_shows_what_the_model_said(ready: RuleSet) -> None:
    ranks = [Ranked("refund", 0.6)] + [Ranked(f"x{i}", 0.01) for i in range(9)]
    prediction = replace(predicted("refund"), intents=tuple(ranks))

    decision = decided(ready, prediction, text="where is my refund")

    assert (decision.intent, decision.confidence) == ("refund", 0.95)
    assert decision.alternatives == tuple(ranks[1 : 1 + ALTERNATIVES])
    assert (decision.sentiment, decision.sentiment_confidence) == ("neutral", 0.9)
    assert decision.language == "en"


@pytest.mark.parametrize(
    ("confidence", "action"), [(0.8, Action.REPLY), (0.79, Action.ESCALATE)]
)
def test_an_answer_goes_out_from_the_threshold_on(
    ready: RuleSet, confidence: float, action: Action
) -> None:
    assert decided(ready, predicted("store_info", confidence)).action is action


@pytest.mark.parametrize(
    ("confidence", "queue"), [(QUEUE_FROM, "billing"), (QUEUE_FROM - 0.01, "care")]
)
def test_a_guess_better_than_even_chooses_the_queue(
    ready: RuleSet, confidence: float, queue: str
) -> None:
    decision = decided(ready, predicted("billing_problem", confidence))

    assert decision.queue == queue
    assert decision.effects[-1].payload["queue"] == queue


def test_words_that_name_the_matter_are_kept_for_when_it_is_sure(
    ready: RuleSet,
) -> None:
    sure = decided(ready, predicted("billing_problem"))
    unsure = decided(ready, predicted("billing_problem", 0.6))

    assert sure.reply
    assert unsure.reply
    assert sure.reply.template.startswith("holding_billing@")
    assert unsure.reply.template.startswith("holding@")


@pytest.mark.parametrize("confidence", [0.1, 0.95])
def test_danger_goes_to_a_person_on_mere_suspicion(
    ready: RuleSet, confidence: float
) -> None:
    decision = decided(ready, predicted("legal_or_safety", confidence))

    assert (decision.queue, decision.priority) == ("safety", Priority.URGENT)
    assert decision.effects[0].type == "alert_on_call"
    assert codes(decision)[0] is ReasonCode.POLICY_ESCALATES
    # The reasons say that the threshold is reached only where it is.
    assert (ReasonCode.ABOVE_THRESHOLD in codes(decision)) is (confidence >= 0.8)


@pytest.mark.parametrize(
    ("intent", "priority"),
    [
        ("talk_to_human", Priority.HIGH),
        ("cancel_order", Priority.URGENT),
        ("other", Priority.NORMAL),
    ],
)
def test_an_upset_person_is_looked_at_one_step_sooner(
    ready: RuleSet, intent: str, priority: Priority
) -> None:
    decision = decided(ready, predicted(intent, sentiment="negative"))

    assert decision.priority is priority
    assert codes(decision)[-1] is ReasonCode.NEGATIVE_SENTIMENT


def test_an_upset_person_gets_a_person_where_the_policy_says_so(
    ready: RuleSet,
) -> None:
    upset = decided(ready, predicted("order_status", sentiment="negative"))
    upset_by_us = decided(ready, predicted("who_is_this", sentiment="negative"))

    assert upset.action is Action.ESCALATE
    assert upset_by_us.action is Action.REPLY


@pytest.mark.parametrize(
    ("ours", "action"),
    [
        ("Ready for Monday?", Action.REPLY),
        ("See you.", Action.ESCALATE),
        (None, Action.ESCALATE),
    ],
)
def test_a_yes_is_answered_only_after_a_question(
    ready: RuleSet, ours: str | None, action: Action
) -> None:
    decision = decided(ready, predicted("confirm"), Situation(last_message=ours))

    assert decision.action is action
    recorded = "record_answer" in [effect.type for effect in decision.effects]
    assert recorded is (action is Action.REPLY)


@pytest.mark.parametrize("answer", Answer)
def test_whoever_never_agreed_is_suppressed_and_told_so_in_consent(
    ready: RuleSet, answer: Answer
) -> None:
    policy = ready.policy
    line = replace(policy.intents["wrong_person"], answer=answer)
    changed = replace(policy, intents={**policy.intents, "wrong_person": line})

    decision = decided(replace(ready, policy=changed), predicted("wrong_person"))

    assert decision.consent is ConsentChange.OPT_OUT
    assert "suppress_contact" in [effect.type for effect in decision.effects]


def test_a_mere_guess_at_a_wrong_number_closes_nothing(ready: RuleSet) -> None:
    decision = decided(ready, predicted("wrong_person", 0.7))

    assert decision.consent is None
    assert [effect.type for effect in decision.effects] == ["handoff"]


def test_only_a_keyword_opens_consent(ready: RuleSet) -> None:
    for situation in (NOTHING, Situation(consent=Consent.OPTED_OUT)):
        decision = decided(ready, predicted("opt_in"), situation)

        assert decision.action is Action.ASK
        assert decision.consent is None
        assert codes(decision)[0] is ReasonCode.OPT_IN_NEEDS_KEYWORD


def test_whoever_opted_out_gets_no_holding_words_on_a_guess(ready: RuleSet) -> None:
    out = Situation(consent=Consent.OPTED_OUT)

    decision = decided(ready, predicted("opt_in", 0.6), out)

    assert codes(decision)[0] is ReasonCode.CONSENT_CLOSED
    assert decision.action is Action.ESCALATE
    assert decision.reply is None


HELD_BACK = [
    Situation(consent=Consent.OPTED_OUT),
    Situation(automatic_replies=99),
    Situation(owner=Owner.PERSON),
]


@pytest.mark.parametrize("situation", HELD_BACK)
@pytest.mark.parametrize("confidence", [0.1, 0.95])
def test_danger_wakes_somebody_where_no_words_may_go_out(
    ready: RuleSet, situation: Situation, confidence: float
) -> None:
    decision = decided(ready, predicted("legal_or_safety", confidence), situation)

    owned = situation.owner is Owner.PERSON
    effects = [effect.type for effect in decision.effects]
    assert effects[:2] == ["alert_on_call", "hold_campaigns"]
    assert effects[2:] == ([] if owned else ["handoff"])
    assert decision.reply is None
    assert decision.queue == (None if owned else "safety")


@pytest.mark.parametrize("situation", HELD_BACK[:2])
def test_a_mere_guess_at_a_thank_you_is_not_left_in_silence(
    ready: RuleSet, situation: Situation
) -> None:
    sure = decided(ready, predicted("thanks"), situation)
    unsure = decided(ready, predicted("thanks", 0.6), situation)

    assert sure.action is Action.SILENT
    assert (unsure.action, unsure.reply) == (Action.ESCALATE, None)


@pytest.mark.parametrize(
    ("confidence", "queue"), [(QUEUE_FROM, "billing"), (QUEUE_FROM - 0.01, "care")]
)
def test_a_guess_chooses_no_queue_where_words_are_held_back_either(
    ready: RuleSet, confidence: float, queue: str
) -> None:
    prediction = predicted("billing_problem", confidence)

    decision = decided(ready, prediction, HELD_BACK[0])

    assert decision.queue == queue
    assert decision.effects[-1].payload["queue"] == queue


def test_an_intent_that_no_policy_names_goes_to_a_person(ready: RuleSet) -> None:
    decision = decided(ready, predicted("an intent of another team"))

    assert decision.action is Action.ESCALATE
    assert decision.queue == ready.policy.fallback.queue
    assert decision.decided_by is DecidedBy.MODEL
