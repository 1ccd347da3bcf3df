"""Replies as the bundle in use reads them, row by row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.neighbours import Neighbours
from model.prediction import Floats
from model.text import folded
from serving.drift.draw import Reply
from serving.live import LiveBundle
from serving.routing.decide import needs_prediction
from serving.routing.language import language_of

AT_ONCE = 32
"""Replies read before we look whether to go on."""


class Reading(NamedTuple):
    """What the bundle in use reads in a text; None for both where a rule settles it."""

    intent: str | None
    confidence: float
    vector: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """So many replies.

    Attributes:
        ids: of their decisions.
        people: ids of their conversations.
        texts: what was written.
        intents: by the bundle in use; as decided where a rule settles the reply.
        languages: ISO 639-1, or None.
        confidence: by the bundle in use (n); not a number where a rule settles it.
        vectors: their places by meaning (n x k), of length 1; zeros likewise.
    """

    ids: tuple[str, ...]
    people: tuple[str, ...]
    texts: tuple[str, ...]
    intents: tuple[str, ...]
    languages: tuple[str | None, ...]
    confidence: Floats
    vectors: Floats

    def __len__(self) -> int:
        """Return how many replies there are."""
        return len(self.ids)

    @property
    def read(self) -> NDArray[np.bool_]:
        """Which of them the model was asked about (n)."""
        return ~np.isnan(self.confidence)


class Reader:
    """Reads replies with one bundle, each text once."""

    def __init__(self, live: LiveBundle, going: Callable[[], None]) -> None:
        """Read with `live`; `going` is called now and then, and may raise to stop."""
        self.live = live
        self._going = going
        self._known: dict[str, Reading] = {}

    def read(self, replies: Sequence[Reply]) -> Sample:
        """Return the replies as the bundle reads them."""
        texts = [r.text for r in replies if r.text not in self._known]
        for start in range(0, len(texts), AT_ONCE):
            self._going()
            self._read(list(dict.fromkeys(texts[start : start + AT_ONCE])))
        readings = [self._known[reply.text] for reply in replies]
        return Sample(
            ids=tuple(reply.decision_id for reply in replies),
            people=tuple(reply.person for reply in replies),
            texts=tuple(reply.text for reply in replies),
            intents=tuple(
                reading.intent or reply.intent
                for reading, reply in zip(readings, replies, strict=True)
            ),
            languages=tuple(reply.language for reply in replies),
            confidence=np.array([r.confidence for r in readings], dtype=np.float32),
            vectors=self._stacked(reading.vector for reading in readings),
        )

    def forget_others(self, texts: Iterable[str]) -> None:
        """Forget all readings but those of `texts`."""
        self._known = {t: self._known[t] for t in set(texts) if t in self._known}

    def _read(self, texts: Sequence[str]) -> None:
        asked = [text for text in texts if needs_prediction(text, self.live.rules)]
        self._known |= dict.fromkeys(texts, _BY_RULE)
        if not asked:
            return
        bundle = self.live.bundle
        told = bundle.classifier.outputs(asked)
        places = told.intent_probabilities.argmax(axis=1)
        vectors = projected(told.embedding, bundle.neighbours)
        for row, text in enumerate(asked):
            intent = bundle.manifest.intents[places[row]]
            confidence = float(told.confidence[row])
            self._known[text] = Reading(intent, confidence, vectors[row])

    def _stacked(self, vectors: Iterable[Floats | None]) -> Floats:
        found = list(vectors)
        width = next((len(one) for one in found if one is not None), 1)
        none = np.zeros(width, dtype=np.float32)
        rows = [none if one is None else one for one in found]
        return np.stack(rows) if rows else np.zeros((0, width), dtype=np.float32)


_BY_RULE = Reading(None, float("nan"), None)


def labelled(live: LiveBundle) -> Sample | None:
    """Return the labelled replies that travel with the bundle; None where none do."""
    known = live.bundle.neighbours
    if known is None:
        return None
    markers = live.rules.keywords.markers
    vectors = known.vectors.astype(np.float32)
    return Sample(
        ids=known.ids,
        people=known.ids,
        texts=known.texts,
        intents=tuple(known.intents[code] for code in known.codes),
        languages=tuple(language_of(folded(text), markers) for text in known.texts),
        confidence=np.ones(len(known.ids), dtype=np.float32),
        vectors=_of_length_one(vectors),
    )


def projected(embedding: Floats, known: Neighbours | None) -> Floats:
    """Return embeddings (n x dim) in the space of the labelled replies (n x k)."""
    return _of_length_one(embedding if known is None else embedding @ known.projection)


def _of_length_one(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, _NOTHING), dtype=np.float32)


_NOTHING = 1e-12
