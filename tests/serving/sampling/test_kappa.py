import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from serving.sampling.kappa import FEWEST_OBJECTIONS, FEWEST_PAIRS, kappa_of

LAW = settings(deadline=None, max_examples=50)

Codes = NDArray[np.int64]
Rows = tuple[Codes, Codes, NDArray[np.float64]]


def rows(seed: int, agreed: float, size: int = 3 * FEWEST_PAIRS) -> Rows:
    """Return verdict codes of two, and weights."""
    rng = np.random.default_rng(seed)
    first, other = rng.choice(4, (2, size), p=[0.7, 0.15, 0.1, 0.05])
    second = np.where(rng.random(size) < agreed, first, other)
    return first, second, rng.uniform(0.5, 20, size)


seeds, agreements = st.integers(0, 10_000), st.floats(0, 1)


@LAW
@given(seeds, agreements)
def test_kappa_is_that_of_scikit_learn(seed: int, agreed: float) -> None:
    first, second, weight = rows(seed, agreed)
    found = kappa_of(first, second, weight, right=0)

    assert found
    other = cohen_kappa_score(first, second, sample_weight=weight)
    assert found.kappa == pytest.approx(other)
    assert found.low <= found.kappa <= found.high <= 1


@LAW
@given(seeds, agreements)
def test_who_was_first_makes_no_difference(seed: int, agreed: float) -> None:
    first, second, weight = rows(seed, agreed)
    one = kappa_of(first, second, weight, right=0)
    other = kappa_of(second, first, weight, right=0)

    assert one
    assert other
    assert (one.low, one.kappa, one.high) == pytest.approx(
        (other.low, other.kappa, other.high)
    )


@LAW
@given(seeds, st.floats(0.3, 0.9))
def test_the_error_is_that_of_fleiss_cohen_and_everitt(
    seed: int, agreed: float
) -> None:
    first, second, weight = rows(seed, agreed, size=10_000)
    found = kappa_of(first, second, np.ones_like(weight), right=0)

    assert found
    width = (found.high - found.low) / (2 * 1.96)
    assert width == pytest.approx(fleiss_cohen_everitt(first, second), rel=0.03)


def fleiss_cohen_everitt(first: Codes, second: Codes) -> float:
    """Return the standard error of kappa by equation 13 of their paper of 1969."""
    table = np.zeros((4, 4))
    np.add.at(table, (first, second), 1 / len(first))
    row, column = table.sum(1), table.sum(0)
    agreed, chance = np.trace(table), row @ column
    kappa = (agreed - chance) / (1 - chance)
    same = (np.diag(table) * (1 - (row + column) * (1 - kappa)) ** 2).sum()
    margins = (column[:, None] + row[None, :]) ** 2
    off = (table * margins).sum() - (np.diag(table) * np.diag(margins)).sum()
    spread = same + (1 - kappa) ** 2 * off - (kappa - chance * (1 - kappa)) ** 2
    return float(np.sqrt(spread / len(first)) / (1 - chance))


def test_two_who_always_agree_may_yet_differ_in_the_next_hundred() -> None:
    same = np.array([0] * 150 + [1] * 50)

    found = kappa_of(same, same, np.ones(200), right=0)

    assert found
    assert found.kappa == found.agreed == found.high == 1
    assert 0.85 < found.low < 0.97
    assert (found.pairs, found.objections) == (200, 50)


def test_chance_alone_is_no_agreement() -> None:
    rng = np.random.default_rng(5)
    first, second = rng.integers(0, 2, (2, 2_000))

    found = kappa_of(first, second, np.ones(2_000), right=0)

    assert found
    assert found.low < 0 < found.high
    assert found.agreed == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("pairs", "objections"),
    [(0, 0), (FEWEST_PAIRS - 1, 50), (FEWEST_PAIRS, FEWEST_OBJECTIONS - 1)],
)
def test_too_few_pairs_tell_nothing(pairs: int, objections: int) -> None:
    first = np.array([1] * objections + [0] * (pairs - objections), dtype=np.int64)

    assert kappa_of(first, first, np.ones(pairs), right=0) is None
