from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.recording.record import fields_of
from serving.reviews.finding import LONGEST_NOTE, Finding, checked, possible
from serving.reviews.refusal import ReviewRefused
from serving.reviews.verdict import Verdict
from serving.routing.decision import Action, ConsentChange, DecidedBy, Decision
from serving.schemas import DecisionOut
from tests.serving.reviews.making import ANSWERED, CHOICES, ESCALATED, RIGHT

SILENT = replace(ANSWERED, action=Action.SILENT, reply=None)
STOPPED = replace(ANSWERED, intent="opt_out", consent=ConsentChange.OPT_OUT)
OWNED = replace(SILENT, decided_by=DecidedBy.OWNER)
ALWAYS = {Verdict.RIGHT, Verdict.WRONG_INTENT}


def out(decision: Decision) -> DecisionOut:
    ids = {"decision_id": "d", "message_id": "m", "conversation_id": "c", "bundle": "b"}
    return DecisionOut.model_validate({**ids, **fields_of(decision, ())})


def taken(finding: Finding, decision: Decision = ANSWERED) -> Finding:
    return checked(finding, out(decision), CHOICES)


@pytest.mark.parametrize(
    ("decision", "more"),
    [
        (ANSWERED, {"should_escalate", "wrong_words", "missed_opt_out"}),
        (
            ESCALATED,
            {"needless_escalation", "wrong_queue", "wrong_words", "missed_opt_out"},
        ),
        (SILENT, {"should_escalate", "missed_opt_out"}),
        (STOPPED, {"should_escalate", "wrong_words", "false_opt_out"}),
        (OWNED, {"missed_opt_out"}),
    ],
)
def test_only_what_can_be_meant_of_a_decision_is_possible(
    decision: Decision, more: set[str]
) -> None:
    assert set(possible(out(decision))) == {*ALWAYS, *more}


@given(
    decision=st.sampled_from((ANSWERED, ESCALATED, SILENT, STOPPED, OWNED)),
    verdict=st.sampled_from(Verdict),
    intent=st.sampled_from((None, "", "refund", "opt_out", "elsewhere")),
    queue=st.sampled_from((None, "", "billing", "orders", "elsewhere")),
)
def test_what_is_taken_can_be_meant_and_is_taken_again_as_it_is(
    decision: Decision, verdict: Verdict, intent: str | None, queue: str | None
) -> None:
    try:
        once = taken(Finding(verdict, intent, queue), decision)
    except ReviewRefused:
        return
    assert verdict in possible(out(decision))
    assert once.intent in {None, *CHOICES.intents}
    assert once.queue in {None, *CHOICES.queues}
    again = replace(once, intent=intent) if verdict == "missed_opt_out" else once
    assert taken(again, decision) == once


def test_a_verdict_that_cannot_be_meant_says_why() -> None:
    with pytest.raises(ReviewRefused, match="it was not given to a person"):
        taken(Finding(Verdict.NEEDLESS_ESCALATION))


def test_a_wrong_intent_names_the_right_one() -> None:
    assert taken(Finding(Verdict.WRONG_INTENT, "refund")).intent == "refund"
    for intent, said in (
        (None, "got none"),
        ("", "got none"),
        ("elsewhere", "got another"),
        ("order_status", "which was decided"),
        ("opt_out", "missed opt out"),
    ):
        with pytest.raises(ReviewRefused, match=said):
            taken(Finding(Verdict.WRONG_INTENT, intent))


def test_what_opted_out_anyway_may_have_meant_to() -> None:
    closed = replace(STOPPED, intent="wrong_person")

    assert taken(Finding(Verdict.WRONG_INTENT, "opt_out"), closed).intent == "opt_out"


def test_a_missed_opt_out_names_its_intent_by_itself() -> None:
    assert taken(Finding(Verdict.MISSED_OPT_OUT)).intent == "opt_out"


def test_a_false_opt_out_may_name_what_was_meant() -> None:
    assert taken(Finding(Verdict.FALSE_OPT_OUT), STOPPED).intent is None
    named = Finding(Verdict.FALSE_OPT_OUT, "refund")
    assert taken(named, STOPPED) == named


def test_a_wrong_queue_names_the_right_one() -> None:
    named = Finding(Verdict.WRONG_QUEUE, queue="billing")
    assert taken(named, ESCALATED) == named
    for queue, said in (
        (None, "care, orders, billing, got none"),
        ("elsewhere", "got another"),
        ("orders", "where it went"),
    ):
        with pytest.raises(ReviewRefused, match=said):
            taken(Finding(Verdict.WRONG_QUEUE, queue=queue), ESCALATED)


def test_others_name_neither() -> None:
    with pytest.raises(ReviewRefused, match="takes no intent"):
        taken(Finding(Verdict.RIGHT, intent="refund"))
    with pytest.raises(ReviewRefused, match="takes no queue"):
        taken(Finding(Verdict.RIGHT, queue="billing"))


def test_a_note_is_trimmed_and_not_endless() -> None:
    assert taken(replace(RIGHT, note="  polite \n")).note == "polite"
    longest = replace(RIGHT, note="x" * LONGEST_NOTE)
    assert taken(longest) == longest
    with pytest.raises(ReviewRefused, match=str(LONGEST_NOTE)):
        taken(replace(RIGHT, note="x" * (LONGEST_NOTE + 1)))
