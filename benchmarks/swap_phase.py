"""One phase of the benchmark of swaps: its figures, and whether its answers hold."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.paced import Asked

OK = 200

Expected = dict[tuple[str, str], tuple[object, ...]]
"""What each bundle decides alone, by its id and the text."""


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase measured.

    Attributes:
        name: of the phase.
        answers: how many came.
        failed: how many were no 200.
        mixed: how many differ from what their bundle decides alone.
        rate: answers a second.
        p50: seconds from when a request was due, at the median.
        p99: likewise, for 99 in 100.
        worst: likewise, the slowest.
        by_bundle: answers of each bundle.
        swaps: promotions and roll backs meanwhile.
        compared: replies that the challenger decided as well.
        left_out: replies that it had no time for.
    """

    name: str
    answers: int
    failed: int
    mixed: int
    rate: float
    p50: float
    p99: float
    worst: float
    by_bundle: Counter[str]
    swaps: int = 0
    compared: int = 0
    left_out: int = 0


def judged(
    name: str,
    texts: Sequence[str],
    expected: Expected,
    asked: Sequence[Asked],
    rate: float,
) -> Phase:
    """Hold the answers of a phase against what each bundle decides alone.

    Args:
        name: of the phase.
        texts: what was said, in turn.
        expected: what each bundle decides about each text.
        asked: the requests.
        rate: how many were due in a second.
    """
    came = [
        (one, one.answer) for one in asked if one.answer and one.answer.status == OK
    ]
    mixed, by_bundle = 0, Counter[str]()
    for one, answer in came:
        body = json.loads(answer.body)
        by_bundle[body["bundle"]] += 1
        text = texts[one.number % len(texts)]
        mixed += expected.get((body["bundle"], text)) != outcome(body)
    took = [one.seconds for one in asked]
    return Phase(
        name=name,
        answers=len(asked),
        failed=len(asked) - len(came),
        mixed=mixed,
        rate=len(asked) / max(one.number / rate + one.seconds for one in asked),
        p50=float(np.percentile(took, 50)),
        p99=float(np.percentile(took, 99)),
        worst=max(took),
        by_bundle=by_bundle,
    )


def outcome(decision: dict[str, Any]) -> tuple[object, ...]:
    """Return what a bundle alone determines of a decision."""
    reply = decision["reply"] or {}
    return (
        *(decision[name] for name in ("intent", "confidence", "sentiment", "language")),
        *(decision[name] for name in ("decided_by", "action", "consent", "queue")),
        *(reply.get(name) for name in ("template", "text")),
        json.dumps([decision["alternatives"], decision["reasons"], decision["also"]]),
    )
