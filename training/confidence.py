"""The confidence: how likely the first intent is right, whatever comes in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp
from sklearn.linear_model import LogisticRegression

from model.prediction import Floats
from training.heads import Codes, Doubles

SIGNALS = ("certainty", "lead", "energy", "length", "unknown_words")
"""What separates right from wrong, in the order of the columns."""

OUTSIDE_SHARE = 0.15
"""Share of replies from outside the label set in the stream that confidence is of."""

_STRENGTH = 1.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the tokenizer tells of n replies.

    Attributes:
        length: tokens of each.
        unknown: how many of those the vocabulary lacks.
    """

    length: Codes
    unknown: Codes


@dataclass(frozen=True, slots=True)
class Seen:
    """Out-of-fold logits of n replies, with what the tokenizer tells of them."""

    logits: Doubles
    tokens: Tokens

    def part(self, rows: Codes | NDArray[np.bool_]) -> "Seen":
        """Return some of the rows."""
        tokens = Tokens(self.tokens.length[rows], self.tokens.unknown[rows])
        return Seen(self.logits[rows], tokens)


@dataclass(frozen=True, slots=True)
class ConfidenceHead:
    """Inside the label set, and right there: the product of two logistic regressions.

    One regression would have to weigh both questions in one sum, and a reply that is
    unlike every label but much nearer to one than to the others would pass.

    Attributes:
        inside: log-odds of being inside for a unit of each signal (k).
        right: log-odds of being right there, likewise (k).
        bias: log-odds of both for a typical right prediction (2).
        typical: mean signals of right predictions (k).
    """

    inside: Floats
    right: Floats
    bias: Floats
    typical: Floats

    def confidence(self, seen: Seen) -> Doubles:
        """Return the confidence (0 to 1) of each reply."""
        apart = signals(seen) - self.typical
        inside = expit(apart @ self.inside + self.bias[0])
        right = expit(apart @ self.right + self.bias[1])
        return np.asarray(inside * right, dtype=np.float64)


def signals(seen: Seen) -> Doubles:
    """Return the signals (n x k), columns as `SIGNALS`.

    The log-probability of the first intent, its lead over the second, the energy
    (log-sum-exp) of the logits, which is low for replies unlike any label (Liu et
    al. 2020), the log of the number of tokens, and the share of unknown ones.
    """
    top = np.sort(seen.logits, axis=1)[:, -2:]
    energy = logsumexp(seen.logits, axis=1)
    return np.column_stack(
        [
            top[:, 1] - energy,
            top[:, 1] - top[:, 0],
            energy,
            np.log(seen.tokens.length),
            seen.tokens.unknown / seen.tokens.length,
        ]
    )


def fit_confidence(
    inside: Seen, right: NDArray[np.bool_], outside: Sequence[Seen] = ()
) -> ConfidenceHead:
    """Fit the confidence on predictions of replies that the model has not seen.

    Args:
        inside: replies with a label of the set.
        right: whether the first intent is theirs.
        outside: predictions that are wrong because nothing in the set would be
            right, by source; the sources weigh the same, together `OUTSIDE_SHARE`
            of the stream.
    """
    rows = signals(inside)
    typical = rows[right].mean(0) if right.any() else rows.mean(0)
    sources = [part for part in outside if len(part.logits)]
    share = OUTSIDE_SHARE / (1 - OUTSIDE_SHARE) * len(rows)
    weights = [np.ones(len(rows))]
    for part in sources:
        alike = _alike(inside.tokens.length, part.tokens.length)
        weights.append(alike * share / len(sources) / alike.sum())
    every = np.concatenate([rows, *map(signals, sources)]) - typical
    is_inside = np.arange(len(every)) < len(rows)
    in_weight, in_bias = _logistic(every, is_inside, np.concatenate(weights), _INSIDE)
    weight, bias = _logistic(rows - typical, right, weights[0], _RIGHT)
    return ConfidenceHead(
        in_weight,
        weight,
        np.array([in_bias, bias], dtype=np.float32),
        typical.astype(np.float32),
    )


def _logistic(
    rows: Doubles, true: NDArray[np.bool_], weights: Doubles, columns: Sequence[int]
) -> tuple[Floats, float]:
    """Fit on some columns; where all rows agree, Laplace's rule of succession."""
    weight = np.zeros(rows.shape[1], dtype=np.float32)
    if true.all() or not true.any():
        return weight, float(np.log((true.sum() + 1) / ((~true).sum() + 1)))
    used = rows[:, columns]
    scale = used.std(0) + 1e-6
    estimator = LogisticRegression(C=_STRENGTH, max_iter=1000)
    estimator.fit(used / scale, true, sample_weight=weights)
    weight[list(columns)] = estimator.coef_[0] / scale
    return weight, float(estimator.intercept_[0])


def without_label(seen: Seen, codes: Codes) -> Seen:
    """Return how replies would look if their own label did not exist.

    A stand-in for requests near the label set that nobody has named yet: the true
    label's column is taken away.
    """
    logits = seen.logits.copy()
    logits[np.arange(len(codes)), codes] = _GONE
    return Seen(logits, seen.tokens)


def _alike(inside: Codes, outside: Codes) -> Doubles:
    """Return weights that give `outside` the lengths of `inside`.

    The stand-ins for what comes from outside are longer or shorter than the replies
    of a set for reasons of their own; confidence must not learn from that.
    """
    edges = np.unique(np.quantile(inside, np.linspace(0, 1, 9)[1:-1]))
    there, here = np.digitize(outside, edges), np.digitize(inside, edges)
    most = len(edges) + 1
    wanted = np.bincount(here, minlength=most) / len(inside)
    found = np.bincount(there, minlength=most)
    return (wanted / np.maximum(found, 1))[there] + _LEAST


_GONE = -1e4
_INSIDE = (2,)
_RIGHT = (0, 1, 3, 4)
_LEAST = 1e-6
