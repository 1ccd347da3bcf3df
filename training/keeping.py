"""New heads on a tuned encoder that is kept: what an analyst does many times a day.

The encoder was tuned on most of these replies, so what it says of them now proves
nothing. What it was calibrated on out of fold is in the bundle: temperatures and
confidence are kept, and so are its unseen predictions. Only replies that it never saw
are judged anew, by heads that were fitted without them and their near twins. A head
whose labels are all as they were stays as it is: its calibration was found for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model.prediction import Floats
from training.cache import embed_cached
from training.confidence import Seen
from training.crossfit import Judged
from training.fitting import Fitted, held_out_of
from training.graph import Heads
from training.heads import Codes, Fold, LinearHead
from training.held_out import HeldOut, keys_of
from training.material import Material, tokens_of, unknown_token
from training.progress import Steps
from training.smoothed import fit_smoothed
from training.sources import BundleSource, Kept
from training.tune import REACH, UNKNOWN

_FOLDS = 3


def fit_kept(
    material: Material, source: BundleSource, cache: Path, steps: Steps
) -> tuple[Fitted, HeldOut]:
    """Fit heads; return them with unseen predictions of all replies, old and new."""
    kept = source.kept
    assert kept is not None  # noqa: S101 - the recipe looked
    with steps.step("Embedding replies", len(material.texts)) as progress:
        embeddings = embed_cached(source, material.texts, cache, progress)
    with steps.step("Fitting heads, keeping the calibration"):
        tasks = _tasks(material, kept)
        everything = np.arange(len(material.texts))
        raw = [task.fit(embeddings, everything) for task in tasks]
        judged = [head.logits(embeddings) for head in raw]
        learning = [n for n, task in enumerate(tasks) if not task.settled]
        fresh = np.flatnonzero(~np.isin(keys_of(material.texts), kept.held_out.key))
        for number in range(_FOLDS):
            held = fresh[material.family[fresh] % _FOLDS == number]
            if len(held):
                # A twin among the known replies would tell the answer.
                kin = np.isin(material.family, material.family[held])
                others = np.flatnonzero(~kin)
                for n in learning:
                    head = tasks[n].fit(embeddings, others)
                    judged[n][held] = head.logits(embeddings[held])
    warmth = kept.temperatures
    unseen = Judged(*(rows / t for rows, t in zip(judged, warmth, strict=True)))
    intent, sentiment, opt_out = (
        head.cooled(t) for head, t in zip(raw, warmth, strict=True)
    )
    tokens = tokens_of(source.tokenizer, material.texts)
    confidence = kept.heads.confidence
    unknown = unknown_token(source.tokenizer)
    heads = Heads(intent, sentiment, opt_out, confidence, unknown)
    sure = confidence.confidence(Seen(unseen.intent, tokens))
    fitted = Fitted(heads, unseen, sure, warmth, [Fold(everything, raw[0])])
    return fitted, _remembered(material, fitted, kept.held_out)


@dataclass(frozen=True, slots=True)
class _Task:
    """What a head learns, and where it begins.

    `settled`: it has learned just this already, and its calibration was found for it.
    """

    codes: Codes
    start: LinearHead
    directions: bool
    settled: bool = False

    def fit(self, embeddings: Floats, rows: Codes) -> LinearHead:
        """Fit on those of the rows that tell the label."""
        known = rows[self.codes[rows] != UNKNOWN]
        if self.settled or not len(known):
            return self.start
        points, codes = embeddings[known], self.codes[known]
        start = _begun(self.start, points, codes) if self.directions else self.start
        return fit_smoothed(points, codes, start, directions=self.directions)


def _tasks(material: Material, kept: Kept) -> list[_Task]:
    before = (kept.heads.intent, kept.heads.sentiment, kept.heads.opt_out)
    intent, sentiment, opt_out = (
        head.cooled(1 / t) for head, t in zip(before, kept.temperatures, strict=True)
    )
    known = _renamed(intent, material, kept)
    old, count = kept.held_out, material.replies
    same = material.names == old.intents and np.array_equal(
        np.sort(keys_of(material.texts[:count])), np.sort(old.key)
    )
    by_text = np.argsort(keys_of(material.texts[:count]), kind="stable")
    then = np.argsort(old.key, kind="stable")

    def settled(codes: Codes, before: Codes) -> bool:
        return same and np.array_equal(codes[:count][by_text], before[then])

    felt = np.maximum(material.sentiments, -1)
    return [
        _Task(
            material.intents,
            known,
            directions=True,
            settled=settled(material.intents, old.truth),
        ),
        _Task(
            material.sentiments,
            sentiment,
            directions=False,
            settled=settled(felt, old.sentiment),
        ),
        _Task(material.opt_outs, opt_out, directions=False),
    ]


def _renamed(head: LinearHead, material: Material, kept: Kept) -> LinearHead:
    """Return the head for today's labels; a new one has no weights yet."""
    weight = np.zeros((len(material.names), head.weight.shape[1]), dtype=np.float32)
    bias = np.zeros(len(material.names), dtype=np.float32)
    for code, name in enumerate(material.names):
        if name in kept.held_out.intents:
            old = kept.held_out.intents.index(name)
            weight[code], bias[code] = head.weight[old], head.bias[old]
    return LinearHead(weight, bias)


def _begun(head: LinearHead, points: Floats, codes: Codes) -> LinearHead:
    """Return the head, a new label beginning at its replies' mean, or amid all."""
    weight = head.weight.copy()
    for code in np.flatnonzero(~weight.any(axis=1)):
        own = points[codes == code]
        mean = (own if len(own) else points).mean(0)
        weight[code] = mean / np.linalg.norm(mean) * REACH
    return LinearHead(weight, head.bias)


def _remembered(material: Material, fitted: Fitted, old: HeldOut) -> HeldOut:
    """Join what was said of old replies with what is said of new ones."""
    now = held_out_of(material, fitted)
    place = {key: row for row, key in enumerate(old.key.tolist())}
    rows = np.array([place.get(key, UNKNOWN) for key in now.key.tolist()])
    seen = np.flatnonzero(rows != UNKNOWN)
    then = rows[seen]
    said = _today(old, material.names, then, now.truth[seen])[old.predicted[then]]
    predicted, confidence = now.predicted.copy(), now.confidence.copy()
    feeling = now.feeling.copy()
    # What was taken for a label that has no heir is not judged: today's heads have
    # learned from that reply.
    predicted[seen] = np.where(said == UNKNOWN, predicted[seen], said)
    confidence[seen] = np.where(said == UNKNOWN, 0.0, old.confidence[then])
    feeling[seen] = old.feeling[then]
    return replace(now, predicted=predicted, confidence=confidence, feeling=feeling)


def _today(old: HeldOut, names: Sequence[str], then: Codes, truth: Codes) -> Codes:
    """Return today's code of each old label, `UNKNOWN` where it has no heir.

    A label that is gone was renamed, joined to another or split: its heir is the one
    that most of its replies bear today. The rest of a split counts as read wrongly.
    Where most are gone as well, what is left tells nothing of the others.

    Args:
        old: what was said before.
        names: today's labels.
        then: rows of `old` that are known today.
        truth: what those are labelled today.
    """
    codes = np.full(len(old.intents), UNKNOWN)
    for code, name in enumerate(old.intents):
        borne = np.bincount(truth[old.truth[then] == code], minlength=len(names))
        if name in names:
            codes[code] = names.index(name)
        elif 2 * borne.max() > (old.truth == code).sum():
            codes[code] = borne.argmax()
    return codes
