from dataclasses import replace
from datetime import UTC, datetime

import pytest

from model.prediction import Prediction
from serving.routing.decide import decide
from serving.routing.decision import (
    Action,
    AlsoIntent,
    ConsentChange,
    DecidedBy,
    Decision,
    ReasonCode,
)
from serving.routing.opt_out import Band, band_of
from serving.routing.policy import OptOutPolicy
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Consent, Owner, Reply, Situation
from tests.routing.readings import reading

MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
NOTHING = Situation()
ASKED = Situation(asked_opt_out=True)
BANDS = OptOutPolicy(sure_from=0.9, suppress_from=0.5, ask_from=0.2)


@pytest.fixture(scope="module")
def ready(rules: RuleSet) -> RuleSet:
    """Return the shipped rules with thresholds of 0.9 and the bands above."""
    return replace(
        rules,
        thresholds=dict.fromkeys(rules.policy.intents, 0.9),
        policy=replace(rules.policy, opt_out=BANDS),
    )


def decided(
    rules: RuleSet,
    prediction: Prediction | None,
    situation: Situation = NOTHING,
    text: str = "hm",
) -> Decision:
    return decide(Reply(text, MONDAY_NOON), situation, rules, prediction)


def codes(decision: Decision) -> list[ReasonCode]:
    return [reason.code for reason in decision.reasons]


def effects(decision: Decision) -> list[str]:
    return [effect.type for effect in decision.effects]


def template(decision: Decision) -> str | None:
    return decision.reply.template.split("@")[0] if decision.reply else None


@pytest.mark.parametrize(
    ("whole", "clause", "band"),
    [
        (0.9, 0, Band.SURE),
        (0.89, 0, Band.LIKELY),
        (0.5, 0, Band.LIKELY),
        (0.49, 0, Band.DOUBT),
        (0.2, 0, Band.DOUBT),
        (0.19, 0, Band.NO),
        # A clause by itself: sure is likely, likely is a doubt, a doubt is nothing.
        (0.0, 0.9, Band.LIKELY),
        (0.2, 0.9, Band.SURE),
        (0.6, 0.9, Band.SURE),
        (0.0, 0.89, Band.DOUBT),
        (0.6, 0.6, Band.LIKELY),
        (0.0, 0.5, Band.DOUBT),
        (0.0, 0.49, Band.NO),
    ],
)
def test_the_bands(whole: float, clause: float, band: Band) -> None:
    part = reading("refund", opt_out=clause)

    assert band_of(reading("refund", 0.9, part, opt_out=whole), BANDS) is band


@pytest.mark.parametrize(
    ("opt_out", "words", "reasons"),
    [
        (0.95, "opt_out_confirmation", [ReasonCode.OPT_OUT_BY_MEANING]),
        (
            0.6,
            "opt_out_presumed",
            [ReasonCode.OPT_OUT_BY_MEANING, ReasonCode.OPT_OUT_PRESUMED],
        ),
    ],
)
def test_sure_or_likely_it_stops_and_the_words_say_which(
    ready: RuleSet, opt_out: float, words: str, reasons: list[ReasonCode]
) -> None:
    decision = decided(ready, reading("refund", opt_out=opt_out))

    assert decision.consent is ConsentChange.OPT_OUT
    assert (decision.intent, decision.confidence) == ("opt_out", opt_out)
    assert template(decision) == words
    assert codes(decision) == reasons


def test_in_doubt_it_asks_and_nothing_is_stopped(ready: RuleSet) -> None:
    decision = decided(ready, reading("refund", opt_out=0.3))

    assert (decision.action, decision.consent) == (Action.ASK, None)
    assert template(decision) == "ask_opt_out"
    assert decision.effects == ()


def test_in_doubt_again_a_person_looks_and_campaigns_wait(ready: RuleSet) -> None:
    decision = decided(ready, reading("store_info", opt_out=0.3), ASKED)

    assert decision.action is Action.ESCALATE
    assert codes(decision) == [ReasonCode.OPT_OUT_UNSURE]
    assert effects(decision) == ["hold_campaigns", "handoff"]


