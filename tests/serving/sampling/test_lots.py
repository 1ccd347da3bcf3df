import numpy as np
import pytest
from scipy import stats

from serving.sampling.lots import lot_of, lots_of

SEED, OTHER = bytes(16), bytes([1] * 16)
IDS = [f"01975b{number:06x}" for number in range(4_000)]


def test_the_lots_of_a_decision_are_the_same_for_ever() -> None:
    lots = lots_of(SEED, "019aa0c0-0000-7000-8000-000000000001")

    found = (lots.draw, lots.order, lots.jitter, lots.double)
    assert found == pytest.approx((0.442827, 0.298030, 0.139003, 0.464359), abs=1e-6)


def test_a_lot_alone_is_the_first_of_all() -> None:
    assert [lot_of(SEED, i) for i in IDS] == [lots_of(SEED, i).draw for i in IDS]


def test_lots_are_uniform() -> None:
    for name in ("draw", "order", "jitter", "double"):
        values = [getattr(lots_of(SEED, i), name) for i in IDS]

        assert stats.kstest(values, "uniform").pvalue > 0.001
        assert min(values) >= 0
        assert max(values) < 1


def test_lots_know_nothing_of_each_other_nor_of_another_seed() -> None:
    rows = [lots_of(SEED, i) for i in IDS]
    columns = [[getattr(row, f) for row in rows] for f in rows[0].__slots__]
    columns.append([lot_of(OTHER, i) for i in IDS])

    related = np.corrcoef(columns) - np.eye(len(columns))

    assert np.abs(related).max() < 0.06
