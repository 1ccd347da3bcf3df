from dataclasses import replace
from datetime import UTC, datetime

import pytest

from serving.routing.by_rule import decide_by_rule
from serving.routing.case import Case
from serving.routing.decision import (
    Action,
    ConsentChange,
    DecidedBy,
    Decision,
    ReasonCode,
)
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Consent, Owner, Reply, Situation

MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
OUT = Situation(consent=Consent.OPTED_OUT)


def ruled(
    rules: RuleSet, text: str, situation: Situation | None = None
) -> Decision | None:
    return decide_by_rule(
        Case(Reply(text, MONDAY_NOON), situation or Situation(), rules)
    )


def settled(rules: RuleSet, text: str, situation: Situation | None = None) -> Decision:
    decision = ruled(rules, text, situation)
    assert decision
    return decision


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", ReasonCode.EMPTY_TEXT),
        (" \n\t", ReasonCode.EMPTY_TEXT),
        ("\x00\u200b\ufeff", ReasonCode.EMPTY_TEXT),
        ("\ud83d", ReasonCode.EMPTY_TEXT),
        ("Liked “Reply STOP to opt out”", ReasonCode.REACTION),
        ("👎 to “Sale! Reply STOP to end”", ReasonCode.REACTION),
        (
            "I'm driving with Do Not Disturb While Driving turned on.",
            ReasonCode.AUTO_REPLY,
        ),
        (
            "(I'm not receiving notifications. If this is urgent, reply “urgent”)",
            ReasonCode.AUTO_REPLY,
        ),
        ("Can't talk right now. What's up?", ReasonCode.AUTO_REPLY),
        ('NETWORK MSG: You replied with the word "stop"', ReasonCode.AUTO_REPLY),
    ],
)
def test_what_nobody_wrote_to_us_is_left_alone(
    rules: RuleSet, text: str, code: ReasonCode
) -> None:
    decision = settled(rules, text)

    assert decision.reasons[0].code is code
    assert decision.decided_by is DecidedBy.GUARD
    assert decision.action is Action.SILENT
    assert (decision.reply, decision.consent, decision.effects) == (None, None, ())


def test_a_machine_s_answer_is_named_as_one_and_an_empty_text_is_not(
    rules: RuleSet,
) -> None:
    assert settled(rules, "Loved an image").intent == "auto_reply"
    assert settled(rules, "").intent is None


def test_our_own_words_that_come_back_are_not_answered(rules: RuleSet) -> None:
    ours = Situation(last_message="Sale today! Reply STOP to opt out")

    decision = settled(rules, "sale today - reply stop to opt out", ours)

    assert decision.reasons[0].code is ReasonCode.ECHO
    assert decision.consent is None


def test_a_one_word_message_of_ours_does_not_swallow_its_answer(
    rules: RuleSet,
) -> None:
    decision = settled(rules, "stop", Situation(last_message="STOP?"))

    assert decision.consent is ConsentChange.OPT_OUT


def test_stop_suppresses_and_confirms_once(rules: RuleSet) -> None:
    decision = settled(rules, "STOP")

    assert decision.intent == "opt_out"
    assert decision.action is Action.REPLY
    assert decision.decided_by is DecidedBy.KEYWORD
    assert decision.consent is ConsentChange.OPT_OUT
    assert [effect.type for effect in decision.effects] == ["suppress_contact"]
    assert decision.reply
    assert decision.reply.template.startswith("opt_out_confirmation@")
    assert [reason.code for reason in decision.reasons] == [ReasonCode.KEYWORD]


def test_a_keyword_is_answered_in_its_own_language(rules: RuleSet) -> None:
    french = settled(rules, "ARRÊT", Situation(language="es"))

    assert french.language == "fr"
    assert french.reply
    assert "SMS de notre part" in french.reply.text


@pytest.mark.parametrize("text", ["CANCEL", "end", "cancelar"])
def test_a_word_that_may_mean_a_visit_opts_out_and_tells_a_person(
    rules: RuleSet, text: str
) -> None:
    decision = settled(rules, text)

    assert decision.consent is ConsentChange.OPT_OUT
    assert [reason.code for reason in decision.reasons] == [
        ReasonCode.KEYWORD,
        ReasonCode.AMBIGUOUS_KEYWORD,
    ]
    assert [e.type for e in decision.effects] == ["suppress_contact", "create_task"]
    assert decision.effects[1].payload["queue"] == rules.policy.fallback.queue


def test_help_is_answered_even_after_an_opt_out(rules: RuleSet) -> None:
    decision = settled(rules, "HELP", OUT)

    assert decision.action is Action.REPLY
    assert decision.consent is None
    assert decision.effects == ()
    assert decision.reply
    assert "STOP" in decision.reply.text


def test_start_opens_consent_again(rules: RuleSet) -> None:
    decision = settled(rules, "START", OUT)

    assert decision.consent is ConsentChange.OPT_IN
    assert [effect.type for effect in decision.effects] == ["resume_contact"]


def test_yes_opens_consent_only_for_whoever_closed_it(rules: RuleSet) -> None:
    # By rule; `test_by_provider` tells what of it stands.
    assert settled(rules, "YES", OUT).consent is ConsentChange.OPT_IN
    assert ruled(rules, "YES") is None


@pytest.mark.parametrize("text", ["STOP", "🛑", "unsubscribe", "S T O P"])
@pytest.mark.parametrize(
    "situation",
    [
        Situation(owner=Owner.PERSON),
        OUT,
        Situation(automatic_replies=10_000),
        Situation(owner=Owner.PERSON, consent=Consent.OPTED_OUT, automatic_replies=99),
        Situation(asked_opt_out=True),
    ],
)
def test_stop_wins_whatever_is_known(
    rules: RuleSet, text: str, situation: Situation
) -> None:
    decision = settled(rules, text, situation)

    assert decision.consent is ConsentChange.OPT_OUT
    assert decision.reply


def test_without_an_intent_for_it_a_keyword_still_acts(rules: RuleSet) -> None:
    nameless = replace(rules, policy=replace(rules.policy, intents={}))

    decision = settled(nameless, "STOP")

    assert decision.intent is None
    assert decision.consent is ConsentChange.OPT_OUT


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for contacting me but leave me alone",
        "thanks for contacting me back! my package never arrived",
        "This is an automated thing right? i never got my package",
    ],
)
def test_a_person_may_open_like_a_machine(rules: RuleSet, text: str) -> None:
    assert ruled(rules, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for contacting me. Take me off your list.",
        "Thank you for contacting us. Take us off. Do not contact me",
        "Thanks for contacting me, please do not text me again",
        "This is an automated text right? lose my number",
        "I'm driving right now. Take me off your list",
    ],
)
def test_an_opt_out_of_several_words_counts_however_it_opens(
    rules: RuleSet, text: str
) -> None:
    assert settled(rules, text).consent is ConsentChange.OPT_OUT


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for contacting us. We will get back to you.",
        "Thanks for contacting Dale's! We're closed right now. Reply STOP to opt out",
        "This is an automated response. The mailbox is not monitored.",
    ],
)
def test_a_company_s_machine_is_left_alone(rules: RuleSet, text: str) -> None:
    assert settled(rules, text).reasons[0].code is ReasonCode.AUTO_REPLY


@pytest.mark.parametrize(
    "text", ["Stop by around 3?", "where is my order", "no", "👍", "Liked it a lot"]
)
def test_a_person_s_words_are_left_to_the_model(rules: RuleSet, text: str) -> None:
    assert ruled(rules, text) is None
