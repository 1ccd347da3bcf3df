"""Promises are kept as often as they are made: held against what is truly so."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from serving.routing.policy import Policy
from serving.routing.ruleset import RuleSet
from tests.training.unseen import (
    ANSWERED,
    ELSE,
    SENTIMENTS,
    Population,
    stated,
    thresholds_of,
    unseen,
)
from training.held_out import HeldOut
from training.promises import Promise, Solved
from training.thresholds import solve

DRAWS = 150
ASSURANCE = 0.9
MAY_BREAK = int(binom.ppf(0.999, DRAWS, 1 - ASSURANCE))
"""So many of the draws may break a promise that holds 90 % of the time."""

MIXED = Population(
    sizes=np.array([2700.0, 2100, 1500, 1200, 900, 900, 450, 40]),
    sureness=np.array([14.0, 9, 20, 6, 12, 8, 10, 15]),
    excess=np.array([1.0, 0.7, 1.6, 1.0, 0.5, 2.0, 1.0, 1.0]),
)
"""Easy and hard intents, surer than they may be and less sure, large and small."""

COSTS = (8.0, 16.0, 8.0, 4.0, 8.0, 24.0, 8.0, 8.0)


def solved_often(population: Population, policy: Policy, seed: int) -> list[Solved]:
    rng = np.random.default_rng(seed)
    return [solve(population.draw(rng), policy, SENTIMENTS) for _ in range(DRAWS)]


def dear(policy: Policy) -> Policy:
    lines = {
        intent: replace(ANSWERED, wrong_answer_cost=cost)
        for intent, cost in zip(policy.intents, COSTS, strict=True)
    }
    return replace(policy, intents=lines)


def test_both_promises_are_kept_as_often_as_promised(rules: RuleSet) -> None:
    policy = dear(
        stated(
            *(rules.policy, MIXED.intents),
            limit=0.03,
            each=0.07,
            assurance=ASSURANCE,
        )
    )

    solved = solved_often(MIXED, policy, seed=11)

    answered = [one for one in solved if one.whole.answered]
    broken = sum(
        MIXED.risk(one) > 0.03 or bool((MIXED.risks(one) > 0.07).any())
        for one in solved
    )
    assert len(answered) > 0.9 * DRAWS
    assert broken <= MAY_BREAK


def test_the_limit_of_the_whole_is_kept_when_it_alone_binds(rules: RuleSet) -> None:
    # One intent: nothing but the choice of the step stands between limit and risk.
    alone = Population(np.array([3000.0]), np.array([7.0]), np.array([1.4]))
    policy = stated(rules.policy, alone.intents, limit=0.06, assurance=ASSURANCE)

    solved = solved_often(alone, policy, seed=12)

    assert sum(one.whole.answered > 0 for one in solved) > 0.9 * DRAWS
    assert sum(alone.risk(one) > 0.06 for one in solved) <= MAY_BREAK


def test_the_limit_of_an_intent_is_kept_when_it_alone_binds(rules: RuleSet) -> None:
    policy = stated(
        *(rules.policy, MIXED.intents),
        limit=1.0,
        each=0.08,
        assurance=ASSURANCE,
    )

    solved = solved_often(MIXED, policy, seed=13)

    assert sum(one.whole.answered > 0 for one in solved) > 0.9 * DRAWS
    broken = sum(bool((MIXED.risks(one) > 0.08).any()) for one in solved)
    assert broken <= MAY_BREAK


def test_leaving_unlucky_intents_out_does_not_flatter_the_rest(rules: RuleSet) -> None:
    # Every confidence is the same and every intent a little over the limit. Many fail
    # their own by chance: what is left looks good, and is as bad as the others.
    count, each, risk, limit = 20, 150, 0.022, 0.02
    intents = tuple(f"i{number:02d}" for number in range(count))
    policy = stated(*(rules.policy, intents), limit=limit, each=0.06, assurance=0.9)
    rng = np.random.default_rng(14)
    taken = np.repeat(np.arange(count), each)

    def answers() -> bool:
        wrong = rng.random(len(taken)) < risk
        truth = np.where(wrong, count, taken)
        drawn = unseen((*intents, ELSE), truth, taken, np.full(len(taken), 0.9))
        return solve(drawn, policy, SENTIMENTS).whole.answered > 0

    assert sum(answers() for _ in range(DRAWS)) <= MAY_BREAK


def test_thresholds_are_not_needlessly_strict(rules: RuleSet) -> None:
    many = replace(MIXED, sizes=MIXED.sizes * 100)
    policy = stated(rules.policy, many.intents, limit=0.03, each=0.2)

    solved = solve(many.draw(np.random.default_rng(15)), policy, SENTIMENTS)

    assert 0.027 < many.risk(solved) <= 0.03


def test_a_dearer_intent_must_be_surer(rules: RuleSet) -> None:
    policy = dear(stated(rules.policy, MIXED.intents, limit=0.05, each=0.5))

    solved = solve(MIXED.draw(np.random.default_rng(16)), policy, SENTIMENTS)

    at = thresholds_of(solved)[:7]  # the last has too few replies
    assert np.all((at[np.argsort(COSTS[:7], kind="stable")][1:] - at.min()) >= 0)
    assert at[5] > at[1] > at[0] == at[2] > at[3]


def test_an_intent_with_a_limit_of_its_own_is_held_to_it(rules: RuleSet) -> None:
    policy = stated(rules.policy, MIXED.intents, limit=0.08, each=0.5)
    strict = replace(ANSWERED, max_wrong=0.06)
    held = replace(policy, intents={**policy.intents, "i02": strict})
    drawn = MIXED.draw(np.random.default_rng(17))

    easy, hard = (solve(drawn, stated_, SENTIMENTS) for stated_ in (policy, held))

    assert promised(easy, "i02").limit == 0.5
    assert promised(hard, "i02").limit == 0.06
    assert (promised(hard, "i02").bound or 1) <= 0.06
    assert thresholds_of(hard)[2] > thresholds_of(easy)[2]


def promised(solved: Solved, intent: str) -> Promise:
    return next(p for p in solved.promises if p.intent == intent)


def test_an_intent_with_too_few_replies_is_left_to_people(rules: RuleSet) -> None:
    policy = stated(rules.policy, MIXED.intents, limit=0.05, each=0.05)

    solved = solve(MIXED.draw(np.random.default_rng(18)), policy, SENTIMENTS)

    told = promised(solved, "i07")
    assert (told.threshold, told.answered, told.bound) == (None, 0, None)
    assert told.reason
    assert told.reason.startswith("too few replies: ")


def test_an_intent_that_breaks_its_limit_says_how(rules: RuleSet) -> None:
    policy = stated(rules.policy, ("good", "bad"), limit=0.1, each=0.1)
    taken = np.repeat([0, 1], [3000, 300])
    truth = np.where((taken == 1) & (np.arange(3300) % 5 == 0), 2, taken)

    solved = solve(
        unseen(("good", "bad", ELSE), truth, taken, np.full(3300, 0.9)),
        *(policy, SENTIMENTS),
    )

    assert promised(solved, "good").threshold is not None
    assert promised(solved, "bad").threshold is None
    expected = "60 wrong of the surest 300: 10.0% cannot be promised"
    assert promised(solved, "bad").reason == expected


def test_a_person_keeps_what_the_policy_gives_to_people(rules: RuleSet) -> None:
    policy = stated(rules.policy, MIXED.intents, limit=0.05)

    told = promised(
        solve(MIXED.draw(np.random.default_rng(19)), policy, SENTIMENTS), ELSE
    )

    assert (told.limit, told.answered, told.reason) == (None, 0, "people answer it")
    # From here its own holding words and queue are used.
    assert told.threshold is not None


def test_an_intent_whose_surest_answers_are_wrong_is_not_answered_there(
    rules: RuleSet,
) -> None:
    # Of "a" 30 of 1,000 are wrong, but 20 of the 50 surest; "b" keeps the whole strict.
    of = np.repeat([0, 0, 1, 1], [50, 950, 6000, 6000])
    wrong = np.zeros(len(of), dtype=bool)
    wrong[:20] = wrong[50:60] = wrong[7000:7300] = True
    confidence = np.repeat([0.99, 0.6, 0.99, 0.6], [50, 950, 6000, 6000])
    drawn = unseen(("a", "b", ELSE), np.where(wrong, 2, of), of, confidence)
    policy = stated(rules.policy, ("a", "b"), limit=0.01, each=0.1)

    solved = solve(drawn, policy, SENTIMENTS)

    a, b = solved.promises[:2]
    assert (a.threshold, a.answered) == (None, 0)
    assert a.reason == "20 wrong of the surest 50: 10.0% cannot be promised"
    assert (b.answered, b.wrong) == (6000, 0)
    assert b.coverage == 0.5


FAULTLESS = unseen(("one", ELSE), *(np.zeros(182, np.int64),) * 2, np.full(182, 0.9))


def test_one_faultless_reply_short_of_a_proof_promises_nothing(rules: RuleSet) -> None:
    # 0.98 ** 182 is above a fortieth, 0.98 ** 183 below.
    policy = stated(rules.policy, ("one",), limit=0.02)

    short = solve(FAULTLESS, policy, SENTIMENTS)

    assert set(short.thresholds.values()) == {None}
    assert (
        short.whole.reason
        == "182 replies could be answered, and 2.0% takes 183 without an error"
    )
    assert short.whole.bound is None
    assert short.whole.escalations == 1000


def test_the_smallest_faultless_record_that_proves_the_limit_is_enough(
    rules: RuleSet,
) -> None:
    policy = stated(rules.policy, ("one",), limit=0.02)
    enough = FAULTLESS.part(np.resize(np.arange(182), 183))

    solved = solve(enough, policy, SENTIMENTS)

    assert (solved.whole.answered, solved.whole.wrong) == (183, 0)
    assert solved.whole.bound == pytest.approx(1 - 0.025 ** (1 / 183))
    assert solved.whole.coverage == 1


@pytest.mark.parametrize(
    ("answered", "limit", "told"),
    [
        ((), 0.02, "the policy leaves every intent to people"),
        (
            ("one",),
            0.0,
            "182 replies could be answered, and no number of them proves 0.0%",
        ),
    ],
    ids=["nothing is answered", "nothing may be wrong"],
)
def test_where_nothing_is_promised_it_is_said_why(
    rules: RuleSet, answered: tuple[str, ...], limit: float, told: str
) -> None:
    policy = stated(rules.policy, answered, limit=limit)

    assert solve(FAULTLESS, policy, SENTIMENTS).whole.reason == told


@pytest.mark.parametrize(
    ("wrong", "replies", "told"),
    [
        (0, 80, "too few replies: 0 wrong of the surest 80 do not prove 5.0%"),
        (10, 80, "10 wrong of the surest 80: 5.0% cannot be promised"),
    ],
)
def test_it_is_said_whether_replies_are_missing_or_too_many_are_wrong(
    rules: RuleSet, wrong: int, replies: int, told: str
) -> None:
    policy = stated(rules.policy, ("one",), limit=0.05, each=0.9)
    truth = np.where(np.arange(replies) < wrong, 1, 0)
    sure = np.linspace(0.999, 0.5, replies)
    drawn = unseen(("one", ELSE), truth, np.zeros(replies, np.int64), sure)

    assert solve(drawn, policy, SENTIMENTS).whole.reason == told


def test_wrong_answers_of_what_is_left_out_are_told_apart(rules: RuleSet) -> None:
    # "a" breaks its limit, so its errors count against the rest, which has none.
    policy = stated(rules.policy, ("a", "b"), limit=0.02, each=0.1)
    taken = np.repeat([0, 1], [60, 300])
    truth = np.where(np.arange(360) < 12, 2, taken)
    drawn = unseen(("a", "b", ELSE), truth, taken, np.full(360, 0.9))

    told = solve(drawn, policy, SENTIMENTS).whole.reason

    assert told == (
        "0 wrong of the surest 300 and 12 of intents that are not answered: 2.0% "
        "cannot be promised"
    )


def test_what_is_not_judged_is_not_answered(rules: RuleSet) -> None:
    policy = stated(rules.policy, ("one",), limit=0.02)
    more = FAULTLESS.part(np.resize(np.arange(182), 400))
    judged = np.arange(400) < 300
    some = replace(more, confidence=np.where(judged, more.confidence, 0.0))

    solved = solve(some, dear_or_cheap(policy, 0.1), SENTIMENTS)

    assert solved.whole.answered == 300
    assert solved.whole.coverage == 300 / 400


def dear_or_cheap(policy: Policy, share: float) -> Policy:
    """Return the policy where a wrong answer costs a share of the usual."""
    cost = share * policy.costs.wrong_answer
    lines = {
        intent: replace(line, wrong_answer_cost=cost)
        for intent, line in policy.intents.items()
    }
    return replace(policy, intents=lines)


def test_no_replies_promise_nothing(rules: RuleSet) -> None:
    policy = stated(rules.policy, ("one",), limit=0.02)

    solved = solve(FAULTLESS.part(np.zeros(0, np.int64)), policy, SENTIMENTS)

    assert (solved.whole.answered, solved.whole.escalations) == (0, 0)


@given(
    seed=st.integers(0, 2**32 - 1),
    limits=st.tuples(st.floats(0.001, 0.5), st.floats(0.001, 0.5)),
)
@settings(max_examples=25, deadline=None)
def test_a_stricter_limit_never_answers_more(
    rules: RuleSet, seed: int, limits: tuple[float, float]
) -> None:
    drawn = MIXED.draw(np.random.default_rng(seed))
    strict, lenient = (
        solve(
            *(drawn, stated(rules.policy, MIXED.intents, limit=limit, each=0.2)),
            SENTIMENTS,
        )
        for limit in sorted(limits)
    )

    assert strict.whole.answered <= lenient.whole.answered
    assert np.all(thresholds_of(strict) >= thresholds_of(lenient))
    for one in (strict, lenient):
        assert one.tighter.answered <= one.whole.answered <= one.looser.answered


@given(seed=st.integers(0, 2**32 - 1), limit=st.floats(0.005, 0.2))
@settings(max_examples=25, deadline=None)
def test_what_is_told_is_what_the_thresholds_do(
    rules: RuleSet, seed: int, limit: float
) -> None:
    drawn = MIXED.draw(np.random.default_rng(seed))
    policy = stated(rules.policy, MIXED.intents, limit=limit, each=0.2)

    solved = solve(drawn, policy, SENTIMENTS)

    counted = [counts_of(drawn, code, p) for code, p in enumerate(solved.promises[:-1])]
    told = [(p.answered, p.wrong) for p in solved.promises[:-1]]
    assert told == counted
    whole = solved.whole
    assert (whole.answered, whole.wrong) == tuple(map(sum, zip(*told, strict=True)))
    assert whole.coverage == pytest.approx(whole.answered / len(drawn.truth))
    assert whole.escalations == pytest.approx(1000 * (1 - whole.coverage))
    bounds = [(p.bound, p.limit) for p in solved.promises] + [(whole.bound, limit)]
    assert all(b <= most for b, most in bounds if b is not None and most is not None)


def counts_of(drawn: HeldOut, code: int, promise: Promise) -> tuple[int, int]:
    if promise.threshold is None:
        return 0, 0
    rows = (drawn.predicted == code) & (drawn.confidence >= promise.threshold)
    return int(rows.sum()), int((rows & (drawn.truth != code)).sum())


def test_costs_are_of_wrong_answers_people_and_waiting(rules: RuleSet) -> None:
    # Of 1,000: 20 rightly and 1 wrongly by rule, 900 answered of which 9 are wrong,
    # 79 to people, of whom 29 wanted what could have been answered.
    policy = stated(rules.policy, ("one",), limit=0.05)
    truth = np.zeros(1000, np.int64)
    truth[20:30] = 1
    truth[950:] = 1
    predicted = np.zeros(1000, np.int64)
    predicted[950:] = 1
    confidence = np.full(1000, 0.9)
    confidence[921:950] = 0.1
    ruled = np.zeros(1000, np.int64)
    ruled[:20], ruled[20] = 1, 2
    drawn = unseen(("one", ELSE), truth, predicted, confidence).marked(ruled)

    whole = solve(drawn, policy, SENTIMENTS).whole

    costs = policy.costs
    person = costs.agent_minute * costs.minutes_per_reply
    expected = 10 * costs.wrong_answer + 79 * person + 29 * costs.needless_escalation
    assert (whole.answered, whole.wrong) == (900, 9)
    assert whole.escalations == 79
    assert whole.cost == pytest.approx(expected)
