from dataclasses import replace

from serving.routing.policy import Role
from serving.routing.ruleset import RuleSet


def test_an_intent_that_the_policy_does_not_name_gets_the_fallback(
    rules: RuleSet,
) -> None:
    policy = rules.policy

    assert policy.of("an intent of another team") is policy.fallback
    assert policy.of("refund") is policy.intents["refund"]


def test_an_intent_is_found_by_the_role_it_plays(rules: RuleSet) -> None:
    policy = rules.policy
    renamed = replace(policy, intents={"leave": policy.intents["opt_out"]})

    assert policy.intent_with(Role.OPT_OUT) == "opt_out"
    assert renamed.intent_with(Role.OPT_OUT) == "leave"


def test_a_role_that_nobody_plays_is_none(rules: RuleSet) -> None:
    policy = replace(rules.policy, intents={})

    assert policy.intent_with(Role.MACHINE) is None
