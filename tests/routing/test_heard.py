from dataclasses import replace
from itertools import pairwise, permutations

import pytest

from model.prediction import Prediction
from serving.routing.heard import HEARD_FROM, ROOM, SUSPECTED_FROM, Heard, hear
from serving.routing.ruleset import RuleSet
from tests.routing.readings import reading

# Every step of the order once, and two of the third and the fourth.
ORDER = [
    "wrong_person",
    "legal_or_safety",
    "cancel_order",
    "billing_problem",
    "skip_delivery",
    "store_info",
    "confirm",
    "praise",
    "thanks",
]


@pytest.fixture(scope="module")
def ready(rules: RuleSet) -> RuleSet:
    """Return the shipped rules with a threshold of 0.9 for every intent."""
    return replace(rules, thresholds=dict.fromkeys(rules.policy.intents, 0.9))


def intents(heard: Heard) -> list[str]:
    return [part.intent for part in heard.parts]


def two(first: Prediction, second: Prediction, whole: float = 0.95) -> Prediction:
    return replace(reading(second.intent, whole), clauses=(first, second))


def test_a_reply_that_was_read_whole_says_one_thing_however_unsure(
    ready: RuleSet,
) -> None:
    for confidence in (0.1, 0.95):
        heard = hear(reading("refund", confidence), ready)

        assert intents(heard) == ["refund"]
        assert not heard.several


@pytest.mark.parametrize("pair", list(pairwise(ORDER)))
def test_what_is_handled_first_stands_first_wherever_it_was_said(
    ready: RuleSet, pair: tuple[str, str]
) -> None:
    for said in permutations(pair):
        heard = hear(two(reading(said[0]), reading(said[1])), ready)

        assert intents(heard) == list(pair)
        assert not heard.unsure


def test_of_equals_the_first_that_was_said_stands_first(ready: RuleSet) -> None:
    heard = hear(two(reading("store_info"), reading("shipping_info")), ready)

    assert intents(heard) == ["store_info", "shipping_info"]


def test_what_is_sure_comes_before_what_is_likely_but_for_danger(
    ready: RuleSet,
) -> None:
    likely = hear(two(reading("billing_problem", 0.85), reading("refund")), ready)
    danger = hear(two(reading("legal_or_safety", 0.6), reading("refund")), ready)

    assert intents(likely) == ["refund", "billing_problem"]
    assert intents(danger) == ["legal_or_safety", "refund"]


@pytest.mark.parametrize(
    ("intent", "bar"),
    [
        ("refund", HEARD_FROM),
        ("legal_or_safety", SUSPECTED_FROM),
        # Every cheerful fragment looks a little like a yes.
        ("confirm", 0.9),
    ],
)
def test_a_clause_counts_from_its_bar_on(
    ready: RuleSet, intent: str, bar: float
) -> None:
    for confidence, counts in ((bar, True), (bar - 0.01, False)):
        heard = hear(two(reading(intent, confidence), reading("store_info")), ready)

        assert (intent in intents(heard)) is counts


def test_a_lower_threshold_of_the_intent_counts_too(ready: RuleSet) -> None:
    lenient = replace(ready, thresholds={**ready.thresholds, "refund": 0.6})

    heard = hear(two(reading("refund", 0.6), reading("store_info")), lenient)

    assert "refund" in intents(heard)


@pytest.mark.parametrize(("left", "counts"), [(ROOM, True), (ROOM / 2, False)])
def test_a_clause_that_the_whole_rules_out_was_read_without_its_context(
    ready: RuleSet, left: float, *, counts: bool
) -> None:
    whole = reading("store_info", refund=left)
    clauses = (reading("refund"), reading("store_info"))

    heard = hear(replace(whole, clauses=clauses), ready)

    assert ("refund" in intents(heard)) is counts


def test_an_opt_out_leaves_the_room_that_it_takes(ready: RuleSet) -> None:
    whole = reading("opt_out", refund=ROOM / 10)
    drowned = replace(whole, intents=(whole.intents[0]._replace(probability=0.99),))
    drowned = replace(drowned, intents=(*drowned.intents, *whole.intents[1:]))

    heard = hear(replace(drowned, clauses=(reading("refund"),)), ready)

    assert "refund" in intents(heard)


@pytest.mark.parametrize("nothing", ["other", "auto_reply", "opt_out"])
def test_chatter_and_machines_are_no_second_matter(
    ready: RuleSet, nothing: str
) -> None:
    heard = hear(two(reading(nothing), reading("refund")), ready)

    assert intents(heard) == ["refund"]


def test_anger_beside_a_matter_is_its_tone_and_alone_it_counts(ready: RuleSet) -> None:
    beside = hear(two(reading("complaint"), reading("refund")), ready)
    alone = hear(two(reading("other"), reading("complaint")), ready)

    assert intents(beside) == ["refund"]
    assert intents(alone) == ["complaint"]


def test_the_same_said_twice_is_no_surer_than_the_whole(ready: RuleSet) -> None:
    said = two(reading("refund", 0.99), reading("refund", 0.99), whole=0.6)

    heard = hear(said, ready)

    assert intents(heard) == ["refund"]
    assert not heard.first.sure


def test_one_clause_against_the_whole_decides_nothing(ready: RuleSet) -> None:
    unsure = replace(
        reading("refund", 0.5), clauses=(reading("praise"), reading("other", 0.4))
    )

    heard = hear(unsure, ready)

    assert intents(heard) == ["refund", "praise"]
    assert heard.unsure


def test_what_nobody_understood_is_told_unless_the_whole_is_sure(
    ready: RuleSet,
) -> None:
    clauses = (reading("thanks"), reading("store_info"), reading("refund", 0.3))

    for whole, unsure in ((0.6, True), (0.95, False)):
        said = replace(reading("store_info", whole), clauses=clauses)

        assert hear(said, ready).unsure is unsure


def test_a_part_keeps_the_mood_of_the_whole(ready: RuleSet) -> None:
    angry = reading("refund", sentiment="negative")
    said = replace(angry, clauses=(reading("thanks"), reading("refund")))

    assert {p.reading.sentiment for p in hear(said, ready).parts} == {"negative"}
