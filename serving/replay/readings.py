"""What a classifier reads in texts, remembered small: people write the same again."""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from model.classifier import Classifier
from model.prediction import Prediction, Ranked
from model.reading import read_all

REMEMBERED = 50_000
"""Texts whose reading is kept, some 0.7 KB each; the one asked for longest ago goes."""


class _Small(NamedTuple):
    """A prediction as numbers: as objects it is six times as large."""

    intents: int
    labels: "array[int]"
    probabilities: "array[float]"
    confidence: float
    opt_out: float
    clauses: "tuple[_Small, ...]"


class Readings:
    """Reads texts with one classifier, whole and by clauses, each once."""

    def __init__(self, classifier: Classifier, remembered: int = REMEMBERED) -> None:
        """Read with `classifier`, and keep the readings of so many texts."""
        self._classifier = classifier
        self._remembered = remembered
        self._kept: dict[str, _Small] = {}
        self._labels: list[str] = []
        self._codes: dict[str, int] = {}

    def read(self, texts: Sequence[str]) -> dict[str, Prediction]:
        """Return the reading of each text, as `read_all` gives it."""
        wanted = dict.fromkeys(texts)
        known = {t: self._kept.pop(t) for t in wanted if t in self._kept}
        new = [text for text in wanted if text not in known]
        read = dict(zip(new, read_all(self._classifier, new), strict=True))
        self._kept |= known | {text: self._small(one) for text, one in read.items()}
        for text in list(self._kept)[: max(len(self._kept) - self._remembered, 0)]:
            del self._kept[text]
        return {text: self._whole(small) for text, small in known.items()} | read

    def _small(self, read: Prediction) -> _Small:
        ranks = (*read.intents, *read.sentiments)
        return _Small(
            intents=len(read.intents),
            labels=array("H", (self._code(one.label) for one in ranks)),
            probabilities=array("d", (one.probability for one in ranks)),
            confidence=read.confidence,
            opt_out=read.opt_out,
            clauses=tuple(map(self._small, read.clauses)),
        )

    def _whole(self, small: _Small) -> Prediction:
        labels = map(self._labels.__getitem__, small.labels)
        ranks = tuple(map(Ranked, labels, small.probabilities))
        return Prediction(
            intents=ranks[: small.intents],
            confidence=small.confidence,
            sentiments=ranks[small.intents :],
            opt_out=small.opt_out,
            clauses=tuple(map(self._whole, small.clauses)),
        )

    def _code(self, label: str) -> int:
        code = self._codes.setdefault(label, len(self._labels))
        if code == len(self._labels):
            self._labels.append(label)
        return code
