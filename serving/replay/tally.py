"""What a replay found, added up; its size does not grow with the replies."""

import heapq
from collections import Counter
from dataclasses import dataclass, field

from serving.replay.flip_row import FlipRow
from serving.replay.page import Page
from serving.routing.flips import FlipKind

KEPT = 50
"""Flips that are kept of each change, to be shown; the Parquet file has all of them."""

Change = tuple[FlipKind, str]
"""A kind, and what changes in it."""


@dataclass(slots=True)
class Tally:
    """Counts over all pages so far.

    Attributes:
        erased: left out because the words are gone.
        unreadable: left out because this version cannot read the row.
        read_anew: replies that the candidate's model was asked about.
        actions: decided rows by program, action before and action after.
        flips: by kind and program.
        changes: flips by kind and what changes.
        costs: by kind, what all of its flips cost if each is wrong.
        kept: the dearest flips of each change, at most `KEPT`.
    """

    erased: int = 0
    unreadable: int = 0
    read_anew: int = 0
    actions: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    flips: Counter[tuple[FlipKind, str]] = field(default_factory=Counter)
    changes: Counter[Change] = field(default_factory=Counter)
    costs: dict[FlipKind, float] = field(default_factory=dict)
    kept: dict[Change, list["_Ranked"]] = field(default_factory=dict)

    @property
    def replayed(self) -> int:
        """Decisions that were made again."""
        return self.actions.total()

    @property
    def rows(self) -> int:
        """Rows that were looked at."""
        return self.replayed + self.erased + self.unreadable

    def add(self, page: Page) -> None:
        """Count a page."""
        self.erased += page.erased
        self.unreadable += page.unreadable
        self.read_anew += page.read_anew
        self.actions += page.actions
        for flip in page.flips:
            self.flips[flip.kind, flip.program] += 1
            self.changes[flip.kind, flip.change] += 1
            self.costs[flip.kind] = self.costs.get(flip.kind, 0.0) + flip.cost
            self._keep(flip)

    def of(self, kind: FlipKind) -> int:
        """Return how many decisions flip in this kind."""
        return sum(n for (k, _), n in self.flips.items() if k is kind)

    def dearest(self, change: Change) -> list[FlipRow]:
        """Return what was kept of a change, the dearest first, then the latest."""
        return [one.flip for one in sorted(self.kept.get(change, ()), reverse=True)]

    def _keep(self, flip: FlipRow) -> None:
        kept = self.kept.setdefault((flip.kind, flip.change), [])
        ranked = _Ranked(flip.cost, flip.recorded_at, flip.decision_id, flip)
        if len(kept) < KEPT:
            heapq.heappush(kept, ranked)
        else:
            heapq.heappushpop(kept, ranked)


@dataclass(frozen=True, slots=True, order=True)
class _Ranked:
    """A flip by what it costs, then by time."""

    cost: float
    recorded_at: str
    decision_id: str
    flip: FlipRow = field(compare=False)
