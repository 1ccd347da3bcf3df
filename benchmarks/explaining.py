"""Why, in process: one explanation beside one plain prediction."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from model.bundle import Bundle
from model.explain import explain

ORDINARY = 20
"""Words; the time of longer replies is bounded by the tokens that a bundle reads."""


@dataclass(frozen=True, slots=True)
class Explaining:
    """Seconds for one ordinary reply, one thread.

    Attributes:
        p50: of an explanation.
        p95: likewise.
        plain_p50: of a prediction of the same replies in the same run.
        by_word: share of replies that were weighed word by word.
    """

    p50: float
    p95: float
    plain_p50: float
    by_word: float

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Rows of the table: measure, value, aim."""
        times = f"{1000 * self.p50:.1f} / {1000 * self.p95:.1f} ms"
        return [
            ("**Why, one thread, replies of up to 20 words**", "", ""),
            ("explain one reply, p50 / p95", times, "under 30 ms"),
            ("a plain prediction, p50", f"{1000 * self.plain_p50:.2f} ms", ""),
            ("weighed word by word", f"{self.by_word:.0%}", ""),
        ]


def measure_explaining(bundle: Bundle, texts: Sequence[str]) -> Explaining:
    """Predict and explain each ordinary text; the two take turns, text by text."""
    ordinary = [text for text in texts if len(text.split()) <= ORDINARY]
    plain: list[float] = []
    ours: list[float] = []
    single: list[bool] = []
    for text in ordinary:
        began = perf_counter()
        bundle.classifier.predict([text])
        middle = perf_counter()
        told = explain(bundle, text)
        ours.append(perf_counter() - middle)
        plain.append(middle - began)
        single.append(len(told.words) == len(text.split()))
    return Explaining(
        p50=float(np.percentile(ours, 50)),
        p95=float(np.percentile(ours, 95)),
        plain_p50=float(np.percentile(plain, 50)),
        by_word=float(np.mean(single)),
    )
