"""The gate between the float pipeline and the int8 graph that will serve."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from model.classifier import Classifier
from model.errors import ReplywiseError
from model.prediction import Floats
from training.graph import Heads
from training.heads import Codes, Fold, out_of_fold_logits

SAMPLE = 500
MOST = 3000
"""Replies that are read by the graph; the gate need not wait for all."""
SAME_LABELS = 0.985
PROBABILITY_GAP = 0.02
ACCURACY_LOSS = 0.002


class ParityError(ReplywiseError):
    """The graph answers differently from the pipeline that was trained."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How near the int8 graph is to the float pipeline.

    Attributes:
        replies: how many were compared for labels and probabilities.
        same_labels: share with the same intent.
        probability_gap: mean difference of the top probability.
        held_out: how many held-out replies the accuracies are of.
        accuracy_float: accuracy of float embeddings, by the heads of `folds`.
        accuracy_int8: the same heads on the graph's embeddings.
    """

    replies: int
    same_labels: float
    probability_gap: float
    held_out: int
    accuracy_float: float
    accuracy_int8: float


def measure_parity(
    classifier: Classifier,
    texts: Sequence[str],
    embeddings: Floats,
    codes: Codes,
    *,
    heads: Heads,
    folds: Sequence[Fold],
) -> Parity:
    """Compare the graph with the float pipeline on real replies.

    Args:
        classifier: the int8 graph with `heads`.
        texts: the replies.
        embeddings: theirs, by the float encoder.
        codes: their intents.
        heads: the final heads.
        folds: heads with the rows that each may judge; those that it did not see,
            where there are such.
    """
    rows = np.sort(np.concatenate([fold.rows for fold in folds]))
    rows = rows[codes[rows] >= 0]
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, MOST).astype(int))]
    outputs = classifier.outputs([texts[row] for row in rows])
    # A spread over the whole file, the same in every run.
    sample = np.unique(np.linspace(0, len(rows) - 1, SAMPLE).astype(int))
    exact = softmax(heads.intent.logits(embeddings[rows[sample]]), axis=1)
    packed = outputs.intent_probabilities[sample]
    quantized = embeddings.copy()
    quantized[rows] = outputs.embedding
    truth = codes[rows]
    return Parity(
        replies=len(sample),
        same_labels=float((exact.argmax(1) == packed.argmax(1)).mean()),
        probability_gap=float(np.abs(exact.max(1) - packed.max(1)).mean()),
        held_out=len(rows),
        accuracy_float=_accuracy(embeddings, folds, rows, truth),
        accuracy_int8=_accuracy(quantized, folds, rows, truth),
    )


def require_parity(parity: Parity) -> None:
    """Raise ParityError, with the figures, where the graph is too far off."""
    told = shortfall(parity)
    if told:
        raise ParityError(
            f"parity gate: {told}; no bundle was written. More replies of the rarest "
            "labels make predictions that rounding does not turn"
        )


def shortfall(parity: Parity) -> str | None:
    """Return in what the graph is too far off; None where it is near enough."""
    loss = parity.accuracy_float - parity.accuracy_int8
    if parity.same_labels < SAME_LABELS:
        return (
            f"the graph gives {parity.same_labels:.1%} of {parity.replies} replies the "
            f"label of the float pipeline; at least {SAME_LABELS:.1%} is required"
        )
    if parity.probability_gap > PROBABILITY_GAP:
        return (
            f"top probabilities differ by {parity.probability_gap:.3f} on average; "
            f"at most {PROBABILITY_GAP} is allowed"
        )
    if loss > max(ACCURACY_LOSS, _ONE / parity.held_out):
        return (
            f"accuracy on {parity.held_out} held-out replies falls by {loss:.2%}; "
            f"at most {ACCURACY_LOSS:.1%} is allowed"
        )
    return None


_ONE = 1.5
"""Replies; a single one that falls is no evidence, however few there are."""


def _accuracy(
    embeddings: Floats, folds: Sequence[Fold], rows: Codes, truth: Codes
) -> float:
    parts = [Fold(np.intersect1d(fold.rows, rows), fold.head) for fold in folds]
    logits = out_of_fold_logits(embeddings, parts)
    return float((logits.argmax(1) == truth).mean())
