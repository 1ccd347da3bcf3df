from hypothesis import given, settings
from hypothesis import strategies as st

from serving.sampling.cells import ENOUGH, FEWEST, Part, joined
from serving.sampling.stratum import Stratum
from tests.serving.sampling.making import strata

LAW = settings(deadline=None, max_examples=50)

ANSWERED = Stratum("answered", "model", "usual", "0.98-1", "acme")
ASKED = Stratum("asked", "model", "*", "0.5-0.9", "acme")
ELSEWHERE = Stratum("answered", "model", "usual", "0.98-1", "other")

parts = st.lists(
    st.builds(
        Part,
        stratum=strata,
        period=st.sampled_from([f"2026-11-{day}" for day in range(20, 30)]),
        decisions=st.integers(50, 900),
        reviewed=st.integers(0, 12),
        row=st.just(0),
    ),
    max_size=60,
    unique_by=lambda part: (part.stratum, part.period),
)


def day(number: int, reviewed: int, stratum: Stratum = ANSWERED) -> Part:
    return Part(stratum, f"2026-11-{number}", 100, reviewed, row=0)


def shape(parts: list[Part]) -> list[list[int]]:
    return [[part.reviewed for part in cell.parts] for cell in joined(parts)]


def test_a_day_with_reviews_enough_stands_alone() -> None:
    assert shape([day(20, 9), day(21, ENOUGH), day(22, 30)]) == [[9], [8], [30]]


def test_days_are_joined_until_there_are_enough() -> None:
    assert shape([day(20, 3), day(21, 0), day(22, 6), day(23, 8)]) == [[3, 0, 6], [8]]


def test_what_is_left_at_the_end_joins_the_days_before() -> None:
    assert shape([day(20, 9), day(21, 8), day(22, 1)]) == [[9], [8, 1]]


def test_a_stratum_of_its_own_may_have_few() -> None:
    cells = joined([day(20, 2), day(20, 30, ASKED)])

    assert [(cell.reviewed, cell.mixed) for cell in cells] == [(2, False), (30, False)]


def test_a_stratum_without_reviews_joins_the_one_most_alike() -> None:
    cells = joined([day(20, 0, ELSEWHERE), day(20, 9), day(20, 9, ASKED)])

    assert [(cell.decisions, cell.reviewed, cell.mixed) for cell in cells] == [
        (200, 9, True),
        (100, 9, False),
    ]


@LAW
@given(parts)
def test_cells_take_every_part_in_once(parts: list[Part]) -> None:
    cells = joined(parts)

    assert sorted(part for cell in cells for part in cell.parts) == sorted(parts)


@LAW
@given(parts)
def test_cells_have_reviews_enough_to_be_weighed(parts: list[Part]) -> None:
    cells = joined(parts)

    if sum(part.reviewed for part in parts) >= FEWEST:
        assert all(cell.reviewed >= FEWEST for cell in cells)
    else:
        assert len(cells) <= 1


@LAW
@given(parts)
def test_a_stratum_with_enough_stays_alone_unless_another_needs_it(
    parts: list[Part],
) -> None:
    needy = {
        stratum
        for stratum in {part.stratum for part in parts}
        if sum(p.reviewed for p in parts if p.stratum == stratum) < FEWEST
    }
    for cell in joined(parts):
        if cell.mixed:
            assert needy & {part.stratum for part in cell.parts}


@LAW
@given(parts)
def test_the_order_has_no_part_in_it(parts: list[Part]) -> None:
    assert joined(parts) == joined(reversed(parts))
