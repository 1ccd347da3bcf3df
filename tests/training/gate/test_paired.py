import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from training.gate.paired import EXACT, Chance, chance_of, refused


def chance(losses: list[int], groups: list[int] | None = None) -> Chance:
    families = list(range(len(losses))) if groups is None else groups
    return chance_of(np.array(losses), np.array(families))


@pytest.mark.parametrize(("worse", "better"), [(3, 0), (8, 2), (2, 8), (5, 5)])
def test_families_of_one_give_mcnemars_mid_p(worse: int, better: int) -> None:
    told = chance([1] * worse + [-1] * better + [0] * 20)

    tail = binom(worse + better, 0.5)
    assert told.value == pytest.approx(tail.cdf(better - 1) + tail.pmf(better) / 2)


def test_a_family_changes_sides_together() -> None:
    alone = chance([1, 1, 1, 1])
    together = chance([1, 1, 1, 1], groups=[7, 7, 7, 7])

    assert (alone.value, together.value) == (0.5**5, 0.25)


def test_without_a_difference_nothing_is_shown() -> None:
    assert chance([0, 0, 0]) == Chance(1.0, 1.0)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12))
def test_every_way_is_counted(losses: list[int]) -> None:
    told = chance(losses)

    size = np.abs(losses)
    signs = np.array(np.meshgrid(*[[-1, 1]] * len(size))).reshape(len(size), -1)
    sums = size @ signs
    seen = sum(losses)
    exact = (sums > seen).mean() + (sums == seen).mean() / 2
    assert told.value == pytest.approx(exact if any(losses) else 1.0)
    assert told.least <= told.value or not any(losses)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_noise_may_make_more_losses_than_wins(share: float) -> None:
    losses, groups = np.array([1] * 6 + [-1] * 2), np.arange(8)

    told = chance_of(losses, groups, share)

    tail = binom(8, share)
    assert told.value == pytest.approx(tail.sf(6) + tail.pmf(6) / 2)
    assert told.least == pytest.approx(share**8 / 2)


@pytest.mark.parametrize("share", [0.4, 0.5])
def test_many_families_are_told_by_the_normal_curve(share: float) -> None:
    lost = int(EXACT * share) + 8
    few = [1] * lost + [-1] * (EXACT - lost)
    groups = np.arange(EXACT + 1)

    exact = chance_of(np.array(few), groups[:-1], share)
    normal = chance_of(np.array([*few, 1]), groups, share)

    assert normal.value == pytest.approx(exact.value, rel=0.25)
    assert normal.value != exact.value


def test_what_cannot_show_a_loss_is_not_counted() -> None:
    strong = Chance(0.004, 1e-6)
    idle = [Chance(0.5, 0.25)] * 50

    adjusted, shown = refused([strong, *idle], 0.025)

    assert adjusted[0] == 0.004
    assert shown == [True] + [False] * 50


def test_what_can_is_counted_as_holm_does() -> None:
    told = [Chance(value, 1e-9) for value in (0.004, 0.02, 0.011, 0.3)]

    adjusted, shown = refused(told, 0.025)

    assert adjusted == pytest.approx([0.016, 0.04, 0.033, 0.3])
    assert shown == [True, False, False, False]


def test_no_tests_refuse_nothing() -> None:
    assert refused([], 0.05) == ([], [])
