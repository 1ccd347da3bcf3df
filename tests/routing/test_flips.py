from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.routing.flips import WITHOUT_CONSENT, FlipKind, cost_of, flip_of
from serving.routing.policy import Policy
from serving.routing.ruleset import RuleSet

WORDS = {"template": "order_status@1", "text": "On its way.", "segments": 1}
ANSWERED: dict[str, Any] = {
    "intent": "order_status",
    "confidence": 0.97,
    "action": "reply",
    "consent": None,
    "reply": WORDS,
    "queue": None,
    "priority": None,
    "effects": [],
}
ESCALATED = ANSWERED | {
    "action": "escalate",
    "reply": None,
    "queue": "orders",
    "priority": "normal",
    "effects": [{"type": "handoff", "id": "e1", "payload": {"queue": "orders"}}],
}
STOPPED = ANSWERED | {
    "intent": "opt_out",
    "consent": "opt_out",
    "reply": {"template": "opt_out@1", "text": "Stopped."},
    "effects": [{"type": "suppress_contact", "id": "e2", "payload": {}}],
}


@pytest.fixture
def policy(rules: RuleSet) -> Policy:
    return rules.policy


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (STOPPED, ANSWERED, "opt_out"),
        (ANSWERED, STOPPED, "opt_out"),
        (STOPPED, STOPPED | {"consent": "opt_in"}, "opt_out"),
        (ANSWERED, ESCALATED, "action"),
        (ESCALATED, ANSWERED, "action"),
        (ANSWERED, ANSWERED | {"reply": WORDS | {"template": "refund@1"}}, "words"),
        (ANSWERED, ANSWERED | {"reply": WORDS | {"text": "It is out."}}, "words"),
        (ESCALATED, ESCALATED | {"reply": WORDS}, "words"),
        (ESCALATED, ESCALATED | {"queue": "billing"}, "queue"),
        (ESCALATED, ESCALATED | {"priority": "urgent"}, "queue"),
        (ANSWERED, ANSWERED | {"effects": [{"type": "create_ticket"}]}, "effects"),
        (ESCALATED, ESCALATED | {"intent": "refund"}, "intent"),
    ],
)
def test_a_flip_is_named_by_the_gravest_difference(
    before: dict[str, Any], after: dict[str, Any], kind: str
) -> None:
    flip = flip_of(before, after)

    assert flip is not None
    assert flip.kind == kind


@pytest.mark.parametrize(
    "same",
    [
        {"confidence": 0.5},
        {"decision_id": "another"},
        {"reply": WORDS | {"not_before": "2026-11-23T12:00:00+00:00"}},
        # Who carries the words out is the edge's affair.
        {"effects": [{"type": "send_message", "id": "e9", "payload": {}}]},
    ],
)
def test_what_nobody_sees_is_no_flip(same: dict[str, Any]) -> None:
    assert flip_of(ANSWERED, ANSWERED | same) is None


@pytest.mark.parametrize(
    ("before", "after", "cost"),
    [
        (STOPPED, ANSWERED, WITHOUT_CONSENT),
        (ANSWERED, ANSWERED | {"consent": "opt_in"}, WITHOUT_CONSENT),
        (ANSWERED, STOPPED, 8.0),
        (ESCALATED, ANSWERED, 8.0),
        (ESCALATED, ANSWERED | {"intent": "refund"}, 16.0),
        (ANSWERED, ESCALATED, 0.5 + 0.6 * 3),
        (ANSWERED | {"intent": "refund"}, ANSWERED | {"action": "silent"}, 16.0),
        (ESCALATED, ESCALATED | {"queue": "billing"}, 0.6 * 3),
        (ANSWERED, ANSWERED | {"intent": "refund"}, 0.0),
    ],
)
def test_a_flip_costs_what_the_policy_says(
    policy: Policy, before: dict[str, Any], after: dict[str, Any], cost: float
) -> None:
    flip = flip_of(before, after)

    assert flip is not None
    assert cost_of(flip, policy) == pytest.approx(cost)


def test_an_outcome_reads_as_what_happens() -> None:
    flip = flip_of(ESCALATED, STOPPED)

    assert flip is not None
    assert str(flip.before) == "escalate to orders (normal)"
    assert str(flip.after) == "reply opt_out@1 + opt_out"


decisions = st.builds(
    lambda **fields: ANSWERED | fields,
    intent=st.sampled_from(["order_status", "refund", None]),
    action=st.sampled_from(["reply", "ask", "escalate", "silent"]),
    consent=st.sampled_from([None, "opt_out", "opt_in"]),
    reply=st.sampled_from([None, WORDS]),
    queue=st.sampled_from([None, "orders", "billing"]),
)


@given(decisions)
def test_nothing_flips_into_itself(decision: dict[str, Any]) -> None:
    assert flip_of(decision, decision) is None


@given(decisions, decisions)
def test_there_and_back_are_of_one_kind(
    one: dict[str, Any], two: dict[str, Any]
) -> None:
    there, back = flip_of(one, two), flip_of(two, one)

    assert (there and there.kind) == (back and back.kind)


@given(decisions, decisions)
def test_a_change_of_consent_is_never_hidden_behind_another(
    one: dict[str, Any], two: dict[str, Any]
) -> None:
    flip = flip_of(one, two)
    consent_flips = flip is not None and flip.kind is FlipKind.OPT_OUT

    assert consent_flips is (one["consent"] != two["consent"])
