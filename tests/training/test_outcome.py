from collections.abc import Sequence

import pytest

from model.prediction import Prediction, Ranked
from serving.routing.ruleset import RuleSet
from training.evaluation import Outcome
from training.outcome import judge_policy

TEXTS = (
    "where is it",
    "i want my money",
    "where is it!!",
    "no more of these please",
    "STOP",
)
TRUTH = ("order_status", "refund", "order_status", "opt_out", "opt_out")
CALM: Sequence[str | None] = ("neutral",) * len(TEXTS)


def says(intent: str, confidence: float, opt_out: float = 0.0) -> Prediction:
    return Prediction(
        (Ranked(intent, 0.9),), confidence, (Ranked("neutral", 0.9),), opt_out
    )


def outcome(
    rules: RuleSet,
    predictions: Sequence[Prediction],
    feelings: Sequence[str | None] = CALM,
) -> Outcome:
    return judge_policy(TEXTS, TRUTH, feelings, predictions, rules)


@pytest.fixture
def unsure() -> list[Prediction]:
    return [says(intent, 0.1) for intent in TRUTH]


def test_a_model_that_is_never_sure_leaves_all_but_the_keyword_to_people(
    rules: RuleSet, unsure: list[Prediction]
) -> None:
    told = outcome(rules, unsure)

    assert told.automatic == 1 / 5
    assert told.missed_opt_outs == 1
    assert told.reachable == 1.0


def test_what_is_reachable_asks_neither_the_predictions_nor_the_thresholds(
    rules: RuleSet, unsure: list[Prediction]
) -> None:
    wrong = [says("complaint", 0.99, opt_out=0.99) for _ in TRUTH]

    assert outcome(rules, wrong).reachable == outcome(rules, unsure).reachable


@pytest.mark.parametrize(
    ("feeling", "reachable"), [("negative", 4 / 5), ("positive", 1.0), (None, 1.0)]
)
def test_an_upset_person_is_out_of_reach_where_the_policy_says_so(
    rules: RuleSet, unsure: list[Prediction], feeling: str | None, reachable: float
) -> None:
    feelings = ("neutral", "neutral", feeling, "neutral", "neutral")

    assert rules.policy.of("order_status").negative_escalates
    assert outcome(rules, unsure, feelings).reachable == reachable


def test_an_opt_out_nobody_asked_for_is_counted(rules: RuleSet) -> None:
    predictions = [says(intent, 0.1, opt_out=0.99) for intent in TRUTH]

    told = outcome(rules, predictions)

    assert (told.missed_opt_outs, told.false_opt_outs) == (0, 3)
