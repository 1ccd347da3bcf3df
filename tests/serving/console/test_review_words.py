from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.bundle import DEFAULT, load_bundle
from serving.console.review_choices import SHORT, intent_choices, queue_choices
from serving.console.review_desk import choices_of
from serving.console.review_keys import MARKS
from serving.console.review_turns import NEAR, talk_of
from serving.console.review_why import FAINT, SHADES, SLIGHT, Piece, pieces
from serving.console.review_words import (
    When,
    done_in_words,
    finding_in_words,
    reason_in_words,
    threshold_of,
)
from serving.live import LiveBundle
from serving.recording.record import fields_of
from serving.reviews.finding import Finding
from serving.reviews.subject import BEFORE, Subject
from serving.reviews.verdict import Verdict
from serving.routing.decision import (
    Action,
    ConsentChange,
    Decision,
    Reason,
    ReasonCode,
)
from serving.routing.ruleset import RuleSet
from serving.schemas import DecisionOut, WordOut
from tests.serving.reviews.making import ANSWERED, ESCALATED, NOON

MINUTE = timedelta(minutes=1)


def out(decision: Decision) -> DecisionOut:
    ids = {"decision_id": "d", "message_id": "m", "conversation_id": "c", "bundle": "b"}
    return DecisionOut.model_validate({**ids, **fields_of(decision, ())})


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (ANSWERED, "answered automatically"),
        (ESCALATED, "given to a person: orders"),
        (replace(ANSWERED, action=Action.SILENT, reply=None), "nothing sent"),
        (replace(ANSWERED, action=Action.ASK), "asked back"),
        (
            replace(ANSWERED, consent=ConsentChange.OPT_OUT),
            "opted out, answered automatically",
        ),
    ],
)
def test_what_was_done_is_told_in_a_few_words(decision: Decision, words: str) -> None:
    assert done_in_words(out(decision)) == words


def test_the_confidence_asked_for_is_the_one_on_record() -> None:
    by_rule = replace(ANSWERED, reasons=(Reason(ReasonCode.KEYWORD, "0.5 < 1 for x"),))

    assert threshold_of(out(ANSWERED)) == 0.83
    assert threshold_of(out(ESCALATED)) == 0.83
    assert threshold_of(out(by_rule)) is None


def test_every_reason_has_words_without_the_api_s_names() -> None:
    for code in ReasonCode:
        assert "`" not in reason_in_words(code)


def test_a_finding_names_what_would_have_been_right() -> None:
    assert finding_in_words(Finding(Verdict.RIGHT)) == "Right"
    wrong = Finding(Verdict.WRONG_INTENT, intent="order_status")
    assert finding_in_words(wrong) == "Wrong intent: order status"


def test_every_verdict_has_keys_of_its_own() -> None:
    keys = [mark.key for mark in MARKS] + [mark.digit for mark in MARKS]

    assert [mark.verdict for mark in MARKS] == list(Verdict)
    assert len(set(keys)) == len(keys)
    # These do something else on the page.
    assert not set(keys) & set("abgnsu?")


def test_a_moment_is_told_in_the_reader_s_zone_and_day() -> None:
    when = When(ZoneInfo("America/New_York"), NOON)

    assert when(NOON) == "07:00"
    assert when(NOON - timedelta(hours=8)) == "22 Nov, 23:00"
    assert when(datetime(2025, 1, 1, 12, tzinfo=UTC)) == "1 Jan 2025, 07:00"


def a_subject(number: int, **fields: object) -> Subject:
    subject = Subject(
        decision_id=f"d{number:02}",
        conversation_id="c1",
        bundle="b",
        program="shop",
        channel="sms",
        received_at=NOON + number * MINUTE,
        text=f"reply {number}",
        last_message=None,
        forgotten=False,
        ranking=(),
        decision=out(ANSWERED),
        body="",
    )
    return replace(subject, **fields)  # type: ignore[arg-type] # as the fields are


def test_a_conversation_tells_both_sides_in_order() -> None:
    said = ANSWERED.reply and ANSWERED.reply.text
    around = [
        a_subject(0, last_message="Sale!"),
        a_subject(1, last_message=said),
        a_subject(2, text="", forgotten=True),
    ]

    talk = talk_of(around, "d01")

    assert [turn.text for turn in talk.turns] == [
        "Sale!",
        "reply 0",
        said,
        "reply 1",
        said,
    ]
    assert [turn.decision_id for turn in talk.turns if turn.here] == ["d01"]
    assert [turn.gone for turn in talk.later] == [True, True]
    assert not talk.cut
    assert "reply 1" not in repr(talk)


@given(before=st.integers(0, BEFORE), after=st.integers(0, 3))
def test_every_reply_is_told_once_and_those_long_before_apart(
    before: int, after: int
) -> None:
    around = [a_subject(number) for number in range(before + 1 + after)]

    talk = talk_of(around, f"d{before:02}")

    told = (*talk.earlier, *talk.turns, *talk.later)
    theirs = [turn.decision_id for turn in told if not turn.ours]
    known = [one.decision_id for one in around]
    assert theirs == (known[1:] if talk.cut else known)
    assert talk.cut == (before == BEFORE)
    assert sum(not turn.ours for turn in talk.turns) == min(before, NEAR) + 1


WEIGHTS = st.floats(-9, 9)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=6), WEIGHTS), max_size=8))
def test_a_shaded_reply_says_what_the_reply_says(
    parts: list[tuple[str, float]],
) -> None:
    text, words = "", []
    for part, weight in parts:
        start = len(text)
        text += part
        words.append(WordOut(word=part, start=start, end=len(text), weight=weight))
        text += " "

    cut = pieces(text, words)

    assert "".join(piece.text for piece in cut) == text
    most = max([FAINT, *(abs(weight) for _, weight in parts)])
    for piece in cut:
        if piece.weight is None:
            assert piece.shade == 0
        else:
            assert abs(piece.weight) >= SLIGHT
            assert 1 <= piece.shade <= SHADES
            assert (piece.shade == SHADES) or abs(piece.weight) < most


def test_what_carries_nothing_has_no_shade() -> None:
    slight = WordOut(word="where", start=0, end=5, weight=0.1)

    assert pieces("where", [slight]) == [Piece("where")]


def test_what_may_be_named_comes_with_a_typical_reply(rules: RuleSet) -> None:
    live = LiveBundle(load_bundle(DEFAULT), rules)

    intents = intent_choices(live, choices_of(live))
    queues = queue_choices(live)

    assert {c.name for c in intents} >= set(live.bundle.manifest.intents)
    refund = next(c for c in intents if c.name == "refund")
    assert 0 < len(refund.hint) <= SHORT
    assert refund.leads
    assert [c.name for c in queues] == list(rules.policy.queues)
    assert all(c.hint for c in queues)
