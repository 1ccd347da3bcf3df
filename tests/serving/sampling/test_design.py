from dataclasses import replace

import pytest

from model.errors import SettingsError
from serving.routing.ruleset import RuleSet
from serving.sampling.design import Design, design_for
from serving.sampling.stratum import Stratum

SEED = "0f" * 16


def stratum(name: str) -> Stratum:
    return Stratum.parse(name)


@pytest.fixture
def design(rules: RuleSet) -> Design:
    return design_for(rules.policy, SEED)


def test_a_design_is_read_back_from_the_store(design: Design) -> None:
    assert Design.from_json(design.to_json()) == design


def test_costs_are_those_of_the_policy(design: Design) -> None:
    assert design.costs.usual == 8
    assert 8 < design.costs.dear <= 16
    assert design.costs.opt_out == 16
    assert design.costs.escalation == pytest.approx(0.5 + 3 * 0.6)
    assert "refund" in design.dear_intents
    assert "store_info" not in design.dear_intents


def test_without_dear_intents_all_cost_the_same(rules: RuleSet) -> None:
    policy = rules.policy
    cheap = replace(
        policy,
        intents={
            name: replace(line, wrong_answer_cost=None)
            for name, line in policy.intents.items()
        },
    )
    design = design_for(cheap, SEED)

    assert design.costs.dear == design.costs.opt_out == design.costs.usual
    assert design.dear_intents == ()


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ("answered/model/dear/0.9-0.98/*", "answered/model/usual/0.9-0.98/*"),
        ("answered/model/usual/0.9-0.98/*", "answered/model/usual/0.98-1/*"),
        ("answered/model/usual/0.98-1/*", "left/owner/*/*/*"),
        ("opted_out/model/*/0.5-0.9/*", "opted_out/keyword/*/*/*"),
        ("escalated/model/*/*/*", "left/owner/*/*/*"),
    ],
)
def test_a_review_tells_more_where_mistakes_are_likely_or_dear(
    design: Design, more: str, less: str
) -> None:
    assert design.worth(stratum(more)) > design.worth(stratum(less)) > 0


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"per_day": 9}, "expected 10 to 2000, got 9"),
        ({"per_day": 2001}, "reviews a day"),
        ({"double": 1.5}, "expected 0 to 1, got 1.5"),
        ({"double": float("nan")}, "expected 0 to 1, got nan"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    rules: RuleSet, given: dict[str, float], named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        design_for(rules.policy, SEED, **given)  # type: ignore[arg-type]


def test_the_floors_take_half_of_the_budget_at_most(rules: RuleSet) -> None:
    for per_day in (10, 50, 200, 2_000):
        design = design_for(rules.policy, SEED, per_day=per_day)

        assert design.most_strata * design.floor <= per_day / 2
