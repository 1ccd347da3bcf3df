"""What holds for every reply, situation and prediction; see test_decide for cases."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.prediction import Prediction, Ranked
from serving.routing.by_rule import guarded
from serving.routing.case import Case
from serving.routing.decide import decide, needs_prediction
from serving.routing.decision import (
    Action,
    ConsentChange,
    DecidedBy,
    Decision,
    ReasonCode,
)
from serving.routing.policy import Answer
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Consent, Owner, Reply, Situation

LAW = settings(deadline=None)

WORDS = [
    "STOP",
    "cancel",
    "help",
    "start",
    "yes",
    "no",
    "",
    "🛑",
    "Liked “Reply STOP”",
    "out of office",
    "STOP. And cancel my order",
    "wrong number, stop",
    "stop by at 3",
    "where is my order",
    "¿dónde está mi pedido?",
    "wann kommt das",
    "👍",
]
TEXTS = st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=()))
INTENTS = [
    "opt_out",
    "opt_in",
    "help",
    "wrong_person",
    "confirm",
    "thanks",
    "order_status",
    "billing_problem",
    "legal_or_safety",
    "auto_reply",
    "other",
    "unlisted",
]
SITUATIONS = st.builds(
    Situation,
    consent=st.sampled_from(Consent),
    owner=st.sampled_from(Owner),
    last_message=st.none() | TEXTS,
    asked_opt_out=st.booleans(),
    question_closed=st.booleans(),
    automatic_replies=st.integers(0, 10),
    language=st.sampled_from([None, "en", "es", "xx"]),
    open_now=st.none() | st.booleans(),
    variables=st.dictionaries(
        st.sampled_from(["brand", "support", "order_number", "eta", "tracking_url"]),
        st.text(max_size=200),
    ),
)
READINGS = st.builds(
    lambda intent, confidence, opt_out, sentiment: Prediction(
        (Ranked(intent, confidence), Ranked("other", 0.0)),
        confidence,
        (Ranked(sentiment, 0.9),),
        opt_out,
    ),
    st.sampled_from(INTENTS),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from(["negative", "neutral", "positive"]),
)
PREDICTIONS = st.builds(
    lambda whole, clauses: replace(whole, clauses=tuple(clauses)),
    READINGS,
    st.lists(READINGS, max_size=4),
)
MOMENTS = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
    datetime(2027, 12, 31),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
REPLIES = st.builds(Reply, TEXTS, MOMENTS)


@pytest.fixture(scope="module")
def ready(rules: RuleSet) -> RuleSet:
    return replace(rules, thresholds=dict.fromkeys(INTENTS[:-2], 0.8))


@LAW
@given(REPLIES, SITUATIONS, PREDICTIONS)
def test_the_same_inputs_give_the_same_decision(
    ready: RuleSet, reply: Reply, situation: Situation, prediction: Prediction
) -> None:
    first = decide(reply, situation, ready, prediction)

    assert decide(reply, situation, ready, prediction) == first


@LAW
@given(REPLIES, SITUATIONS, PREDICTIONS)
def test_a_text_that_needs_no_prediction_needs_none_in_any_situation(
    ready: RuleSet, reply: Reply, situation: Situation, prediction: Prediction
) -> None:
    if not needs_prediction(reply.text, ready):
        without = decide(reply, situation, ready, None)

        assert without == decide(reply, situation, ready, prediction)


@LAW
@given(REPLIES, SITUATIONS, PREDICTIONS)
def test_a_decision_is_whole(
    ready: RuleSet, reply: Reply, situation: Situation, prediction: Prediction
) -> None:
    decision = decide(reply, situation, ready, prediction)

    assert decision.reasons
    assert all(reason.detail for reason in decision.reasons)
    escalated = decision.action is Action.ESCALATE
    assert (decision.queue is not None) is escalated
    assert (decision.priority is not None) is escalated
    handed_over = [e for e in decision.effects if e.type == "handoff"]
    assert len(handed_over) == int(escalated)
    if decision.action in {Action.REPLY, Action.ASK}:
        assert decision.reply
    if decision.action is Action.SILENT:
        assert decision.reply is None


@LAW
@given(REPLIES, SITUATIONS, PREDICTIONS)
def test_nobody_who_expects_an_answer_meets_silence(
    ready: RuleSet, reply: Reply, situation: Situation, prediction: Prediction
) -> None:
    decision = decide(reply, situation, ready, prediction)

    if decision.action is Action.SILENT:
        assert (
            guarded(Case(reply, situation, ready))
            or situation.owner is Owner.PERSON
            # Who opted out twice has had the one confirmation that is allowed.
            or decision.consent is ConsentChange.OPT_OUT
            or ready.policy.of(prediction.intent).answer is Answer.SILENT
        )
    if decision.decided_by is DecidedBy.MODEL and decision.action is Action.ESCALATE:
        assert decision.reply


@LAW
@given(REPLIES, SITUATIONS, PREDICTIONS)
def test_consent_and_suppression_go_together(
    ready: RuleSet, reply: Reply, situation: Situation, prediction: Prediction
) -> None:
    decision = decide(reply, situation, ready, prediction)

    effects = {effect.type for effect in decision.effects}
    closed = decision.consent is ConsentChange.OPT_OUT
    opened = decision.consent is ConsentChange.OPT_IN
    assert closed is ("suppress_contact" in effects)
    assert opened is ("resume_contact" in effects)
    assert not opened or decision.decided_by is DecidedBy.KEYWORD


@LAW
@given(REPLIES, SITUATIONS, PREDICTIONS)
def test_whoever_opted_out_gets_consent_words_and_help_only(
    ready: RuleSet, reply: Reply, situation: Situation, prediction: Prediction
) -> None:
    out = replace(situation, consent=Consent.OPTED_OUT)

    decision = decide(reply, out, ready, prediction)

    system = ready.policy.system
    allowed = {system.opt_out, system.opt_in, system.help, system.ask_opt_in}
    if decision.reply:
        assert decision.reply.template.split("@")[0] in allowed


@LAW
@given(REPLIES, SITUATIONS, PREDICTIONS)
def test_an_answer_is_never_given_below_the_threshold(
    ready: RuleSet, reply: Reply, situation: Situation, prediction: Prediction
) -> None:
    decision = decide(reply, situation, ready, prediction)

    reached = prediction.confidence >= ready.thresholds.get(prediction.intent, 2)
    if ReasonCode.ABOVE_THRESHOLD in codes(decision):
        assert reached
    if decision.decided_by is DecidedBy.MODEL and decision.action is Action.REPLY:
        assert reached or decision.consent is ConsentChange.OPT_OUT


def codes(decision: Decision) -> list[ReasonCode]:
    return [reason.code for reason in decision.reasons]


@LAW
@given(REPLIES, SITUATIONS, PREDICTIONS)
def test_reasons_never_hold_the_person_s_words(
    ready: RuleSet, reply: Reply, situation: Situation, prediction: Prediction
) -> None:
    marked = replace(reply, text=f"{reply.text} my card is 4242-4242")

    decision = decide(marked, situation, ready, prediction)

    assert "4242" not in repr((decision.reasons, decision.effects))


@LAW
@given(REPLIES, SITUATIONS, PREDICTIONS, st.floats(0, 1))
def test_a_likelier_opt_out_never_stops_less(
    ready: RuleSet,
    reply: Reply,
    situation: Situation,
    prediction: Prediction,
    more: float,
) -> None:
    likelier = replace(prediction, opt_out=max(prediction.opt_out, more))
    clauses = tuple(
        replace(clause, opt_out=max(clause.opt_out, more))
        for clause in prediction.clauses
    )

    before = decide(reply, situation, ready, prediction)

    if before.consent is ConsentChange.OPT_OUT:
        for raised in (likelier, replace(prediction, clauses=clauses)):
            after = decide(reply, situation, ready, raised)
            assert after.consent is ConsentChange.OPT_OUT


@LAW
@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=80),
    MOMENTS,
    SITUATIONS,
    PREDICTIONS,
)
def test_nothing_that_is_added_to_a_stop_takes_it_back(
    ready: RuleSet,
    more: str,
    moment: datetime,
    situation: Situation,
    prediction: Prediction,
) -> None:
    reply = Reply(f"STOP. {more}", moment)
    settled = guarded(Case(reply, situation, ready))

    for told in (prediction, None):
        decision = decide(reply, situation, ready, told)

        assert settled or decision.consent is ConsentChange.OPT_OUT


@LAW
@given(REPLIES, SITUATIONS, PREDICTIONS)
def test_what_was_also_said_is_named_once_and_is_not_what_was_decided(
    ready: RuleSet, reply: Reply, situation: Situation, prediction: Prediction
) -> None:
    decision = decide(reply, situation, ready, prediction)

    named = [decision.intent, *(also.intent for also in decision.also)]
    assert len(named) == len(set(named))
    readings = (prediction, *prediction.clauses)
    assert {a.intent for a in decision.also} <= {r.intent for r in readings}
