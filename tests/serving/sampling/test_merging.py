from hypothesis import given, settings
from hypothesis import strategies as st

from serving.sampling.merging import merged
from serving.sampling.stratum import ANY, Stratum
from tests.serving.sampling.making import counts

LAW = settings(deadline=None, max_examples=50)


def answered(program: str, band: str = "0.98-1") -> Stratum:
    return Stratum("answered", "model", "usual", band, program)


def test_strata_stay_as_they_are_where_there_are_few() -> None:
    sizes = {answered("acme"): 100, answered("other"): 3}

    assert merged(sizes, 2) == {stratum: stratum for stratum in sizes}


def test_small_programs_are_drawn_together_first() -> None:
    sizes = {answered("acme"): 100, answered("other"): 3, answered("third"): 2}

    into = merged(sizes, 2)

    assert into[answered("acme")] == answered("acme")
    assert into[answered("other")] == into[answered("third")] == answered("*")


def test_what_was_done_is_the_last_thing_to_be_forgotten() -> None:
    escalated = Stratum("escalated", "model", "*", "0-0.5", "acme")
    sizes = {answered("acme"): 5, answered("other"): 4, escalated: 3}

    into = merged(sizes, 2)

    assert into[escalated].done == "escalated"
    assert into[answered("acme")] == into[answered("other")]


@LAW
@given(counts, st.integers(1, 12))
def test_there_are_never_more_than_allowed_and_no_one_is_lost(
    sizes: dict[Stratum, int], most: int
) -> None:
    into = merged(sizes, most)

    assert into.keys() == sizes.keys()
    assert len(set(into.values())) <= most
    for fine, coarse in into.items():
        pairs = zip(fine, coarse, strict=True)
        assert all(one in (other, ANY) for other, one in pairs)


@LAW
@given(counts, st.integers(1, 12))
def test_a_part_is_given_up_only_where_the_lesser_ones_were_not_enough(
    sizes: dict[Stratum, int], most: int
) -> None:
    into = merged(sizes, most)
    without_program = {stratum.without("program") for stratum in sizes}

    if len(without_program) <= most:
        for fine, coarse in into.items():
            assert coarse in (fine, fine.without("program"))


@LAW
@given(counts, st.integers(1, 12), st.randoms(use_true_random=False))
def test_the_order_of_the_strata_has_no_part_in_it(
    sizes: dict[Stratum, int], most: int, random: st.DrawFn
) -> None:
    items = list(sizes.items())
    random.shuffle(items)  # type: ignore[attr-defined] # a random.Random

    assert merged(dict(items), most) == merged(sizes, most)
