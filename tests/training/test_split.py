import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.split import SPARED_SHARE, spared

NAMES = st.lists(st.text(), min_size=1, max_size=20)


def test_about_the_promised_share_of_groups_is_spared() -> None:
    share = spared([f"group-{n}" for n in range(5_000)]).mean()

    assert abs(share - SPARED_SHARE) < 0.02


def test_the_choice_is_the_same_for_ever() -> None:
    chosen = spared([f"group-{n}" for n in range(20)])

    assert np.flatnonzero(chosen).tolist() == [12, 13]


@given(NAMES)
def test_replies_of_one_group_stay_together(groups: list[str]) -> None:
    chosen = spared(groups * 2)

    assert chosen[: len(groups)].tolist() == chosen[len(groups) :].tolist()


@given(NAMES, NAMES)
def test_what_is_added_later_changes_nothing(old: list[str], new: list[str]) -> None:
    assert spared([*old, *new])[: len(old)].tolist() == spared(old).tolist()