@pytest.mark.parametrize(
    "situation",
    [ASKED, Situation(owner=Owner.PERSON), Situation(consent=Consent.OPTED_OUT)],
)
def test_we_ask_once_and_only_where_we_may(
    ready: RuleSet, situation: Situation
) -> None:
    decision = decided(ready, reading("refund", opt_out=0.3), situation)

    assert decision.action is not Action.ASK


def test_a_doubt_beside_another_matter_is_a_person_s(ready: RuleSet) -> None:
    said = (reading("refund", opt_out=0.4), reading("store_info"))

    decision = decided(ready, reading("store_info", 0.95, *said, opt_out=0.3))

    assert decision.action is Action.ESCALATE
    assert codes(decision) == [ReasonCode.OPT_OUT_UNSURE]
    assert decision.also


def test_a_clause_that_is_only_likely_is_read_by_a_person(ready: RuleSet) -> None:
    over_it = reading("account_access", opt_out=0.6)

    decision = decided(ready, reading("account_access", 0.95, over_it))

    assert decision.action is Action.ESCALATE
    assert codes(decision) == [ReasonCode.OPT_OUT_UNSURE]


def test_a_wrong_number_in_doubt_is_suppressed_all_the_same(ready: RuleSet) -> None:
    decision = decided(ready, reading("wrong_person", opt_out=0.3))

    assert decision.consent is ConsentChange.OPT_OUT
    assert template(decision) == "wrong_person"


def test_danger_in_doubt_is_danger_first(ready: RuleSet) -> None:
    decision = decided(ready, reading("legal_or_safety", opt_out=0.3))

    assert decision.queue == "safety"
    assert "alert_on_call" in effects(decision)


def test_a_clause_that_opts_out_wins_and_the_rest_becomes_a_task(
    ready: RuleSet,
) -> None:
    said = (reading("opt_out", opt_out=0.99), reading("cancel_appointment"))

    decision = decided(ready, reading("cancel_appointment", 0.95, *said))

    assert decision.consent is ConsentChange.OPT_OUT
    assert (decision.intent, template(decision)) == ("opt_out", "opt_out_presumed")
    assert decision.also == (AlsoIntent("cancel_appointment", 0.95),)
    assert effects(decision) == ["suppress_contact", "create_task"]
    assert decision.effects[1].payload["queue"] == "appointments"


@pytest.mark.parametrize(
    ("other", "left"),
    [
        ("legal_or_safety", ["alert_on_call", "hold_campaigns", "create_task"]),
        ("cancel_order", ["create_task"]),
        ("wrong_person", ["mark_wrong_number"]),
        ("who_is_this", []),
        ("thanks", []),
        ("praise", []),
    ],
)
def test_beside_an_opt_out_people_get_what_needs_them(
    ready: RuleSet, other: str, left: list[str]
) -> None:
    said = (reading("opt_out", opt_out=0.99), reading(other))

    decision = decided(ready, reading("opt_out", 0.99, *said, opt_out=0.99))

    assert effects(decision) == ["suppress_contact", *left]
    assert decision.also == (AlsoIntent(other, 0.95),)


@pytest.mark.parametrize("text", ["hm", "STOP. it burned my kid"])
def test_danger_that_is_only_suspected_beside_an_opt_out_wakes_somebody(
    ready: RuleSet, text: str
) -> None:
    said = (reading("opt_out", opt_out=0.99), reading("legal_or_safety", 0.6))
    prediction = reading("opt_out", 0.99, *said, opt_out=0.99)

    decision = decided(ready, prediction, text=text)

    assert effects(decision) == [
        "suppress_contact",
        "alert_on_call",
        "hold_campaigns",
        "create_task",
    ]


@pytest.mark.parametrize("tone", ["complaint", "decline"])
def test_anger_and_a_no_are_part_of_the_opt_out(ready: RuleSet, tone: str) -> None:
    said = (reading(tone), reading("opt_out", opt_out=0.99))

    decision = decided(ready, reading("opt_out", 0.99, *said, opt_out=0.99))

    assert decision.also == ()
    assert effects(decision) == ["suppress_contact"]


