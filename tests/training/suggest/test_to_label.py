import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.suggest.planted import INTENTS, points, texts, unseen
from training.suggest.to_label import choose, distances, to_label, worth

LABELLED = np.repeat(np.arange(4), 10)


def test_what_is_unlike_anything_labelled_comes_first() -> None:
    recent = points(np.array([0, 5, 0, 1]), noise=0.01)

    told = to_label(texts(["a", "b", "c", "d"]), unseen(LABELLED, recent=recent), 4)

    assert told[0].reply_id == "t1"
    assert told[0].novelty > 0.5
    assert told[0].confidence < 0.5


def test_two_alike_are_not_both_worth_a_label() -> None:
    recent = points(np.array([5, 5, 6]), noise=0.01)

    told = to_label(texts(["a", "b", "c"]), unseen(LABELLED, recent=recent), 2)

    assert {one.reply_id for one in told} & {"t2"}
    assert len({one.reply_id for one in told} & {"t0", "t1"}) == 1


def test_what_comes_often_is_worth_more() -> None:
    recent = points(np.array([5, 6]), noise=0.0)

    told = to_label(texts(["a", "b"], [1, 50]), unseen(LABELLED, recent=recent), 1)

    assert (told[0].reply_id, told[0].count) == ("t1", 50)


def test_nothing_recent_is_nothing_to_label() -> None:
    assert to_label(texts([]), unseen(LABELLED), 5) == ()


def test_a_text_tells_what_it_is_taken_for() -> None:
    [one] = to_label(
        texts(["a"]), unseen(LABELLED, recent=points(np.array([2]), noise=0.3)), 5
    )

    assert one.intent == INTENTS[2]


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=20),
    st.integers(1, 25),
    st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_each_is_chosen_once_and_no_more_than_asked(
    doubts: list[float], most: int, seed: int
) -> None:
    rows = points(np.random.default_rng(seed).integers(0, 8, len(doubts)), seed=seed)
    weights = np.array(doubts)

    chosen = choose(rows, weights, np.ones(len(doubts)), most)

    assert len(set(chosen)) == len(chosen) <= min(most, len(doubts))
    assert all(weights[row] > 0 for row in chosen)
    if chosen:
        assert weights[chosen[0]] == weights.max()


def test_distance_is_to_the_nearest() -> None:
    known = points(np.array([0, 1]), noise=0)

    far = distances(points(np.array([1, 5]), noise=0), known)

    assert far.tolist() == [0, 1]
    assert distances(known, known[:0]).tolist() == [1, 1]


def test_worth_grows_with_doubt_and_count() -> None:
    told = worth(np.array([0.9, 0.5, 0.5]), np.array([1.0, 1.0, 3.0]))

    assert told[0] < told[1] < told[2]
    assert told[2] == 2 * told[1]
