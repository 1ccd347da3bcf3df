"""How well opt-outs are heard: shares with exact intervals, whole and by kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

Bools = NDArray[np.bool_]

ALL = "all"


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a count with its exact 95 % interval (Clopper and Pearson 1934)."""

    value: float
    low: float
    high: float
    hits: int
    of: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What was done about each of n cases, in one order.

    Attributes:
        truth: the person asks for the messages to stop.
        honoured: the decision suppresses the number.
        asked: the decision asks whether to stop.
    """

    truth: Bools
    honoured: Bools
    asked: Bools

    def part(self, rows: Bools) -> "Heard":
        """Return some of the cases."""
        return Heard(self.truth[rows], self.honoured[rows], self.asked[rows])


@dataclass(frozen=True, slots=True)
class OptOutFigures:
    """The figures of one set of cases; None where nothing could be counted.

    Attributes:
        name: the set: a category, a language, or "all".
        opt_outs: cases that ask for the messages to stop.
        others: cases that do not.
        recall: opt-outs that were honoured at once.
        recall_asking: opt-outs that were honoured at once or asked about.
        missed: opt-outs that were not honoured at once, the asked ones included.
        precision: honoured cases that did ask for it.
        false: other cases that were taken for an opt-out.
        asked: other cases that were asked about needlessly.
    """

    name: str
    opt_outs: int
    others: int
    recall: Share | None
    recall_asking: Share | None
    missed: Share | None
    precision: Share | None
    false: Share | None
    asked: Share | None


@dataclass(frozen=True, slots=True)
class OptOutTable:
    """The figures of one part: whole, by category and by language, in name order."""

    overall: OptOutFigures
    categories: tuple[OptOutFigures, ...]
    languages: tuple[OptOutFigures, ...]


@dataclass(frozen=True, slots=True)
class OptOutReport:
    """The figures of the test part, and of the train part, which was learned from.

    Only the test part says what to expect; a part without cases has no table.
    """

    test: OptOutTable | None
    train: OptOutTable | None


def table_of(
    heard: Heard, categories: Sequence[str], languages: Sequence[str]
) -> OptOutTable:
    """Count up what was done, whole, by category and by language."""
    return OptOutTable(
        figures_of(ALL, heard), _by(heard, categories), _by(heard, languages)
    )


def figures_of(name: str, heard: Heard) -> OptOutFigures:
    """Count up what was done about one set of cases."""
    truth, honoured = heard.truth, heard.honoured
    either = honoured | heard.asked
    return OptOutFigures(
        name=name,
        opt_outs=int(truth.sum()),
        others=int((~truth).sum()),
        recall=share(honoured[truth]),
        recall_asking=share(either[truth]),
        missed=share(~honoured[truth]),
        precision=share(truth[honoured]),
        false=share(honoured[~truth]),
        asked=share((heard.asked & ~honoured)[~truth]),
    )


def share(counted: Bools) -> Share | None:
    """Return the share of true values; None of none."""
    if not len(counted):
        return None
    hits, of = int(counted.sum()), len(counted)
    interval = binomtest(hits, of).proportion_ci(0.95, method="exact")
    return Share(hits / of, float(interval.low), float(interval.high), hits, of)


def _by(heard: Heard, kinds: Sequence[str]) -> tuple[OptOutFigures, ...]:
    names = np.asarray(kinds, dtype=object)
    return tuple(
        figures_of(name, heard.part(names == name)) for name in sorted(set(kinds))
    )
