"""Cross-fitting: every reply is judged by an encoder that was tuned without it.

An encoder is surer of a reply it was tuned on than of a new one, so calibration and
thresholds may rest only on predictions of encoders that did not see the reply. The
labelled replies are dealt into folds, one encoder is tuned without each, and what
each says of its own fold is kept (Chernozhukov et al. 2018 call this cross-fitting).
"""

import copy
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.model_selection import StratifiedGroupKFold

from training.encoder import Encoder, embed_with
from training.heads import Codes, Doubles, LinearHead
from training.tune import FEW, OUTSIDE, Lesson, Tuned, epochs_for, tune

FOLDS = 3
FOLDS_OF_FEW = 4
"""With few replies each fold can spare less."""
OUTSIDE_LIMIT = 0.3
"""Texts from outside that are learned from, as a share of the lesson."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Logits by heads that saw none of the replies; rows in the replies' order."""

    intent: Doubles
    sentiment: Doubles
    opt_out: Doubles


@dataclass(frozen=True, slots=True)
class CrossFit:
    """What cross-fitting gives.

    Attributes:
        tuned: one model of all folds together.
        judged: each row of the lesson by the fold that did not see it.
        outside: texts from outside the lesson, each by one of the folds.
    """

    tuned: Tuned
    judged: Judged
    outside: Judged


def cross_fit(
    encoder: Encoder,
    lesson: Lesson,
    held: Sequence[Codes],
    outside: Sequence[str],
    *,
    seed: int,
    progress: Callable[[int], None],
) -> CrossFit:
    """Tune one encoder without each part of `held`, and average them.

    Args:
        encoder: where each begins.
        lesson: what there is to learn.
        held: the rows that each fold leaves out; every row in one of them.
        outside: texts of none of the intents. Each encoder learns from some of them
            that it does not judge ("outlier exposure", Hendrycks et al. 2019).
        seed: of everything random.
        progress: is told of each reply gone through.
    """
    models: list[Tuned] = []
    parts: list[Judged] = []
    far: list[Judged] = []
    for number, rows in enumerate(held):
        kept = np.setdiff1d(np.arange(len(lesson.texts)), rows)
        part = lesson.part(kept)
        part = part.joined(_shown(outside, held, number), OUTSIDE)
        tuned = tune(encoder, part, seed=seed + number, progress=progress)
        models.append(tuned)
        parts.append(_judge(tuned, encoder, lesson.part(rows).texts))
        far.append(_judge(tuned, encoder, outside[number :: len(held)]))
    order = np.argsort(np.concatenate(held))
    dealt = [np.arange(len(outside))[n :: len(held)] for n in range(len(held))]
    back = np.argsort(np.concatenate(dealt))
    return CrossFit(average(models), _joined(parts, order), _joined(far, back))


def gone_through(held: Sequence[Codes], outside: Sequence[str]) -> int:
    """Return of how many texts `cross_fit` will tell its `progress`."""
    rows = sum(map(len, held))
    sizes = [
        rows - len(part) + len(_shown(outside, held, number))
        for number, part in enumerate(held)
    ]
    return sum(size * epochs_for(size) for size in sizes)


def _shown(outside: Sequence[str], held: Sequence[Codes], number: int) -> list[str]:
    """Return what a fold learns from: texts that others judge, and not too many."""
    others = [t for n, t in enumerate(outside) if n % len(held) != number]
    kept = sum(map(len, held)) - len(held[number])
    return others[: int(OUTSIDE_LIMIT * kept)]


def deal(codes: Codes, families: Codes, seed: int) -> list[Codes]:
    """Deal rows into folds: families whole, labels spread evenly."""
    folds = FOLDS_OF_FEW if len(codes) < FEW else FOLDS
    folds = min(folds, len(np.unique(families)))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A label with fewer rows than folds is in some folds only; so be it.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        parts = list(splitter.split(codes, codes, families))
    return [held for _, held in parts]


def average(models: Sequence[Tuned]) -> Tuned:
    """Return the mean of models that began alike (Wortsman et al. 2022)."""
    body = copy.deepcopy(models[0].body)
    states = [model.body.state_dict() for model in models]
    body.load_state_dict(
        {
            name: torch.stack([state[name] for state in states]).mean(0)
            for name in states[0]
        }
    )
    return Tuned(
        body,
        _mean_head([model.intent for model in models]),
        _mean_head([model.sentiment for model in models]),
        _mean_head([model.opt_out for model in models]),
    )


def _judge(tuned: Tuned, encoder: Encoder, texts: Sequence[str]) -> Judged:
    embeddings = (
        embed_with(tuned.body, encoder.tokenizer, texts)
        if texts
        else np.zeros((0, tuned.intent.weight.shape[1]), dtype=np.float32)
    )
    return Judged(
        tuned.intent.logits(embeddings),
        tuned.sentiment.logits(embeddings),
        tuned.opt_out.logits(embeddings),
    )


def _joined(parts: Sequence[Judged], order: Codes) -> Judged:
    return Judged(
        np.concatenate([part.intent for part in parts])[order],
        np.concatenate([part.sentiment for part in parts])[order],
        np.concatenate([part.opt_out for part in parts])[order],
    )


def _mean_head(heads: Sequence[LinearHead]) -> LinearHead:
    weight = np.stack([head.weight for head in heads]).mean(0, dtype=np.float32)
    bias = np.stack([head.bias for head in heads]).mean(0, dtype=np.float32)
    return LinearHead(weight, bias)
