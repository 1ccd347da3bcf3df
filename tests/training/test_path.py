from dataclasses import replace

import numpy as np
import pytest

from serving.routing.policy import Answer, IntentPolicy, Policy, Role
from serving.routing.ruleset import RuleSet
from tests.training.unseen import ANSWERED, ELSE, SENTIMENTS, stated, unseen
from training.held_out import HeldOut, Ruled
from training.path import path, tally

INTENTS = ("cheap", "dear", ELSE)
NEGATIVE = 0


@pytest.fixture
def policy(rules: RuleSet) -> Policy:
    plain = stated(rules.policy, ("cheap", "dear"), limit=0.1)
    line = replace(ANSWERED, wrong_answer_cost=2 * plain.costs.wrong_answer)
    return replace(plain, intents={**plain.intents, "dear": line})


def test_the_path_goes_from_strict_to_lenient(policy: Policy) -> None:
    steps = path(INTENTS, policy)

    assert np.all(np.diff(steps, axis=0) <= 0)
    assert np.all((steps >= 0) & (steps <= 1))
    assert steps[0].min() > 0.999
    assert steps[-1, 0] < 0.3


def test_what_costs_twice_as_much_may_be_wrong_half_as_often(policy: Policy) -> None:
    cheap, dear, _ = path(INTENTS, policy).T

    assert 1 - dear == pytest.approx((1 - cheap) / 2, abs=1e-4)


def test_a_cheap_intent_is_not_asked_for_less_than_nothing(policy: Policy) -> None:
    line = replace(ANSWERED, wrong_answer_cost=0.1)

    steps = path(INTENTS, replace(policy, intents={"cheap": line}))

    assert steps[-1, 0] == 0


def one_each(predicted: list[int], truth: list[int]) -> HeldOut:
    sure = np.full(len(predicted), 0.9)
    return unseen(INTENTS, np.array(truth), np.array(predicted), sure)


def test_replies_are_counted_by_what_they_are_taken_for(policy: Policy) -> None:
    drawn = one_each([0, 0, 0, 1, 2], [0, 1, 2, 1, 0])

    counts = tally(drawn, policy, SENTIMENTS)

    assert counts.automatic.tolist() == [True, True, False]
    assert counts.answered[-1].tolist() == [3, 1, 0]
    assert counts.wrong[-1].tolist() == [2, 0, 0]
    assert counts.needed[-1].tolist() == [2, 1, 0]
    assert (counts.traffic.replies, counts.traffic.unsettled) == (5, 5)
    assert counts.traffic.needed == 4


def test_a_reply_is_answered_from_its_threshold_on(policy: Policy) -> None:
    drawn = one_each([0, 1], [0, 1])

    counts = tally(drawn, policy, SENTIMENTS)

    expected = counts.thresholds[:, :2] <= 0.9
    assert counts.answered[:, :2].tolist() == expected.astype(int).tolist()
    assert 0 < expected[:, 1].sum() < expected[:, 0].sum()


def test_what_a_rule_settles_is_not_the_models_word(policy: Policy) -> None:
    drawn = one_each([0] * 4, [0] * 4).marked(np.array(list(Ruled)))

    counts = tally(drawn, policy, SENTIMENTS)

    assert counts.answered[-1, 0] == 1
    assert counts.traffic.unsettled == 2
    assert counts.traffic.ruled_wrong == 1


def test_an_upset_person_is_no_candidate_where_the_policy_gives_them_a_person(
    policy: Policy,
) -> None:
    careful = replace(ANSWERED, negative_escalates=True)
    policy = replace(policy, intents={**policy.intents, "dear": careful})
    drawn = one_each([0, 1, 1], [0, 1, 1])
    upset = replace(drawn, feeling=np.array([NEGATIVE, NEGATIVE, 1]))

    counts = tally(upset, policy, SENTIMENTS)

    assert counts.answered[-1].tolist() == [1, 1, 0]
    assert counts.traffic.unsettled == 3
    assert counts.traffic.needed == 2


@pytest.mark.parametrize(
    ("line", "automatic"),
    [
        (replace(ANSWERED, answer=Answer.SILENT), True),
        (replace(ANSWERED, answer=Answer.ESCALATE), False),
        (replace(ANSWERED, role=Role.OUT_OF_SCOPE), False),
        (replace(ANSWERED, role=Role.OPT_OUT), False),
        (replace(ANSWERED, role=Role.MACHINE, answer=Answer.SILENT), True),
    ],
    ids=["silent", "escalated", "out of scope", "opt-out", "machine"],
)
def test_only_what_no_person_sees_needs_a_promise(
    policy: Policy, line: IntentPolicy, *, automatic: bool
) -> None:
    policy = replace(policy, intents={"cheap": line})

    assert tally(one_each([0], [0]), policy, SENTIMENTS).automatic[0] == automatic


def test_an_opt_out_by_meaning_takes_no_persons_time(policy: Policy) -> None:
    leave = replace(ANSWERED, role=Role.OPT_OUT, answer=Answer.ESCALATE)
    policy = replace(policy, intents={"cheap": leave})

    assert tally(one_each([0, 1], [0, 1]), policy, SENTIMENTS).traffic.unsettled == 1
