"""Why the classifier read a reply as it did: words, nearest labelled replies, signals.

The words are weighed by occlusion (Zeiler and Fergus 2014; for text, Li, Monroe and
Jurafsky 2016): the reply is read again without each of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from model.bundle import Bundle
from model.classifier import OUTPUTS, SIGNALS, padded
from model.neighbours import Neighbour
from model.prediction import Floats

TOKENS = 140
"""Read again in all, some 25 ms on one core: a reply of 10 words word by word (two in
three are no longer), one of 13 by twos, one of 20 by fives."""

FEWEST = 4
"""Parts that even the longest reply is taken apart into."""

SIGNAL_TOPICS: Mapping[str, str] = {
    "certainty": "how far one intent stands out",
    "lead": "distance to the second intent",
    "energy": "likeness to the labelled replies",
    "length": "length of the reply",
    "unknown_words": "unknown words",
}
"""What each signal looks at. A fit may weigh a signal either way: only the effect says
whether it is too little or too much."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the reply, or a row of words where it is long.

    Attributes:
        text: as written.
        start: place of its first character in the reply as it was given.
        end: place behind its last character.
        weight: by how much the log-odds of the explained intent fall when it is left
            out; negative where it spoke against the intent.
    """

    text: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that moved the confidence.

    Attributes:
        name: as the bundle's manifest has it.
        effect: what it added to the log-odds of its chance (inside the label set, or
            right there: the confidence is their product), against a typical reply
            that is read right; negative where it lowered the confidence.
        says: the same for people, a sentence.
    """

    name: str
    effect: float
    says: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a reply was read as it was.

    Attributes:
        intent: what the words are weighed for.
        confidence: of the reply as a whole (0 to 1).
        words: what was read of it, in order; empty where there was nothing to read.
        neighbours: the nearest labelled replies, nearest first; empty where the
            bundle holds none.
        signals: what lowered the confidence most first; empty where the bundle's
            graph does not say.
    """

    intent: str
    confidence: float
    words: tuple[Word, ...]
    neighbours: tuple[Neighbour, ...]
    signals: tuple[Signal, ...]


def explain(bundle: Bundle, text: str, intent: str | None = None) -> Explanation:
    """Explain the reading of `text`.

    Confidence, neighbours and signals are those of the reply by itself. The weights
    of the words come from one padded batch, several times faster than as many runs:
    they are approximate, since activations are rounded by their range in the whole
    batch (see `Classifier._each`).

    Args:
        bundle: what reads.
        text: the reply.
        intent: what the words are weighed for; the likeliest where it is left out or
            the bundle does not know it.
    """
    names = bundle.manifest.signals
    wanted = (*OUTPUTS, SIGNALS) if names else OUTPUTS
    tokens = bundle.classifier.token_ids([text])
    told = dict(
        zip(wanted, bundle.classifier.run(*padded(tokens), wanted), strict=True)
    )
    intents = bundle.manifest.intents
    known = intent in intents
    column = intents.index(intent) if known else told[OUTPUTS[0]][0].argmax()
    return Explanation(
        intent=intents[int(column)],
        confidence=float(told["confidence"][0]),
        words=_words(bundle, text, int(column)),
        neighbours=_neighbours(bundle, tokens),
        signals=_signals(names, told[SIGNALS][0]) if names else (),
    )


def _neighbours(bundle: Bundle, tokens: list[list[int]]) -> tuple[Neighbour, ...]:
    if not bundle.neighbours:
        return ()
    (embedding,) = bundle.classifier.run(*padded(tokens), ("embedding",))
    return bundle.neighbours.nearest(embedding[0])


def _words(bundle: Bundle, text: str, column: int) -> tuple[Word, ...]:
    parts = _parts(bundle, text)
    if not parts:
        return ()
    # A space stays where a word was: its neighbours must not grow together.
    without = [f"{text[:start]} {text[end:]}" for start, end in parts]
    tokens = bundle.classifier.token_ids([text, *without])
    told = bundle.classifier.run(*padded(tokens), OUTPUTS[:1])
    odds = _log_odds(told[0], column)
    return tuple(
        Word(text[start:end], start, end, float(odds[0] - left))
        for (start, end), left in zip(parts, odds[1:], strict=True)
    )


def _log_odds(probabilities: Floats, column: int) -> NDArray[np.float64]:
    """Return log(p / (1 - p)) of a column; 1 - p is added up, which loses no digit."""
    chosen = probabilities[:, column].astype(np.float64)
    others = np.delete(probabilities, column, axis=1).sum(axis=1, dtype=np.float64)
    return np.asarray(np.log((chosen + _NEVER) / (others + _NEVER)))


_NEVER = 1e-9
"""Added to both sides: the log-odds stay within 21 of even."""

_WORD = re.compile(r"[^\s\x00-\x1f\x7f-\x9f]+")


def _parts(bundle: Bundle, text: str) -> list[tuple[int, int]]:
    """Return start and end of the words that are read, joined where they are many."""
    most = bundle.manifest.max_tokens
    spans = [word.span() for word in islice(_WORD.finditer(text), most)]
    if not spans:
        return []
    nothing, *each = map(
        len, bundle.classifier.token_ids(["", *(text[s:e] for s, e in spans)])
    )
    before = np.cumsum([nothing, *(length - nothing for length in each)])
    read = [span for span, start in zip(spans, before, strict=False) if start < most]
    width = min(int(before[-1]), most)
    count = min(len(read), max(FEWEST, TOKENS // width - 1))
    groups = np.array_split(np.array(read), count)
    return [(int(group[0, 0]), int(group[-1, 1])) for group in groups]


def _signals(names: tuple[str, ...], effects: Floats) -> tuple[Signal, ...]:
    moved = [
        Signal(name, float(effect), _sentence(name, float(effect)))
        for name, effect in zip(names, effects, strict=True)
        if abs(effect) >= _MOVED
    ]
    return tuple(sorted(moved, key=lambda signal: signal.effect))


_MOVED = 0.05
"""Of log-odds: less moves the confidence by hardly more than a hundredth."""


def _sentence(name: str, effect: float) -> str:
    topic = SIGNAL_TOPICS.get(name, name.replace("_", " "))
    return f"{'Lowered' if effect < 0 else 'Raised'} the confidence: {topic}."
