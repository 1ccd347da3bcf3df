import numpy as np
import pytest

from tests.training.suggest.planted import INTENTS, frame, points, unseen
from training.suggest.label_errors import label_errors, nearest, suspects

TRUTH = np.repeat(np.arange(4), 50)


def flipped(*rows: int) -> "np.ndarray":
    codes = TRUTH.copy()
    codes[list(rows)] = (codes[list(rows)] + 1) % 4
    return codes


def test_flipped_labels_are_found_and_no_others() -> None:
    codes = flipped(3, 60, 199)

    found = suspects(codes, unseen(codes, TRUTH).probabilities)

    assert set(found.tolist()) == {3, 60, 199}


def test_a_suspicion_is_told_with_its_neighbours() -> None:
    codes = flipped(60, 61, 62)

    told, *_ = label_errors(frame(codes), unseen(codes, TRUTH))

    row = int(told.reply_id.removeprefix("r"))
    assert row in {60, 61, 62}
    assert told.place == f"replies.csv:{row + 1}"
    assert (told.given, told.suggested) == (INTENTS[2], INTENTS[1])
    assert told.suggested_probability > 0.9 > told.given_probability
    assert {near.intent for near in told.neighbours} == {INTENTS[1]}
    assert len(told.neighbours) == 5


def test_clean_labels_raise_no_suspicion() -> None:
    assert len(suspects(TRUTH, unseen(TRUTH).probabilities)) == 0


@pytest.mark.parametrize("most", [1, 3])
def test_neighbours_are_of_other_families_the_nearest_first(most: int) -> None:
    rows = points(np.array([0, 0, 0, 1, 1]), noise=0.01)

    [near] = nearest(rows, np.array([0, 0, 1, 2, 3]), np.array([0]), most)

    assert [n for n, _ in near] == [2, *(n for n, _ in near[1:])]
    assert 1 not in [n for n, _ in near]
    assert len(near) == most
