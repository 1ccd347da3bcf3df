"""Drawn decisions as columns: what each was, and what its reviews found."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from serving.sampling.cells import Part, joined
from serving.sampling.estimate import Bools, Places, Weighing
from serving.sampling.stratum import Stratum

Texts = NDArray[np.str_]

UNREVIEWED = ""
"""Stands for the verdict of a decision that nobody has reviewed yet."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Columns of n drawn decisions; "" stands for none.

    Attributes:
        part: the place in the frame of each one's stratum and day.
        decided_by: what settled it.
        action: what happened.
        consent: what it changed.
        intent: what the person was taken to want.
        program: its id.
        bundle: which bundle decided.
        verdict: the finding that counts, `UNREVIEWED` without.
    """

    part: Places
    decided_by: Texts
    action: Texts
    consent: Texts
    intent: Texts
    program: Texts
    bundle: Texts
    verdict: Texts

    def __len__(self) -> int:
        return len(self.part)

    def where(self, rows: Bools | Places) -> Self:
        """Return the rows for which `rows` says so, or those at its places."""
        columns = {f.name: getattr(self, f.name)[rows] for f in fields(self)}
        return type(self)(**columns)


@dataclass(frozen=True, slots=True)
class FrameRow:
    """A stratum on a day, as the frame has it.

    Attributes:
        period: the day, ISO 8601.
        stratum: its decisions are alike.
        decisions: how many it had.
        drawn: how many of them were drawn.
    """

    period: str
    stratum: Stratum
    decisions: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The drawn decisions that are reviewed, ready to be weighed.

    Attributes:
        facts: their columns.
        weighing: their cells.
        days: how many days have a review.
        days_without: how many days have none yet; they are left out.
        mixed: decisions of strata that had to be joined with others.
    """

    facts: Facts
    weighing: Weighing
    days: int
    days_without: int
    mixed: int


def reviewed_of(facts: Facts, frame: tuple[FrameRow, ...]) -> Reviewed:
    """Return what is reviewed, in its cells.

    Of each stratum and day the reviewed ones stand for all: they are looked at in a
    random order, so those looked at so far are a random part of those drawn (two-phase
    sampling, Särndal, Swensson and Wretman 1992, chapter 9), as long as nobody passes
    over what is hard. Days without any review are left out.
    """
    rows = facts.verdict != UNREVIEWED
    counts = np.bincount(facts.part[rows], minlength=len(frame))
    days = {row.period for row, count in zip(frame, counts, strict=True) if count}
    parts = [
        Part(row.stratum, row.period, row.decisions, int(count), place)
        for place, (row, count) in enumerate(zip(frame, counts, strict=True))
        if row.period in days
    ]
    cells = joined(parts)
    cell_of = np.full(len(frame), -1, dtype=np.int64)
    for number, cell in enumerate(cells):
        cell_of[[part.row for part in cell.parts]] = number
    kept = facts.where(rows)
    return Reviewed(
        facts=kept,
        weighing=Weighing.of(cell_of[kept.part], [cell.decisions for cell in cells]),
        days=len(days),
        days_without=len({row.period for row in frame}) - len(days),
        mixed=sum(cell.decisions for cell in cells if cell.mixed),
    )
