"""What a bundle makes of what it is judged on: every reply read and decided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.bundle import Bundle
from model.prediction import Prediction
from model.reading import read_all
from serving.routing.decision import Action, ConsentChange, Decision
from serving.routing.ruleset import load_rules
from training.gate.cases import CaseSet, otherwise
from training.gate.mistakes import Mistake, made_again
from training.gate.scores import GraphCheck, Pace, Scores
from training.held_out import HELD_OUT, keys_of, unpack
from training.outcome import decided
from training.parity import Parity

TRIED = 200
"""Replies that are read again."""
TIMED = 120
"""Replies that are timed, `ROUNDS` times with each bundle."""
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that a bundle reads for the gate.

    Attributes:
        replies: held out, as `read_held_out` gives them.
        cases: hard opt-out cases (`text`), none where there is no such file.
        behaviour: texts that must be decided as stated.
        mistakes: replies that were decided wrongly once.
    """

    replies: pd.DataFrame
    cases: pd.DataFrame | None
    behaviour: Sequence[CaseSet]
    mistakes: Sequence[Mistake]


@dataclass(frozen=True, slots=True)
class Measured:
    """A bundle's scores, and the language that it saw in each held-out reply."""

    scores: Scores
    languages: list[str | None]


def measure(bundle: Bundle, material: Material) -> Measured:
    """Read and decide everything, as a new contact's on a Monday at noon."""
    reader = _Reader(bundle)
    replies, cases = material.replies, material.cases
    predictions, decisions = reader.decide(replies["text"].tolist())
    honoured = reader.decide(cases["text"].tolist())[1] if cases is not None else []
    behaviour = {
        case.name: otherwise(case, reader.decide(case.texts)[1])
        for case in material.behaviour
    }
    scores = Scores(
        bundle_id=bundle.bundle_id,
        right=_same([d.intent for d in decisions], replies["intent"]),
        felt=_same([p.sentiment for p in predictions], replies["sentiment"]),
        automatic=np.array([d.action is not Action.ESCALATE for d in decisions]),
        confidence=np.array([p.confidence for p in predictions]),
        read=_same([p.intent for p in predictions], replies["intent"]),
        honoured=np.array(
            [d.consent is ConsentChange.OPT_OUT for d in honoured], dtype=bool
        ),
        seen=_seen(bundle, replies["text"].tolist()),
        cases={case.name: len(case.texts) for case in material.behaviour},
        otherwise=behaviour,
        reviewed=len(material.mistakes),
        again=_again(reader, material.mistakes),
    )
    return Measured(scores, [d.language for d in decisions])


def check_graph(bundle: Bundle, texts: Sequence[str]) -> GraphCheck:
    """Read some replies again, each by itself, and the last one first.

    The bundle has been loaded, so its golden replies have come out as promised.
    """
    sample = _spread(texts, TRIED)
    once = bundle.classifier.outputs(sample).confidence
    again = [bundle.classifier.outputs([text]).confidence[0] for text in sample[::-1]]
    return GraphCheck(
        golden=len(bundle.manifest.golden),
        parity=_recorded(bundle.manifest.metrics.get("parity")),
        tried=len(sample),
        differ=int((once != np.array(again[::-1])).sum()),
    )


def time_both(
    champion: Bundle,
    candidate: Bundle,
    texts: Sequence[str],
    clock: Callable[[], float],
) -> Pace:
    """Time both bundles on the same replies, one after the other, in turns.

    A reply's time is the best of its rounds, so that what else the machine does counts
    little; both are timed in the same seconds, so that the ratio holds anywhere.

    Args:
        champion: the one.
        candidate: the other.
        texts: what is read; a spread of it.
        clock: seconds that never go back.
    """
    sample = _spread(texts, TIMED)
    times = np.full((2, len(sample), ROUNDS), np.inf)
    for turn in range(ROUNDS):
        for number, text in enumerate(sample):
            order = (0, 1) if (turn + number) % 2 else (1, 0)
            for which in order:
                classifier = (champion, candidate)[which].classifier
                start = clock()
                # `outputs` remembers nothing, so each round is a run of the graph.
                classifier.outputs([text])
                times[which, number, turn] = clock() - start
    before, now = times.min(axis=2)
    return Pace(
        champion=float(np.median(before) * 1000),
        candidate=float(np.median(now) * 1000),
        ratio=float(np.median(now / before)),
    )


class _Reader:
    """Reads and decides texts with one bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self._classifier = bundle.classifier
        self._rules = load_rules(bundle.files)

    def decide(self, texts: Sequence[str]) -> tuple[list[Prediction], list[Decision]]:
        predictions = read_all(self._classifier, texts)
        return predictions, decided(texts, predictions, self._rules)


def _same(told: Sequence[str | None], truth: "pd.Series[str]") -> np.ndarray:
    pairs = zip(told, truth, strict=True)
    return np.array([t is not None and t == label for t, label in pairs], dtype=bool)


def _seen(bundle: Bundle, texts: Sequence[str]) -> int:
    """Count the texts that are, word for word, among those it was trained on."""
    stored = bundle.files.get(HELD_OUT)
    if stored is None:
        return 0
    return int(np.isin(keys_of(texts), unpack(stored).key).sum())


def _again(reader: _Reader, mistakes: Sequence[Mistake]) -> tuple[str, ...]:
    """Return where those stand that are made again."""
    decisions = reader.decide([mistake.text for mistake in mistakes])[1]
    pairs = zip(mistakes, decisions, strict=True)
    return tuple(m.place for m, decision in pairs if made_again(m, decision))


def _recorded(parity: object) -> Parity | None:
    try:
        return Parity(**parity) if isinstance(parity, dict) else None
    except TypeError:
        return None


def _spread(texts: Sequence[str], most: int) -> list[str]:
    """Return at most so many texts, from all over, the same in every run."""
    rows = np.unique(np.linspace(0, len(texts) - 1, most).astype(int))
    return [texts[row] for row in rows]
