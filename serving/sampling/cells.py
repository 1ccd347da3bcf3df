"""Cells: decisions of one stratum and day, or of a few, that a share is weighed by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from serving.sampling.stratum import Stratum

ENOUGH = 8
"""Reviews of a stratum from which a cell of its own is made: days are joined until
there are so many. Joined days need not be reviewed alike; fewer would leave weights
and variances to chance (`python -m benchmarks.sampling`)."""

FEWEST = 2
"""Reviews below which a stratum is joined with a neighbour: of one alone nobody can
tell how much it varies."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A stratum on a day: what it had, and how much of what was drawn is reviewed."""

    stratum: Stratum
    period: str
    decisions: int
    reviewed: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Parts that are weighed as one: each review stands for decisions / reviewed.

    Attributes:
        parts: in order of stratum and day.
        mixed: whether they are of more than one stratum, for want of reviews.
    """

    parts: tuple[Part, ...]

    @property
    def decisions(self) -> int:
        """How many decisions there were."""
        return sum(part.decisions for part in self.parts)

    @property
    def reviewed(self) -> int:
        """How many of them are reviewed."""
        return sum(part.reviewed for part in self.parts)

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
    ordered = sorted(parts, key=lambda part: (part.stratum, part.period))
    cells = [
        cell
        for _, days in groupby(ordered, key=lambda part: part.stratum)
        for cell in _gathered([Cell((day,)) for day in days], ENOUGH)
    ]
    for alike in (_done_by, _done, _any):
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
    waiting: tuple[Part, ...] = ()
    for cell in cells:
        waiting += cell.parts
        if sum(part.reviewed for part in waiting) >= enough:
            done.append(Cell(waiting))
            waiting = ()
    if waiting and done:
        return [*done[:-1], Cell(done[-1].parts + waiting)]
    return [*done, Cell(waiting)] if waiting else done


def _done_by(cell: Cell) -> tuple[str, str]:
    stratum = cell.parts[0].stratum
    return (stratum.done, stratum.by)


def _done(cell: Cell) -> str:
    return cell.parts[0].stratum.done


def _any(_cell: Cell) -> str:
    return ""
