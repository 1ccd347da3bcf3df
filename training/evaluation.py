"""How good predictions are, with intervals, and what the whole policy makes of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from training.optout_figures import OptOutReport

Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]
Codes = NDArray[np.int64]

RESAMPLES = 500
BINS = 15


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class IntentScore:
    """Precision, recall and F1 (0 to 1) of one label, and its number of replies."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often replies of one label were read as another."""

    truth: str
    predicted: str
    count: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Replies of like confidence: how sure they were, how many were right."""

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """Predicted and true labels of n replies, in one order."""

    truth: Sequence[str]
    predicted: Sequence[str]

    @property
    def right(self) -> Bools:
        """Whether each prediction is right."""
        return np.array(
            [t == p for t, p in zip(self.truth, self.predicted, strict=True)]
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """What is reported of one label set.

    Attributes:
        accuracy: share of right predictions.
        macro_f1: mean F1 over the labels that occur.
        labels: scores by label, worst first.
        confusions: the commonest confusions, commonest first.
    """

    accuracy: Interval
    macro_f1: Interval
    labels: tuple[IntentScore, ...]
    confusions: tuple[Confusion, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """What the confidence is worth.

    Attributes:
        calibration_error: expected calibration error in 15 bins of equal size.
        aurc: area under the curve of risk against coverage.
        reliability: accuracy by confidence.
        coverage: share answered, rising.
        risk: share of wrong among the answered, at each coverage.
    """

    calibration_error: Interval
    aurc: Interval
    reliability: tuple[Bin, ...]
    coverage: tuple[float, ...]
    risk: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the whole policy did: keywords, guards and thresholds included.

    Attributes:
        replies: how many were decided.
        by_action: how many by action.
        automatic: share settled without a person.
        reachable: the share that a model without a mistake or a doubt would settle:
            the rest goes to people because the policy wants it so. Where a reply
            names no sentiment, the one that was read counts.
        wrong_automatic: share of wrong intents among those settled.
        missed_opt_outs: opt-outs that no decision honoured.
        false_opt_outs: opt-outs that nobody asked for.
    """

    replies: int
    by_action: Mapping[str, int]
    automatic: float
    reachable: float
    wrong_automatic: float
    missed_opt_outs: int
    false_opt_outs: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that is reported of a bundle on labelled replies."""

    replies: int
    intent: Scores
    sentiment: Scores | None
    trust: Trust
    outcome: Outcome | None
    opt_outs: OptOutReport | None = None


def score(labelled: Labelled, seed: int, confusions: int = 15) -> Scores:
    """Score predictions; intervals by bootstrap over replies."""
    truth, predicted = np.array(labelled.truth), np.array(labelled.predicted)
    labels = sorted(set(labelled.truth))
    columns = precision_recall_fscore_support(
        truth, predicted, labels=labels, zero_division=0
    )
    rows = tuple(
        IntentScore(label, float(p), float(r), float(f), int(n))
        for label, p, r, f, n in zip(labels, *columns, strict=True)
    )

    # One more code takes every predicted label that is nobody's truth.
    known = {label: code for code, label in enumerate(labels)}
    codes = np.array([known[label] for label in labelled.truth])
    told = np.array([known.get(label, len(labels)) for label in labelled.predicted])
    right = labelled.right
    return Scores(
        accuracy=interval(lambda s: float(right[s].mean()), len(right), seed),
        macro_f1=interval(
            lambda s: macro_f1(codes[s], told[s], len(labels)), len(right), seed
        ),
        labels=tuple(sorted(rows, key=lambda row: row.f1)),
        confusions=_confusions(labelled, confusions),
    )


def macro_f1(truth: Codes, predicted: Codes, labels: int) -> float:
    """Return the mean F1 over those of the first `labels` codes that occur.

    Counts, not scikit-learn's function, which takes fifty times as long for each of
    five hundred resamples; a test holds the two together.
    """
    hits = np.bincount(truth[truth == predicted], minlength=labels)[:labels]
    there = np.bincount(truth, minlength=labels)[:labels]
    either = there + np.bincount(predicted, minlength=labels)[:labels]
    return float((2 * hits / np.maximum(either, 1))[there > 0].mean())


def trust(confidence: Doubles, right: Bools, seed: int) -> Trust:
    """Report what a confidence is worth; intervals by bootstrap over replies."""
    risk = risk_curve(confidence, right)
    coverage = np.arange(1, len(risk) + 1) / len(risk)
    # The page draws a few hundred points, not one a reply.
    shown = np.unique(np.linspace(0, len(risk) - 1, 200).astype(int))
    return Trust(
        calibration_error=interval(
            lambda s: calibration_error(confidence[s], right[s]), len(right), seed
        ),
        aurc=interval(
            lambda s: float(risk_curve(confidence[s], right[s]).mean()),
            len(right),
            seed,
        ),
        reliability=tuple(reliability(confidence, right)),
        coverage=tuple(coverage[shown].tolist()),
        risk=tuple(risk[shown].tolist()),
    )


def reliability(confidence: Doubles, right: Bools) -> list[Bin]:
    """Return bins of equal size, least confident first."""
    order = np.argsort(confidence, kind="stable")
    return [
        Bin(float(confidence[part].mean()), float(right[part].mean()), len(part))
        for part in np.array_split(order, BINS)
        if len(part)
    ]


def calibration_error(confidence: Doubles, right: Bools) -> float:
    """Return the expected calibration error (Naeini et al. 2015), 0 to 1."""
    bins = reliability(confidence, right)
    told = sum(abs(b.confidence - b.accuracy) * b.count for b in bins)
    return float(told / len(right))


def risk_curve(confidence: Doubles, right: Bools) -> Doubles:
    """Return the share of wrong among the k most confident, for k from 1 to n."""
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    return np.asarray(wrong / np.arange(1, len(right) + 1), dtype=np.float64)


def interval(
    statistic: Callable[[NDArray[np.int64]], float], size: int, seed: int
) -> Interval:
    """Return a statistic of all rows with its 95 % percentile bootstrap interval."""
    rng = np.random.default_rng(seed)
    values = [statistic(rng.integers(0, size, size)) for _ in range(RESAMPLES)]
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(statistic(np.arange(size)), float(low), float(high))


def _confusions(labelled: Labelled, most: int) -> tuple[Confusion, ...]:
    counts: dict[tuple[str, str], int] = {}
    for truth, predicted in zip(labelled.truth, labelled.predicted, strict=True):
        if truth != predicted:
            counts[truth, predicted] = counts.get((truth, predicted), 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confusion(t, p, count) for (t, p), count in ordered[:most])
