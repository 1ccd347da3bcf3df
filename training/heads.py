"""Linear heads on embeddings: fitted by scikit-learn, calibrated out of fold."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from model.prediction import Floats

Doubles = NDArray[np.float64]
Codes = NDArray[np.int64]

FOLDS = 5
STRENGTH = 10.0
"""Inverse regularisation. 3 to 30 were within 0.4 point of macro-F1 of each other on
replies held out by writer; 10 was the best of them."""


@dataclass(frozen=True, slots=True)
class LinearHead:
    """Embedding to calibrated logits: weight (labels x dim) and bias (labels)."""

    weight: Floats
    bias: Floats

    def logits(self, embeddings: Floats) -> Doubles:
        """Return logits (n x labels); their softmax is the probability."""
        return np.asarray(embeddings @ self.weight.T + self.bias, dtype=np.float64)

    def cooled(self, temperature: float) -> "LinearHead":
        """Return the head with its logits divided by `temperature`."""
        scale = np.float32(1 / temperature)
        return LinearHead(self.weight * scale, self.bias * scale)

    def widened(self, dim: int) -> "LinearHead":
        """Return a head without weights as one for embeddings of `dim` numbers."""
        if self.weight.any():
            return self
        return LinearHead(np.zeros((len(self.bias), dim), np.float32), self.bias)


def fit_head(
    embeddings: Floats, codes: Codes, labels: int, strength: float = STRENGTH
) -> LinearHead:
    """Fit multinomial logistic regression; a label without rows is never predicted."""
    weight = np.zeros((labels, embeddings.shape[1]), dtype=np.float32)
    bias = np.full(labels, _NEVER, dtype=np.float32)
    if (codes == codes[0]).all():
        bias[codes[0]] = 0
        return LinearHead(weight, bias)
    estimator = LogisticRegression(C=strength, max_iter=300, tol=1e-3)
    estimator.fit(embeddings, codes)
    coefficients, intercepts = estimator.coef_, estimator.intercept_
    if len(estimator.classes_) == 2:  # noqa: PLR2004 - scikit-learn keeps one row then
        coefficients = np.vstack([-coefficients, coefficients]) / 2
        intercepts = np.concatenate([-intercepts, intercepts]) / 2
    weight[estimator.classes_] = coefficients
    bias[estimator.classes_] = intercepts
    return LinearHead(weight, bias)


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows that were held out, with the head that was fitted without their families."""

    rows: NDArray[np.int64]
    head: LinearHead


def hold_out(
    embeddings: Floats,
    codes: Codes,
    families: Codes,
    labels: int,
    *,
    scored: NDArray[np.bool_],
    seed: int,
) -> list[Fold]:
    """Hold the `scored` rows out in turn; a row without a code helps nobody."""
    chosen = np.flatnonzero(scored)
    groups = families[chosen]
    count = min(FOLDS, len(np.unique(groups)))
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    folds: list[Fold] = []
    with warnings.catch_warnings():
        # A label with fewer rows than folds is in some folds only; so be it.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        parts = list(splitter.split(chosen, codes[chosen], groups))
    for _, held in parts:
        rows = chosen[held]
        kept = codes >= 0
        kept[rows] = False
        folds.append(Fold(rows, fit_head(embeddings[kept], codes[kept], labels)))
    return folds


def out_of_fold_logits(embeddings: Floats, folds: Sequence[Fold]) -> Doubles:
    """Return the logits of held-out rows in row order, as `np.flatnonzero(scored)`."""
    rows = np.concatenate([fold.rows for fold in folds])
    logits = np.concatenate([f.head.logits(embeddings[f.rows]) for f in folds])
    return logits[np.argsort(rows)]


def temperature_of(logits: Doubles, codes: Codes) -> float:
    """Return the temperature that makes the softmax likeliest (Guo et al. 2017)."""

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scaled[np.arange(len(codes)), codes].mean())

    found = minimize_scalar(loss, bounds=(-3, 3), method="bounded")
    return float(np.exp(found.x))


_NEVER = -30.0