def test_a_stop_by_rule_carries_what_else_was_said(ready: RuleSet) -> None:
    text = "STOP. also cancel my 3pm"
    said = (reading("opt_out"), reading("cancel_appointment"))
    prediction = reading("cancel_appointment", 0.95, *said)

    decision = decided(ready, prediction, text=text)
    unread = decided(ready, None, text=text)

    assert decision.decided_by is DecidedBy.KEYWORD
    assert codes(decision) == [ReasonCode.KEYWORD, ReasonCode.ALSO_SAID]
    assert decision.also == (AlsoIntent("cancel_appointment", 0.95),)
    assert effects(decision) == ["suppress_contact", "create_task"]
    assert unread.consent is ConsentChange.OPT_OUT
    assert unread.also == ()


@pytest.mark.parametrize("text", ["yes", "YES please", "yep", "👍", "ok", "sí"])
def test_a_plain_yes_to_our_question_stops(ready: RuleSet, text: str) -> None:
    decision = decided(ready, None, ASKED, text)

    assert decision.consent is ConsentChange.OPT_OUT
    assert decision.decided_by is DecidedBy.KEYWORD
    assert template(decision) == "opt_out_confirmation"
    assert codes(decision) == [ReasonCode.OPT_OUT_ANSWER]


@pytest.mark.parametrize("text", ["no", "no thanks", "nope", "keep them coming"])
def test_a_plain_no_to_our_question_keeps(ready: RuleSet, text: str) -> None:
    decision = decided(ready, None, ASKED, text)

    assert (decision.action, decision.consent) == (Action.REPLY, None)
    assert decision.intent == "decline"
    assert template(decision) == "opt_out_declined"


def test_the_answer_is_answered_in_its_language(ready: RuleSet) -> None:
    decision = decided(ready, None, ASKED, "oui")

    assert decision.reply
    assert "SMS de notre part" in decision.reply.text


def test_our_question_as_the_platform_quotes_it_is_known(ready: RuleSet) -> None:
    asked = decided(ready, reading("refund", opt_out=0.3))
    assert asked.reply
    for ours, stops in ((asked.reply.text, True), ("See you at 3?", False)):
        situation = replace(ASKED, last_message=ours)

        decision = decided(ready, reading("confirm"), situation, "yes")

        assert (decision.consent is ConsentChange.OPT_OUT) is stops


@pytest.mark.parametrize(
    "situation",
    [
        NOTHING,
        replace(ASKED, question_closed=True),
        replace(ASKED, owner=Owner.PERSON),
    ],
)
def test_a_yes_to_something_else_stops_nothing(
    ready: RuleSet, situation: Situation
) -> None:
    decision = decided(ready, reading("confirm"), situation, "yes")

    assert decision.consent is None


def test_an_answer_in_other_words_counts_where_it_is_sure(ready: RuleSet) -> None:
    text = "that would be great"

    sure = decided(ready, reading("confirm"), ASKED, text)
    unsure = decided(ready, reading("confirm", 0.7), ASKED, text)
    refused = decided(ready, reading("decline"), ASKED, text)

    assert sure.consent is ConsentChange.OPT_OUT
    assert codes(sure) == [ReasonCode.OPT_OUT_ANSWER]
    assert (unsure.consent, unsure.action) == (None, Action.ESCALATE)
    assert template(refused) == "opt_out_declined"


def test_a_yes_with_a_question_stops_and_keeps_the_question(ready: RuleSet) -> None:
    said = (reading("confirm"), reading("order_status"))

    decision = decided(ready, reading("order_status", 0.95, *said), ASKED)

    assert decision.consent is ConsentChange.OPT_OUT
    assert decision.also == (AlsoIntent("order_status", 0.95),)
    assert effects(decision) == ["suppress_contact", "create_task"]


def test_an_opt_out_is_confirmed_once(ready: RuleSet) -> None:
    out = Situation(consent=Consent.OPTED_OUT)

    decision = decided(ready, reading("refund", opt_out=0.6), out)

    assert (decision.action, decision.reply) == (Action.SILENT, None)
    assert codes(decision)[-1] is ReasonCode.CONSENT_CLOSED


def test_without_an_intent_for_it_an_opt_out_still_acts(ready: RuleSet) -> None:
    nameless = replace(ready, policy=replace(ready.policy, intents={}))

    decision = decided(nameless, reading("refund", opt_out=0.95))

    assert decision.consent is ConsentChange.OPT_OUT
    assert decision.intent == "refund"
