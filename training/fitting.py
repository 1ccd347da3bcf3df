"""Heads, and the unseen predictions that they are calibrated on.

Two ways lead there. A general encoder is as honest about a labelled reply as about a
new one, so heads in folds are enough. An encoder that learns from the replies is
tuned in folds itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model.prediction import Floats
from training.cache import embed_cached
from training.confidence import Seen, fit_confidence, without_label
from training.crossfit import CrossFit, Judged, cross_fit, deal, gone_through
from training.dataset import SENTIMENTS
from training.encoder import Encoder, embed_with, make_encoder
from training.graph import Heads
from training.heads import (
    Codes,
    Doubles,
    Fold,
    LinearHead,
    fit_head,
    hold_out,
    out_of_fold_logits,
    temperature_of,
)
from training.held_out import HeldOut, keys_of
from training.material import Material, outliers, tokens_of, unknown_token, unlike
from training.progress import Steps
from training.sources import EncoderSource
from training.tune import UNKNOWN


@dataclass(frozen=True, slots=True)
class Fitted:
    """Final heads, and what was said of texts by models that had not seen them.

    Attributes:
        heads: calibrated.
        unseen: calibrated logits of each text of the material, in its order.
        confidence: of each text (0 to 1).
        temperatures: by which logits of intent, sentiment and opt-out were divided.
        judges: intent heads for the parity gate, with the rows that each may judge.
    """

    heads: Heads
    unseen: Judged
    confidence: Doubles
    temperatures: Sequence[float]
    judges: Sequence[Fold]


def fit_heads(
    material: Material, source: EncoderSource, cache: Path, steps: Steps, *, seed: int
) -> Fitted:
    """Fit heads on the embeddings of a general encoder, each text held out once."""
    texts = [*material.texts, *outliers()]
    with steps.step("Embedding replies", len(texts)) as progress:
        every = embed_cached(source, texts, cache, progress)
    embeddings, far = np.split(every, [len(material.texts)])
    kept = unlike(embeddings, far)
    with steps.step("Fitting and calibrating heads"):
        tasks = (
            _Task(material.intents, len(material.names), None),
            _Task(material.sentiments, len(SENTIMENTS), source.sentiment),
            _Task(material.opt_outs, 2, NEVER_ASKS),
        )
        fits = [
            _in_folds(embeddings, far[kept], task, material.family, seed)
            for task in tasks
        ]
        return _calibrated(
            [fit.head for fit in fits],
            Judged(*(fit.unseen for fit in fits)),
            Judged(*(fit.outside for fit in fits)),
            material,
            [t for t, k in zip(outliers(), kept, strict=True) if k],
            source.tokenizer,
            fits[0].folds,
        )


def fit_deep(
    material: Material, encoder: Encoder, steps: Steps, *, seed: int, digest: str
) -> tuple[Fitted, Encoder]:
    """Tune the encoder in folds; the heads are those that it was tuned with."""
    strangers = _strangers(material, encoder)
    held = deal(material.intents, material.family, seed)
    total = gone_through(held, strangers)
    with steps.step("Tuning the encoder in folds", total) as progress:
        fit: CrossFit = cross_fit(
            encoder,
            material.lesson,
            held,
            strangers,
            seed=seed,
            progress=progress,
        )
    tuned = fit.tuned
    if (material.opt_outs == UNKNOWN).all():
        # Nothing taught this head; it must not guess.
        never = NEVER_ASKS.widened(tuned.intent.weight.shape[1])
        tuned = replace(tuned, opt_out=never)
    made = make_encoder(encoder.name, encoder.tokenizer, tuned.body, digest)
    everything = Fold(np.arange(len(material.texts)), tuned.intent)
    heads = [tuned.intent, tuned.sentiment, tuned.opt_out]
    fitted = _calibrated(
        heads,
        fit.judged,
        fit.outside,
        material,
        strangers,
        encoder.tokenizer,
        [everything],
    )
    return fitted, made


def _strangers(material: Material, encoder: Encoder) -> list[str]:
    """Return the stand-ins for outsiders that the encoder learns from.

    None where an intent is for what no other is about: what such a set calls outside
    its own replies say, and stand-ins taught it to hold odd questions for outside.
    """
    if material.outside is not None:
        return []
    near = embed_with(encoder.body, encoder.tokenizer, material.texts)
    far = embed_with(encoder.body, encoder.tokenizer, outliers())
    kept = unlike(near, far)
    return [text for text, far_off in zip(outliers(), kept, strict=True) if far_off]


@dataclass(frozen=True, slots=True)
class _Task:
    """What a head learns, and the one to keep where no text tells it."""

    codes: Codes
    labels: int
    default: LinearHead | None


@dataclass(frozen=True, slots=True)
class _Fit:
    head: LinearHead
    unseen: Doubles
    outside: Doubles
    folds: Sequence[Fold]


def _in_folds(
    embeddings: Floats, far: Floats, task: _Task, family: Codes, seed: int
) -> _Fit:
    """Fit a head in folds; where nothing tells the label, keep the default one."""
    codes, labels = task.codes, task.labels
    known = codes != UNKNOWN
    if not known.any():
        assert task.default is not None  # noqa: S101 - the recipe asked for labels
        head = task.default.widened(embeddings.shape[1])
        return _Fit(head, head.logits(embeddings), head.logits(far), ())
    folds = hold_out(embeddings, codes, family, labels, scored=known, seed=seed)
    head = fit_head(embeddings[known], codes[known], labels)
    unseen = head.logits(embeddings)
    unseen[known] = out_of_fold_logits(embeddings, folds)
    return _Fit(head, unseen, head.logits(far), folds)


def _calibrated(
    raw: Sequence[LinearHead],
    judged: Judged,
    outside: Judged,
    material: Material,
    strangers: Sequence[str],
    tokenizer: bytes,
    judges: Sequence[Fold],
) -> Fitted:
    """Cool the heads to what unseen texts bear out, and fit the confidence."""
    tasks = (material.intents, material.sentiments, material.opt_outs)
    logits = (judged.intent, judged.sentiment, judged.opt_out)
    warmth = [_temperature(*task) for task in zip(logits, tasks, strict=True)]
    intent, sentiment, opt_out = (
        head.cooled(t) for head, t in zip(raw, warmth, strict=True)
    )
    unseen = Judged(*(rows / t for rows, t in zip(logits, warmth, strict=True)))
    inside = Seen(unseen.intent, tokens_of(tokenizer, material.texts))
    told = material.intents != UNKNOWN
    codes = material.intents[told]
    labelled = inside.part(told)
    apart = Seen(outside.intent / warmth[0], tokens_of(tokenizer, strangers))
    confidence = fit_confidence(
        labelled,
        labelled.logits.argmax(1) == codes,
        # A set with an intent for what no other is about has outsiders of its own,
        # as many as come; stand-ins would only make it doubt itself.
        [without_label(labelled, codes), apart] if material.outside is None else [],
    )
    unknown = unknown_token(tokenizer)
    heads = Heads(intent, sentiment, opt_out, confidence, unknown)
    return Fitted(heads, unseen, confidence.confidence(inside), warmth, judges)


def _temperature(logits: Doubles, codes: Codes) -> float:
    known = codes != UNKNOWN
    return temperature_of(logits[known], codes[known]) if known.any() else 1.0


NEVER_ASKS = LinearHead(
    np.zeros((2, 1), dtype=np.float32), np.array([0, -30], dtype=np.float32)
)
"""For label sets without an opt-out: keywords alone decide."""


def held_out_of(material: Material, fitted: Fitted) -> HeldOut:
    """Return what was said of the replies by models that had not seen them."""
    count = material.replies
    return HeldOut(
        intents=material.names,
        truth=material.intents[:count],
        predicted=fitted.unseen.intent[:count].argmax(1),
        confidence=fitted.confidence[:count],
        ruled=np.zeros(count, dtype=np.int64),
        sentiment=np.maximum(material.sentiments[:count], -1),
        feeling=fitted.unseen.sentiment[:count].argmax(1),
        key=keys_of(material.texts[:count]),
    )
