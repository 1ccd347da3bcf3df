"""Cells: decisions of one stratum and day, or of a few, that a share is weighed by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from serving.sampling.stratum import Stratum

ENOUGH = 8
"""Reviews of a stratum from which a cell of its own is made: days are joined until
there are so many. Joined days need not be reviewed alike; fewer would leave weights
and variances to chance (`python -m benchmarks.sampling`)."""

FEWEST = 2
"""Reviews below which a stratum is joined with a neighbour: of one alone nobody can
tell how much it varies."""


class Part(NamedTuple):
    """A stratum on a day: what it had, and how much of what was drawn is reviewed.

    Attributes:
        stratum: its decisions are alike.
        period: the day.
        decisions: how many there were.
        reviewed: how many of them are reviewed.
        row: its place in the frame.
    """

    stratum: Stratum
    period: str
    decisions: int
    reviewed: int
    row: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Parts that are weighed as one: each review stands for decisions / reviewed.

    Attributes:
        parts: in order of stratum and day.
        reviewed: how many decisions are reviewed.
    """

    parts: tuple[Part, ...]
    reviewed: int

    @property
    def decisions(self) -> int:
        """How many decisions there were."""
        return sum(part.decisions for part in self.parts)

    @property
    def mixed(self) -> bool:
        """Whether strata had to be joined, for want of reviews."""
        return len({part.stratum for part in self.parts}) > 1


def joined(parts: Iterable[Part]) -> list[Cell]:
    """Return the cells that `parts` are joined to, each with enough reviews.

    Days of a stratum are joined with the days after them until they have `ENOUGH`
    reviews; what is left over at the end joins the days before. A stratum that has
    fewer than `FEWEST` in all is joined with its neighbour, as alike as there is: of
    what was done by the same first, then of what was done, then any. Only where there
    are not even so many reviews altogether has the one cell fewer.
    """
    cells = [
        cell
        for _, days in groupby(sorted(parts), key=lambda part: part.stratum)
        for cell in _gathered([Cell((day,), day.reviewed) for day in days], ENOUGH)
    ]
    for alike in (_done_by, _done, _any):
        if all(cell.reviewed >= FEWEST for cell in cells):
            break
        cells = [
            cell
            for _, group in groupby(cells, key=alike)
            for cell in _gathered(list(group), FEWEST)
        ]
    return cells


def _gathered(cells: Sequence[Cell], enough: int) -> list[Cell]:
    """Join each cell with those after it until it has `enough`; the rest with the last.

    Cells that have enough stay as they are, unless one that has not must join them.
    """
    done: list[Cell] = []
    waiting: list[Cell] = []
    reviewed = 0
    for cell in cells:
        waiting.append(cell)
        reviewed += cell.reviewed
        if reviewed >= enough:
            done.append(_together(waiting))
            waiting, reviewed = [], 0
    if waiting and done:
        return [*done[:-1], _together([done[-1], *waiting])]
    return [_together(waiting)] if waiting else done


def _together(cells: Sequence[Cell]) -> Cell:
    if len(cells) == 1:
        return cells[0]
    parts = tuple(part for cell in cells for part in cell.parts)
    return Cell(parts, sum(cell.reviewed for cell in cells))


def _done_by(cell: Cell) -> tuple[str, str]:
    stratum = cell.parts[0].stratum
    return (stratum.done, stratum.by)


def _done(cell: Cell) -> str:
    return cell.parts[0].stratum.done


def _any(_cell: Cell) -> str:
    return ""
