import numpy as np

from serving.routing.ruleset import RuleSet
from tests.training.suggest.planted import frame, unseen
from training.suggest.overlaps import confusions, overlaps, pairs

TRUTH = np.repeat(np.arange(4), 50)


def test_intents_that_are_mistaken_for_each_other_are_named(rules: RuleSet) -> None:
    read = TRUTH.copy()
    read[:8], read[100:104] = 2, 0

    [told] = overlaps(frame(TRUTH), unseen(TRUTH, read), rules.policy)

    assert (told.one, told.other) == ("order_status", "refund")
    assert (told.read_as_other, told.read_as_one) == (8, 4)
    assert told.share == 12 / 100
    assert not told.same_treatment
    assert "border" in told.advice
    assert {label for _, label in told.examples} <= {"order_status", "refund"}


def test_a_few_mistakes_are_chance(rules: RuleSet) -> None:
    read = TRUTH.copy()
    read[:4] = 2

    assert overlaps(frame(TRUTH), unseen(TRUTH, read), rules.policy) == ()


def test_confusions_are_counted_by_label_and_reading() -> None:
    chances = np.eye(3)[[0, 1, 1, 2]]

    counted = confusions(np.array([0, 0, 1, 2]), chances)

    assert counted.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_the_worst_pair_comes_first() -> None:
    confused = np.array([[90, 5, 5], [5, 90, 5], [20, 0, 80]])

    assert [(a, b) for a, b, _ in pairs(confused)] == [(0, 2), (0, 1), (1, 2)]
