"""The quality of decisions: every published rate, by intent, program and week."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from serving.reviews.verdict import Verdict
from serving.routing.policy import Policy, Role
from serving.sampling.estimate import Bools, Estimate, estimate
from serving.sampling.facts import Reviewed, reviewed_of
from serving.sampling.gathered import Gathered
from serving.sampling.kappa import Kappa, kappa_of
from serving.sampling.promise import Judgement, judged
from serving.sampling.rate import (
    FALSE_OPT_OUTS,
    MISSED_ESCALATIONS,
    MISSED_OF_ALL,
    MISSED_OPT_OUTS,
    NEEDLESS_ESCALATIONS,
    RATES,
    WRONG_ANSWERS,
    Rate,
    missed_of_all,
)

PER_PROGRAM = (
    WRONG_ANSWERS,
    MISSED_ESCALATIONS,
    NEEDLESS_ESCALATIONS,
    MISSED_OPT_OUTS,
)
"""Not false opt-outs: one program has so few that their interval would tell little."""

WEEKLY = (WRONG_ANSWERS, MISSED_ESCALATIONS, NEEDLESS_ESCALATIONS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions are asked about; None for all.

    Attributes:
        program: of this program alone.
        bundle: of this bundle alone.
    """

    program: str | None = None
    bundle: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A rate as it is published.

    Attributes:
        rate: what it is.
        of: which part it is of: an intent, a program, the Monday of a week; "" for all.
        estimate: None where nothing of it was reviewed.
        drawn: how many such decisions were drawn.
        limit: what was promised; None where nothing was.
        judgement: how the two stand to each other.
    """

    rate: Rate
    of: str
    estimate: Estimate | None
    drawn: int
    limit: float | None
    judgement: Judgement

    @property
    def shown(self) -> Estimate | None:
        """The estimate, where there are reviews enough to show it."""
        return self.estimate if self.estimate and self.estimate.enough else None


@dataclass(frozen=True, slots=True)
class Quality:
    """What the reviews of some days say.

    Attributes:
        overall: every rate.
        intents: wrong automatic answers by intent, most decisions first.
        programs: the lines of each program.
        weeks: the lines of each week, oldest first.
        agreement: of two reviewers; None where too few decisions have two.
        pairs: how many decisions two people reviewed.
        drawn: how many decisions were drawn.
        reviewed: how many of them are reviewed.
        days: days with reviews.
        days_without: drawn days without any review yet, which are left out.
        mixed: decisions of strata that had too few reviews to stand alone.
    """

    overall: tuple[Line, ...]
    intents: tuple[Line, ...]
    programs: Mapping[str, tuple[Line, ...]]
    weeks: Mapping[str, tuple[Line, ...]]
    agreement: Kappa | None
    pairs: int
    drawn: int
    reviewed: int
    days: int
    days_without: int
    mixed: int


def quality_of(gathered: Gathered, policy: Policy, wanted: Wanted) -> Quality:
    """Return what the reviews say of the decisions that are wanted."""
    book = _Book(gathered, policy, wanted)
    reviewed = book.reviewed
    of_all = _within(gathered, wanted)
    weeks = {
        week.isoformat(): _Book(part, policy, wanted).lines(WEEKLY)
        for week, part in _by_week(gathered)
    }
    return Quality(
        overall=book.overall(),
        intents=book.by_intent(),
        programs={name: book.lines(PER_PROGRAM, name) for name in book.programs()},
        weeks=weeks,
        agreement=_agreement(gathered, reviewed, of_all),
        pairs=int(of_all[gathered.pairs.row].sum()),
        drawn=int(of_all.sum()),
        reviewed=int((of_all & (gathered.facts.verdict != "")).sum()),
        days=reviewed.days,
        days_without=reviewed.days_without,
        mixed=reviewed.mixed,
    )


class _Book:
    """The rates of some days, worked out from one weighing."""

    def __init__(self, gathered: Gathered, policy: Policy, wanted: Wanted) -> None:
        self._policy = policy
        self._opt_out = policy.intent_with(Role.OPT_OUT)
        self._drawn = gathered.facts
        self._drawn_within = _within(gathered, wanted)
        self.reviewed = reviewed_of(gathered.facts, gathered.frame)
        self._within = self._drawn_within[gathered.facts.verdict != ""]

    def overall(self) -> tuple[Line, ...]:
        """Return every rate, opt-outs missed of all opt-outs among them."""
        lines: list[Line] = []
        for rate in RATES:
            lines.append(self.line(rate))
            if rate is MISSED_OPT_OUTS:
                lines += self._missed_of_all(lines[-1])
        return tuple(lines)

    def by_intent(self) -> tuple[Line, ...]:
        """Return wrong answers of each intent that was answered."""
        meant = WRONG_ANSWERS.meant(self._drawn, self._opt_out) & self._drawn_within
        lines = [
            self.line(WRONG_ANSWERS, str(intent), intent=str(intent))
            for intent in np.unique(self._drawn.intent[meant])
        ]
        return tuple(sorted(lines, key=_size, reverse=True))

    def programs(self) -> list[str]:
        """Return the programs that anything was drawn of."""
        return [
            str(name) for name in np.unique(self._drawn.program[self._drawn_within])
        ]

    def lines(self, rates: Iterable[Rate], program: str = "") -> tuple[Line, ...]:
        """Return some rates, of one program where it is named."""
        return tuple(self.line(rate, program, program=program) for rate in rates)

    def line(
        self, rate: Rate, of: str = "", *, intent: str = "", program: str = ""
    ) -> Line:
        """Return one rate of a part of the decisions."""
        facts = self.reviewed.facts
        meant = rate.meant(facts, self._opt_out) & self._within
        drawn = rate.meant(self._drawn, self._opt_out) & self._drawn_within
        if intent:
            meant, drawn = (
                meant & (facts.intent == intent),
                drawn & (self._drawn.intent == intent),
            )
        if program:
            meant, drawn = (
                meant & (facts.program == program),
                drawn & (self._drawn.program == program),
            )
        found = estimate(self.reviewed.weighing, meant, rate.counts(facts))
        limit = self._limit(rate, intent)
        return Line(rate, of, found, int(drawn.sum()), limit, judged(found, limit))

    def _missed_of_all(self, missed: Line) -> list[Line]:
        false = self.line(FALSE_OPT_OUTS).estimate
        if missed.estimate is None or false is None:
            return []
        share = missed_of_all(missed.estimate, false)
        return [replace(missed, rate=MISSED_OF_ALL, estimate=share)]

    def _limit(self, rate: Rate, intent: str) -> float | None:
        if rate is not WRONG_ANSWERS:
            return None
        if intent:
            return self._policy.limit_of(intent)
        return self._policy.max_wrong_replies


def _size(line: Line) -> tuple[float, str]:
    return (line.estimate.decisions if line.estimate else 0.0, line.of)


def _within(gathered: Gathered, wanted: Wanted) -> Bools:
    facts = gathered.facts
    within = np.ones(len(facts), dtype=bool)
    if wanted.program is not None:
        within &= facts.program == wanted.program
    if wanted.bundle is not None:
        within &= facts.bundle == wanted.bundle
    return within


def _by_week(gathered: Gathered) -> list[tuple[date, Gathered]]:
    """Return what was drawn from each week, by its Monday."""
    mondays = [_monday(date.fromisoformat(row.period)) for row in gathered.frame]
    of_rows = np.array(mondays, dtype="datetime64[D]")[gathered.facts.part]
    return [
        (
            monday,
            replace(
                gathered, facts=gathered.facts.where(of_rows == np.datetime64(monday))
            ),
        )
        for monday in sorted(set(mondays))
    ]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _agreement(gathered: Gathered, reviewed: Reviewed, within: Bools) -> Kappa | None:
    facts, pairs = gathered.facts, gathered.pairs
    place = np.cumsum(facts.verdict != "") - 1
    kept = within[pairs.row]
    weight = reviewed.weighing.weight[place[pairs.row[kept]]]
    codes = {verdict.value: code for code, verdict in enumerate(Verdict)}
    first = np.array([codes[verdict] for verdict in pairs.first], dtype=np.int64)
    second = np.array([codes[verdict] for verdict in pairs.second], dtype=np.int64)
    return kappa_of(first[kept], second[kept], weight, right=codes[Verdict.RIGHT])
