"""The questions that a paired test answers, each with both bundles' figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.gate.line import ALL, Name
from training.gate.paired import Chance, chance_of, refused
from training.gate.scores import Bools, Ground, Ints, Scores


@dataclass(frozen=True, slots=True)
class Loss:
    """How a share of the candidate's stands beside the champion's.

    Attributes:
        name: what share it is.
        slice: of which replies.
        champion: the champion's share (0 to 1).
        candidate: the candidate's.
        of: replies that are counted for the candidate.
        worse: how many the candidate did worse on.
        better: how many it did better on.
        chance: of so large a loss by noise.
    """

    name: Name
    slice: str
    champion: float
    candidate: float
    of: int
    worse: int
    better: int
    chance: Chance


@dataclass(frozen=True, slots=True)
class Tested:
    """A loss with its chance adjusted for the number of tests; whether it is shown."""

    loss: Loss
    chance: float
    shown: bool


def overall(ground: Ground, champion: Scores, candidate: Scores) -> list[Loss]:
    """Return the losses over all replies and all hard cases."""
    before, now, told = champion, candidate, ground.felt
    found = [
        of_rows(Name.ACCURACY, ALL, before.right, now.right, ground.groups),
        of_share(
            Name.WRONG_ANSWERS,
            (before.automatic & ~before.right, before.automatic),
            (now.automatic & ~now.right, now.automatic),
            ground.groups,
        ),
    ]
    if told.any():
        felt = before.felt[told], now.felt[told]
        found.append(of_rows(Name.SENTIMENT, ALL, *felt, ground.groups[told]))
    if ground.asks.any():
        found.append(_recall(ALL, ground.asks, before, now))
        unasked = of_share(
            Name.OPT_OUT_PRECISION,
            (before.honoured & ~ground.asks, before.honoured),
            (now.honoured & ~ground.asks, now.honoured),
            np.arange(len(ground.asks)),
        )
        found.append(
            replace(
                unasked, champion=1 - unasked.champion, candidate=1 - unasked.candidate
            )
        )
    return found


def by_part(ground: Ground, champion: Scores, candidate: Scores) -> list[Loss]:
    """Return the losses of accuracy by part, and of opt-outs by kind of case."""
    parts = [
        of_rows(
            *(Name.ACCURACY, part.name),
            *(champion.right[part.rows], candidate.right[part.rows]),
            ground.groups[part.rows],
        )
        for part in ground.parts
        if part.rows.any()
    ]
    kinds = [
        _recall(kind.name, kind.rows & ground.asks, champion, candidate)
        for kind in ground.kinds
        if (kind.rows & ground.asks).any()
    ]
    return parts + kinds


def tested(losses: Sequence[Loss], doubt: float) -> list[Tested]:
    """Return each loss with the verdict on it; `doubt` is shared among them all."""
    adjusted, shown = refused([loss.chance for loss in losses], doubt)
    return [Tested(*row) for row in zip(losses, adjusted, shown, strict=True)]


def of_rows(
    name: Name, where: str, champion: Bools, candidate: Bools, groups: Ints
) -> Loss:
    """Compare how many rows are as they should be, at least one."""
    lost, won = champion & ~candidate, candidate & ~champion
    return Loss(
        name=name,
        slice=where,
        champion=float(champion.mean()),
        candidate=float(candidate.mean()),
        of=len(candidate),
        worse=int(lost.sum()),
        better=int(won.sum()),
        chance=chance_of(lost.astype(np.int64) - won, groups),
    )


def of_share(
    name: Name,
    champion: tuple[Bools, Bools],
    candidate: tuple[Bools, Bools],
    groups: Ints,
) -> Loss:
    """Compare how much of what each bundle did was bad: what is bad, what it did.

    Tested is what only one of them did badly. If both did as badly, more of that would
    be the candidate's where it did more: by so much as its part of all they did, less
    what both did badly.
    """
    (bad, of), (now_bad, now_of) = champion, candidate
    lost, won, both = now_bad & ~bad, bad & ~now_bad, bad & now_bad
    rate = (bad.sum() + now_bad.sum()) / max(of.sum() + now_of.sum(), 1)
    mine, other = (max(rate * done.sum() - both.sum(), 0) for done in (now_of, of))
    share = mine / (mine + other) if mine + other else 0.5
    return Loss(
        name=name,
        slice=ALL,
        champion=_share(bad, of),
        candidate=_share(now_bad, now_of),
        of=int(now_of.sum()),
        worse=int(lost.sum()),
        better=int(won.sum()),
        chance=chance_of(lost.astype(np.int64) - won, groups, float(share)),
    )


def _recall(where: str, rows: Bools, champion: Scores, candidate: Scores) -> Loss:
    # Hard cases were written one by one: each is a family of its own.
    honoured = champion.honoured[rows], candidate.honoured[rows]
    return of_rows(Name.OPT_OUT_RECALL, where, *honoured, np.arange(int(rows.sum())))


def _share(bad: Bools, of: Bools) -> float:
    return float(bad.sum() / max(of.sum(), 1))
