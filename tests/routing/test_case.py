from dataclasses import replace
from datetime import UTC, datetime

import pytest

from serving.routing.case import Case, handoff
from serving.routing.decision import Priority, ReasonCode
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Reply, Situation

MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 17, tzinfo=UTC)
SYSTEM = ("opt_out", "opt_in", "help", "ask_opt_out", "ask_opt_in", "holding")


def case_of(
    rules: RuleSet,
    text: str = "hi",
    situation: Situation | None = None,
    at: datetime = MONDAY_NOON,
) -> Case:
    return Case(Reply(text, at), situation or Situation(), rules)


def test_the_reply_tells_the_language_before_the_contact_does(rules: RuleSet) -> None:
    spanish = Situation(language="es")

    assert case_of(rules, "where is my order", spanish).language() == "en"
    assert case_of(rules, "ok", spanish).language() == "es"
    assert case_of(rules, "ok").language() is None


def test_an_unknown_language_is_answered_in_the_default_one(rules: RuleSet) -> None:
    found = case_of(rules).words("refund", None)

    assert found.words
    assert found.words.text.startswith("A refund takes")


def test_missing_values_are_told(rules: RuleSet) -> None:
    found = case_of(rules).words("refund", "en")

    assert [r.code for r in found.reasons] == [ReasonCode.SAFE_VARIANT]
    assert found.reasons[0].detail == "refund@1 misses order_number"


def test_a_template_that_lacks_the_language_gives_no_words(rules: RuleSet) -> None:
    found = case_of(rules).words("refund", "de")

    assert found.words is None
    assert [r.code for r in found.reasons] == [ReasonCode.NO_WORDS_IN_LANGUAGE]


def test_the_caller_s_value_stands_before_the_policy_s(rules: RuleSet) -> None:
    situation = Situation(variables={"brand": "Oakley"})

    words = case_of(rules, situation=situation).system_words("help", "en")

    assert words
    assert words.text.startswith("Oakley")


@pytest.mark.parametrize("value", ["", " ", "x" * 500, "two\nlines"])
@pytest.mark.parametrize("name", SYSTEM)
def test_a_useless_value_of_the_caller_never_keeps_system_words_back(
    rules: RuleSet, name: str, value: str
) -> None:
    situation = Situation(variables={"brand": value, "support": value})
    template = getattr(rules.policy.system, name)

    words = case_of(rules, situation=situation).system_words(template, "en")

    assert words
    assert rules.policy.values["brand"] in words.text


@pytest.mark.parametrize("language", ["en", "es", "fr", "pt", "de", "xx", None])
@pytest.mark.parametrize("name", SYSTEM)
@pytest.mark.parametrize("at", [MONDAY_NOON, SUNDAY])
def test_system_words_go_out_in_every_language_at_every_hour(
    rules: RuleSet, name: str, language: str | None, at: datetime
) -> None:
    template = getattr(rules.policy.system, name)

    assert case_of(rules, at=at).system_words(template, language)


def test_holding_words_tell_the_hours_while_nobody_is_there(rules: RuleSet) -> None:
    by_day = case_of(rules).system_words("holding", "en")
    by_night = case_of(rules, at=SUNDAY).system_words("holding", "en")

    assert by_day
    assert by_night
    assert "as soon as they can" in by_day.text
    assert "Mon-Fri 9am-6pm" in by_night.text


@pytest.mark.parametrize(
    ("at", "open_now", "said"),
    [
        (SUNDAY, True, "as soon as they can"),
        (SUNDAY, False, "when we are back"),
        (MONDAY_NOON, True, "as soon as they can"),
        (MONDAY_NOON, False, "when we are back"),
    ],
)
def test_the_program_s_hours_stand_before_the_policy_s(
    rules: RuleSet, *, at: datetime, open_now: bool, said: str
) -> None:
    situation = Situation(open_now=open_now)

    words = case_of(rules, situation=situation, at=at).system_words("holding", "en")

    assert words
    assert said in words.text


def test_words_that_cannot_be_found_at_all_are_none(rules: RuleSet) -> None:
    spanish = replace(
        rules.templates["help"],
        languages={"es": rules.templates["help"].languages["es"]},
    )
    bare = replace(rules, templates={"help": spanish})

    assert case_of(bare).system_words("help", "en") is None


def test_a_handoff_names_queue_priority_and_reason() -> None:
    effect = handoff("care", Priority.HIGH, ReasonCode.OUT_OF_SCOPE)

    assert effect.type == "handoff"
    assert effect.payload == {
        "queue": "care",
        "priority": "high",
        "reason": "out_of_scope",
    }
