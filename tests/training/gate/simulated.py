"""Bundles by chance: how often the gate refuses an equal one, and sees a worse one.

`python -m tests.training.gate.simulated 2000` prints the figures of docs/release.md.
"""

import sys
from dataclasses import dataclass

import numpy as np

from training.gate.losses import by_part, overall, tested
from training.gate.scores import Bools, Doubles, Ground, Part, Scores

REPLIES = 1266
INTENTS = 40
CASES = 332
DOUBT = 0.05


@dataclass(frozen=True, slots=True)
class World:
    """Held-out replies of a made-up kind.

    Attributes:
        ground: replies in families of one to three, and parts that overlap.
        hard: how likely each reply is misread by any bundle (N).
        hard_cases: how likely each hard opt-out case is not honoured (M).
    """

    ground: Ground
    hard: Doubles
    hard_cases: Doubles


def world(rng: np.random.Generator) -> World:
    """Return replies like the shipped ones: 93 % are read rightly, 90 % of opt-outs."""
    groups = np.repeat(np.arange(REPLIES), rng.integers(1, 4, REPLIES))[:REPLIES]
    columns = {"intent": INTENTS, "language": 3, "sentiment": 3, "source": 2}
    parts = [
        Part(f"{name} {value}", codes == value)
        for name, count in columns.items()
        for codes in [rng.integers(0, count, REPLIES)]
        for value in range(count)
    ]
    kinds = rng.integers(0, 16, CASES)
    ground = Ground(
        groups=groups.astype(np.int64),
        felt=np.ones(REPLIES, dtype=bool),
        parts=tuple(parts),
        asks=rng.random(CASES) < 0.45,
        kinds=tuple(Part(f"category {value}", kinds == value) for value in range(16)),
    )
    return World(ground, rng.beta(0.2, 2.6, REPLIES), rng.beta(0.25, 2.2, CASES))


def bundle(
    made: World, rng: np.random.Generator, *, broken: Bools | None = None, by: float = 0
) -> Scores:
    """Return what a bundle makes of it; `broken` replies it misreads more by `by`."""
    extra = np.zeros(REPLIES) if broken is None else broken * by
    right = rng.random(REPLIES) > np.clip(made.hard + extra, 0, 1)
    honoured = rng.random(CASES) > made.hard_cases
    unasked = rng.random(CASES) < made.hard_cases
    return Scores(
        bundle_id="sha256:chance",
        right=right,
        felt=rng.random(REPLIES) > made.hard,
        automatic=rng.random(REPLIES) > 0.2 + made.hard * 4,
        confidence=np.full(REPLIES, 0.93),
        read=right,
        honoured=np.where(made.ground.asks, honoured, unasked),
        seen=0,
        cases={},
        otherwise={},
        reviewed=0,
        again=(),
    )


def refusals(champion: Scores, candidate: Scores, ground: Ground) -> list[str]:
    """Return the names of the paired lines that the candidate fails."""
    asked = (overall, by_part)
    return [
        f"{each.loss.name} {each.loss.slice}"
        for ask in asked
        for each in tested(ask(ground, champion, candidate), DOUBT / 2)
        if each.shown
    ]


def share_refused(
    count: int, seed: int, *, slices: str | None = None, by: float = 0
) -> float:
    """Return how often a candidate is refused that is worse in a slice by `by`."""
    rng = np.random.default_rng(seed)
    refused = 0
    for _ in range(count):
        made = world(rng)
        rows = _rows(made.ground, slices)
        candidate = bundle(made, rng, broken=rows, by=by)
        found = refusals(bundle(made, rng), candidate, made.ground)
        refused += any(name.endswith(slices or "") for name in found)
    return refused / count


def _rows(ground: Ground, name: str | None) -> Bools:
    if name == "all":
        return np.ones(REPLIES, dtype=bool)
    found = [part.rows for part in ground.parts if part.name == name]
    return found[0] if found else np.zeros(REPLIES, dtype=bool)


if __name__ == "__main__":
    times = int(sys.argv[1])
    print(f"equal: refused {share_refused(times, 1):.3f}")  # noqa: T201
    for slices, losses in (
        ("all", (0.01, 0.02, 0.03, 0.04)),
        ("intent 0", (0.1, 0.2, 0.3, 0.4)),
    ):
        for by in losses:
            seen = share_refused(times // 4, 2, slices=slices, by=by)
            print(f"{slices} worse by {by:.0%}: seen {seen:.3f}")  # noqa: T201
