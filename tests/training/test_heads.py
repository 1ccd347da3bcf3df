import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression

from model.prediction import Floats
from training.evaluation import calibration_error
from training.heads import (
    FOLDS,
    STRENGTH,
    Codes,
    Doubles,
    LinearHead,
    fit_confidence,
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


@pytest.mark.parametrize("strange", [0.0, 0.2], ids=["in scope", "a fifth is not"])
def test_confidence_is_the_share_that_is_right(strange: float) -> None:
    rng = np.random.default_rng(4)
    logits = rng.normal(scale=3, size=(20_000, 6))
    codes = drawn(logits, rng)
    # Replies unlike any label have low logits, and no label of theirs is right.
    outside = rng.random(len(codes)) < strange
    logits[outside] = logits[outside] / 3 - 4
    codes = np.where(outside, 5 - logits.argmax(1), codes)
    seen, new = slice(None, 10_000), slice(10_000, None)

    confidence = fit_confidence(logits[seen], codes[seen]).confidence(logits[new])

    right = logits[new].argmax(1) == codes[new]
    assert calibration_error(confidence, right) < 0.04
    assert confidence[right].mean() > confidence[~right].mean() + 0.1


@pytest.mark.parametrize(("wrong", "rate"), [(0, 9 / 10), (8, 1 / 10)])
def test_where_all_are_alike_the_confidence_is_laplaces(
    wrong: int, rate: float
) -> None:
    logits = np.tile([2.0, 0.0, 0.0], (8, 1))
    codes = np.array([1] * wrong + [0] * (8 - wrong))

    confidence = fit_confidence(logits, codes).confidence(logits)

    assert confidence == pytest.approx(np.full(8, rate))


def test_confidence_grows_with_what_it_is_fitted_on() -> None:
    rng = np.random.default_rng(5)
    logits = rng.normal(scale=2, size=(5_000, 4))
    head = fit_confidence(logits, drawn(logits, rng))

    sure, unsure = head.confidence(np.array([[9.0, 0, 0, 0], [0.5, 0.4, 0, 0]]))

    assert sure > 0.95
    assert unsure == pytest.approx(expit(-0.6), abs=0.1)


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
