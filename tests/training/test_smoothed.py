import numpy as np
import pytest
from scipy.special import softmax

from model.prediction import Floats
from training.heads import Codes, LinearHead
from training.smoothed import fit_smoothed
from training.tune import REACH, SMOOTHING

LABELS, DIM = 4, 8


def clouds(spread: float, rows: int = 200) -> tuple[Floats, Codes]:
    """Return embeddings of length 1 in one cloud a label, each in a corner."""
    rng = np.random.default_rng(1)
    codes = np.arange(rows) % LABELS
    points = np.eye(LABELS, DIM)[codes] + spread * rng.normal(size=(rows, DIM))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32), codes


def begun(seed: int) -> LinearHead:
    rng = np.random.default_rng(seed)
    weight = 3 * rng.normal(size=(LABELS, DIM))
    return LinearHead(weight.astype(np.float32), np.zeros(LABELS, dtype=np.float32))


@pytest.mark.parametrize("directions", [True, False], ids=["directions", "free"])
def test_what_is_taught_is_learned(*, directions: bool) -> None:
    embeddings, codes = clouds(0.2)

    head = fit_smoothed(embeddings, codes, begun(2), directions=directions)

    assert (head.logits(embeddings).argmax(1) == codes).mean() > 0.99
    assert head.weight.dtype == head.bias.dtype == np.float32


def test_sureness_ends_where_the_smoothing_says() -> None:
    embeddings, codes = clouds(0.0)

    head = fit_smoothed(embeddings, codes, begun(2), directions=False)

    sure = softmax(head.logits(embeddings), axis=1).max(1)
    assert sure == pytest.approx(1 - SMOOTHING + SMOOTHING / LABELS, abs=0.002)


def test_intents_are_directions_of_one_length() -> None:
    embeddings, codes = clouds(0.2)

    head = fit_smoothed(embeddings, codes, begun(2), directions=True)

    lengths = np.linalg.norm(head.weight, axis=1)
    assert lengths == pytest.approx(np.full(LABELS, REACH), rel=1e-5)


@pytest.mark.parametrize("directions", [True, False], ids=["directions", "free"])
def test_the_head_is_the_same_wherever_it_begins(*, directions: bool) -> None:
    embeddings, codes = clouds(0.4)

    first, second = (
        softmax(
            fit_smoothed(embeddings, codes, begun(seed), directions=directions).logits(
                embeddings
            ),
            axis=1,
        )
        for seed in (2, 3)
    )

    assert first == pytest.approx(second, abs=0.01)


def test_where_it_begins_is_left_alone() -> None:
    start, again = begun(2), begun(2)

    fit_smoothed(*clouds(0.2), start, directions=False)

    assert np.array_equal(start.weight, again.weight)
    assert np.array_equal(start.bias, again.bias)
