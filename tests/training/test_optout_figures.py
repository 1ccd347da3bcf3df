import numpy as np
import pytest
from scipy.stats import beta

from training.optout_figures import Heard, Share, figures_of, share, table_of

# Four opt-outs: two honoured, one asked about, one missed; four others: one honoured,
# one asked about, two left alone.
HEARD = Heard(
    truth=np.array([True] * 4 + [False] * 4),
    honoured=np.array([True, True, False, False, True, False, False, False]),
    asked=np.array([False, False, True, False, False, True, False, False]),
)


def counts(part: Share | None) -> tuple[int, int] | None:
    return (part.hits, part.of) if part else None


def test_every_figure_counts_what_its_name_says() -> None:
    figures = figures_of("all", HEARD)

    assert (figures.opt_outs, figures.others) == (4, 4)
    assert counts(figures.recall) == (2, 4)
    assert counts(figures.recall_asking) == (3, 4)
    assert counts(figures.missed) == (2, 4)
    assert counts(figures.precision) == (2, 3)
    assert counts(figures.false) == (1, 4)
    assert counts(figures.asked) == (1, 4)


def test_what_cannot_be_counted_is_none() -> None:
    nothing = np.zeros(2, dtype=bool)

    figures = figures_of("others", Heard(nothing, nothing, nothing))

    assert figures.recall is None
    assert figures.missed is None
    assert figures.precision is None
    assert counts(figures.false) == (0, 2)


@pytest.mark.parametrize(("hits", "of"), [(1, 10), (7, 9), (148, 150)])
def test_the_interval_is_clopper_and_pearsons(hits: int, of: int) -> None:
    told = share(np.arange(of) < hits)

    assert told
    assert told.value == pytest.approx(hits / of)
    assert told.low == pytest.approx(beta.ppf(0.025, hits, of - hits + 1))
    assert told.high == pytest.approx(beta.ppf(0.975, hits + 1, of - hits))


def test_none_of_ten_may_still_be_three_in_ten() -> None:
    told = share(np.zeros(10, dtype=bool))

    assert told
    assert (told.value, told.low) == (0, 0)
    assert told.high == pytest.approx(0.3085, abs=1e-4)


def test_categories_and_languages_are_counted_apart_and_in_name_order() -> None:
    table = table_of(HEARD, list("bbbaabbb"), ["en"] * 7 + ["de"])

    assert [row.name for row in table.categories] == ["a", "b"]
    assert [row.name for row in table.languages] == ["de", "en"]
    assert [(r.opt_outs, r.others) for r in table.categories] == [(1, 1), (3, 3)]
    assert counts(table.categories[0].recall) == (0, 1)
    assert counts(table.categories[0].false) == (1, 1)
    assert counts(table.categories[1].recall) == (2, 3)
    assert counts(table.languages[0].false) == (0, 1)
    assert table.overall == figures_of("all", HEARD)
