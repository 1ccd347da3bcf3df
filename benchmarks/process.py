"""One reply in process: all of our work beside the raw session run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

import numpy as np

from model.classifier import padded
from serving.live import LiveBundle
from serving.routing.decide import decide
from serving.routing.situation import Reply, Situation


@dataclass(frozen=True, slots=True)
class InProcess:
    """Seconds for one reply; the raw run is on the same token ids."""

    p50: float
    p99: float
    raw_p50: float
    raw_p99: float
    raw_mean: float

    @property
    def ratio(self) -> float:
        """How often the raw time one reply costs, at the median."""
        return self.p50 / self.raw_p50

    @property
    def raw_rate(self) -> float:
        """Raw runs a second on one thread."""
        return 1 / self.raw_mean


def measure_in_process(live: LiveBundle, texts: Sequence[str]) -> InProcess:
    """Read and decide each text; ours and the raw run take turns, text by text."""
    classifier = live.bundle.classifier
    situation = Situation()
    moment = datetime.now(UTC)
    ids = classifier.token_ids(texts)
    ours: list[float] = []
    raw: list[float] = []
    for text, tokens in zip(texts, ids, strict=True):
        batch = padded([tokens])
        began = perf_counter()
        classifier.run(*batch)
        middle = perf_counter()
        decide(Reply(text, moment), situation, live.rules, live.read(text))
        raw.append(middle - began)
        ours.append(perf_counter() - middle)
    return InProcess(
        p50=float(np.percentile(ours, 50)),
        p99=float(np.percentile(ours, 99)),
        raw_p50=float(np.percentile(raw, 50)),
        raw_p99=float(np.percentile(raw, 99)),
        raw_mean=float(np.mean(raw)),
    )
