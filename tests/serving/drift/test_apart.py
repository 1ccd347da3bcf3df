import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from serving.drift.apart import shares_apart, values_apart, vectors_apart
from tests.serving.drift.making import chance


def test_shares_that_differ_by_chance_are_about_once_as_far_apart() -> None:
    draw = chance(3)
    found = [
        shares_apart(
            draw.choice(list("abcde"), 300).tolist(),
            draw.choice(list("abcde"), 900).tolist(),
            draw,
        )
        for _ in range(60)
    ]

    ratios = [one.ratio for one in found]
    assert np.mean(ratios) == pytest.approx(1, abs=0.25)
    # Under no change a p-value is uniform.
    assert stats.kstest([one.p for one in found], "uniform").pvalue > 0.001


def test_shares_are_compared_by_g() -> None:
    now, before = list("a" * 30 + "b" * 20), list("a" * 50 + "b" * 20 + "c" * 30)
    table = np.array([[30, 20, 0], [50, 20, 30]])
    expected = stats.chi2_contingency(table, lambda_="log-likelihood").statistic

    found = shares_apart(now, before, chance(1))

    assert found.distance == pytest.approx(expected / 2)
    assert found.p == 0.005


def test_values_are_compared_by_their_greatest_gap() -> None:
    draw = chance(2)
    now = np.round(draw.normal(0, 1, 80), 1).astype(np.float32)
    before = np.round(draw.normal(0.2, 1, 200), 1).astype(np.float32)

    found = values_apart(now, before, draw)

    known = stats.ks_2samp(now, before, method="exact")
    assert found.distance == pytest.approx(known.statistic)
    assert found.p == pytest.approx(known.pvalue, abs=0.12)


def test_vectors_are_compared_by_energy() -> None:
    draw = chance(4)
    now = draw.normal(0, 1, (40, 5)).astype(np.float32)
    before = draw.normal(0.4, 1, (70, 5)).astype(np.float32)

    found = vectors_apart(now, before, draw)

    across, own, others = (
        cdist(a, b).mean() for a, b in ((now, before), (now, now), (before, before))
    )
    assert found.distance == pytest.approx(2 * across - own - others, rel=1e-3)
    assert found.p <= 0.01
    assert found.ratio > 2


def test_vectors_of_one_kind_are_not_apart() -> None:
    draw = chance(5)
    found = [
        vectors_apart(
            draw.normal(0, 1, (40, 5)).astype(np.float32),
            draw.normal(0, 1, (40, 5)).astype(np.float32),
            draw,
        )
        for _ in range(40)
    ]

    assert stats.kstest([one.p for one in found], "uniform").pvalue > 0.001


def test_the_same_draw_gives_the_same_answer() -> None:
    now, before = list("aab"), list("abb")

    assert shares_apart(now, before, chance(7)) == shares_apart(now, before, chance(7))
