import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from model.prediction import Floats
from training.heads import (
    FOLDS,
    STRENGTH,
    Codes,
    Doubles,
    LinearHead,
    fit_head,
    hold_out,
    out_of_fold_logits,
    temperature_of,
)


def clouds(labels: int, *, rows: int = 240, seed: int = 1) -> tuple[Floats, Codes]:
    """Return embeddings of length 1 in one cloud a label, in mixed order."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, labels, rows)
    points = rng.normal(size=(labels, 8))[codes] + rng.normal(size=(rows, 8))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32), codes


def drawn(logits: Doubles, rng: np.random.Generator) -> Codes:
    """Return labels drawn from the softmax of the logits."""
    below = softmax(logits, 1).cumsum(1) < rng.random((len(logits), 1))
    return np.asarray(below.sum(1), dtype=np.int64)


@pytest.mark.parametrize("labels", [3, 7])
def test_logits_of_many_labels_are_scikit_learns(labels: int) -> None:
    embeddings, codes = clouds(labels)
    estimator = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3)
    estimator.fit(embeddings, codes)

    logits = fit_head(embeddings, codes, labels).logits(embeddings)

    assert logits == pytest.approx(estimator.decision_function(embeddings), abs=1e-4)


def test_two_logits_lie_apart_by_scikit_learns_decision() -> None:
    embeddings, codes = clouds(2)
    estimator = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3)
    estimator.fit(embeddings, codes)

    logits = fit_head(embeddings, codes, 2).logits(embeddings)

    decision = estimator.decision_function(embeddings)
    assert logits[:, 1] - logits[:, 0] == pytest.approx(decision, abs=1e-4)
    expected = estimator.predict_proba(embeddings)
    assert softmax(logits, axis=1) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("labels", [2, 4])
def test_a_label_without_rows_is_never_predicted(labels: int) -> None:
    embeddings, codes = clouds(labels)

    logits = fit_head(embeddings, codes + 1, labels + 2).logits(embeddings)

    assert softmax(logits, axis=1)[:, [0, labels + 1]].max() < 1e-6
    assert set(logits.argmax(1)) <= set(range(1, labels + 1))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_spoiled_the_logits_is_found(temperature: float) -> None:
    rng = np.random.default_rng(2)
    honest = rng.normal(scale=2, size=(20_000, 5))
    codes = drawn(honest, rng)

    found = temperature_of(honest * temperature, codes)

    assert found == pytest.approx(temperature, rel=0.05)


def test_a_cooled_head_divides_its_logits() -> None:
    embeddings, codes = clouds(3)
    head = fit_head(embeddings, codes, 3)

    cooled = head.cooled(2.0)

    halves = head.logits(embeddings) / 2
    assert cooled.logits(embeddings) == pytest.approx(halves, abs=1e-5)


@pytest.mark.parametrize("labels", [2, 3])
def test_where_all_bear_one_label_it_is_predicted(labels: int) -> None:
    embeddings, _ = clouds(2)

    head = fit_head(embeddings, np.ones(240, dtype=np.int64), labels)

    assert softmax(head.logits(embeddings), axis=1)[:, 1].min() > 0.999
    assert head.weight.shape == (labels, 8)


def test_a_head_without_weights_fits_any_embedding() -> None:
    never = LinearHead(np.zeros((2, 1), np.float32), np.array([0, -30], np.float32))
    embeddings, codes = clouds(3)
    other = fit_head(embeddings, codes, 3)

    assert never.widened(8).logits(embeddings)[:, 1].max() == -30
    assert other.widened(8) is other


@pytest.fixture
def scored() -> NDArray[np.bool_]:
    return np.asarray(np.arange(240) % 4 != 0)


def test_every_scored_reply_is_held_out_once(scored: NDArray[np.bool_]) -> None:
    embeddings, codes = clouds(3)

    folds = hold_out(embeddings, codes, np.arange(240), 3, scored=scored, seed=1)

    assert len(folds) == FOLDS
    held = np.sort(np.concatenate([fold.rows for fold in folds]))
    assert held.tolist() == np.flatnonzero(scored).tolist()


def test_a_family_is_held_out_together(scored: NDArray[np.bool_]) -> None:
    embeddings, codes = clouds(3)
    families = np.arange(240) // 6

    folds = hold_out(embeddings, codes, families, 3, scored=scored, seed=1)

    parts = [set(families[fold.rows].tolist()) for fold in folds]
    assert sum(map(len, parts)) == len(set.union(*parts))


def test_a_reply_is_scored_by_a_head_that_never_saw_it(
    scored: NDArray[np.bool_],
) -> None:
    embeddings, codes = clouds(3)
    lied = codes.copy()
    lied[1] = (codes[1] + 1) % 3

    def logits(labels: Codes) -> Doubles:
        folds = hold_out(embeddings, codes, np.arange(240), 3, scored=scored, seed=1)
        [fold] = [fold for fold in folds if 1 in fold.rows]
        kept = np.ones(240, dtype=bool)
        kept[fold.rows] = False
        head = fit_head(embeddings[kept], labels[kept], 3)
        assert head.logits(embeddings) == pytest.approx(fold.head.logits(embeddings))
        return head.logits(embeddings[1:2])

    assert logits(lied) == pytest.approx(logits(codes))


def test_logits_come_back_in_row_order(scored: NDArray[np.bool_]) -> None:
    embeddings, codes = clouds(3)
    folds = hold_out(embeddings, codes, np.arange(240), 3, scored=scored, seed=1)
    numbered = [
        type(fold)(fold.rows, LinearHead(np.eye(1, dtype=np.float32), np.zeros(1, "f")))
        for fold in folds
    ]
    numbers = np.arange(240, dtype=np.float32)[:, None]

    logits = out_of_fold_logits(numbers, numbered)

    assert logits[:, 0].tolist() == np.flatnonzero(scored).tolist()
