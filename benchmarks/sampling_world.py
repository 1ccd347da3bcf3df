"""Made-up days of decisions of which everything is known, to try the sample on.

Shares of mistakes, and where they gather, are drawn anew for each world: whether the
confidence tells them or not, more on one day, in one program or of one intent than
elsewhere.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from serving.reviews.verdict import Verdict
from serving.sampling.design import Design
from serving.sampling.draw import plan_of
from serving.sampling.facts import UNREVIEWED, Facts, FrameRow
from serving.sampling.frame import Sorter
from serving.sampling.gathered import Gathered, Pairs
from serving.sampling.stratum import Stratum, Traits

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]

PROGRAMS = ("first", "second", "third", "fourth")
PROGRAM_SHARES = (0.6, 0.25, 0.1, 0.05)
INTENTS = (
    *("order_status", "shipping_info", "return_exchange", "refund", "thanks"),
    *("store_info", "account_access", "sizing_help", "price_discount"),
    *("cancel_subscription", "complaint", "delivery_problem"),
)
ANSWERED = 10
"""So many of them may be answered."""

KINDS = {
    "stop": 0.04,
    "keyword": 0.03,
    "guard": 0.03,
    "opt-out by meaning": 0.03,
    "ask": 0.02,
    "owner": 0.02,
    "by confidence": 0.83,
}
"""What settles decisions, and how often."""

THRESHOLD = 0.965
VERDICTS = tuple(verdict.value for verdict in Verdict)
RIGHT = VERDICTS.index(Verdict.RIGHT)
FIRST_DAY = np.datetime64("2026-11-02")
"""A Monday."""

AGREES = (0.8, 0.98)
"""How often a second reviewer says of a mistake what the first one said."""


@dataclass(frozen=True, slots=True)
class World:
    """Days of decisions, and what a reviewer would find of each.

    Attributes:
        facts: every decision, with the verdict that it would get.
        second: the verdict codes that another reviewer would give.
        day: the number of each one's day.
        frame: the strata of each day, with how many of them are drawn.
    """

    facts: Facts
    second: Places
    day: Places
    frame: tuple[FrameRow, ...]

    def only(self, days: Bools) -> Facts:
        """Return the decisions of the days for which `days` says so."""
        return self.facts.where(days[self.day])


def made(rng: np.random.Generator, design: Design, *, days: int, a_day: int) -> World:
    """Return a world of `days` days of about `a_day` decisions each."""
    sizes = np.maximum(rng.poisson(a_day * np.exp(rng.normal(0, 0.25, days))), 40)
    day = np.repeat(np.arange(days), sizes)
    facts, confidence = _decisions(rng, len(day))
    chances = _mistakes(rng, facts, confidence, day)
    code = (rng.random((len(day), 1)) > chances.cumsum(axis=1)).sum(axis=1)
    verdict = np.minimum(code, len(VERDICTS) - 1)
    second = _second(rng, verdict, chances)
    part, frame = _frame(facts, confidence, day, design)
    facts = replace(facts, part=part, verdict=np.array(VERDICTS)[verdict])
    return World(facts, second, day, frame)


def reviewed(
    rng: np.random.Generator, world: World, progress: Doubles, double: float
) -> Gathered:
    """Draw from a world, and review some of what is drawn in its random order.

    Args:
        rng: the lots.
        world: what is drawn from.
        progress: the share of each day's drawn decisions that is reviewed.
        double: the share of them that two people review.
    """
    facts = world.facts
    order = np.lexsort((rng.random(len(facts)), facts.part))
    part = facts.part[order]
    rank = (
        np.arange(len(facts)) - np.searchsorted(part, np.arange(len(world.frame)))[part]
    )
    size = np.array([row.drawn for row in world.frame])[part]
    drawn = rank < size
    place = (rank[drawn] + rng.random(int(drawn.sum()))) / size[drawn]
    rows = order[drawn]
    done = place < progress[world.day[rows]]
    verdict = np.where(done, facts.verdict[rows], UNREVIEWED)
    twice = np.flatnonzero(done & (rng.random(len(rows)) < double))
    pairs = Pairs(
        row=twice,
        first=verdict[twice].tolist(),
        second=[VERDICTS[code] for code in world.second[rows[twice]]],
    )
    return Gathered(replace(facts.where(rows), verdict=verdict), world.frame, pairs)


def _decisions(rng: np.random.Generator, size: int) -> tuple[Facts, Doubles]:
    """Return decisions as a bundle makes them, and how sure it was."""
    program = rng.choice(PROGRAMS, size, p=PROGRAM_SHARES)
    shares = 1 / np.arange(2, len(INTENTS) + 2)
    intent = rng.choice(len(INTENTS), size, p=shares / shares.sum())
    confidence = 1 - rng.beta(0.35, 2.2, size)
    kind = rng.choice(list(KINDS), size, p=list(KINDS.values()))
    rule = np.isin(kind, ["stop", "keyword"])
    guard, owner, asked = kind == "guard", kind == "owner", kind == "ask"
    stopped = np.isin(kind, ["stop", "opt-out by meaning"])
    by = np.select([rule, guard, owner], ["keyword", "guard", "owner"], "model")
    sure = (confidence >= THRESHOLD) & (intent < ANSWERED)
    rests = np.array(INTENTS)[intent] == "thanks"
    action = np.select(
        [stopped | rule, guard | owner, asked, sure & rests, sure],
        ["reply", "silent", "ask", "silent", "reply"],
        "escalate",
    )
    facts = Facts(
        part=np.zeros(size, dtype=np.int64),
        decided_by=by,
        action=action,
        consent=np.where(stopped, "opt_out", ""),
        intent=np.where(stopped, "opt_out", np.array(INTENTS)[intent]),
        program=program,
        bundle=np.full(size, "sha256:a"),
        verdict=np.full(size, UNREVIEWED),
    )
    return facts, np.where(by == "model", confidence, 1.0)


def _mistakes(
    rng: np.random.Generator, facts: Facts, confidence: Doubles, day: Places
) -> Doubles:
    """Return how likely each verdict is of each decision (n x verdicts)."""
    places = (
        (np.unique(facts.intent, return_inverse=True)[1], 0.4),
        (np.unique(facts.program, return_inverse=True)[1], 0.3),
        (day, 0.3),
    )
    risk = np.ones(len(day))
    for place, spread in places:
        risk *= np.exp(rng.normal(0, spread, place.max() + 1))[place]
    # How far the confidence tells which answers are wrong: not at all, or wholly.
    unsure = (1.002 - confidence) ** rng.choice([0.0, 0.5, 1.0])
    model = facts.decided_by == "model"
    stopped = facts.consent == "opt_out"
    escalated = facts.action == "escalate"
    kept = ~escalated & ~stopped & (facts.decided_by != "owner")
    worded = kept & np.isin(facts.action, ["reply", "ask"])
    wrong = _between(rng, 0.005, 0.05)
    chances = np.zeros((len(day), len(VERDICTS)))

    def some(rows: Bools, verdict: Verdict, share: float, weight: Doubles) -> None:
        of = (weight * risk)[rows]
        if len(of):
            chance = np.clip(share * of / of.mean(), 0, 0.45)
            chances[rows, VERDICTS.index(verdict)] = chance

    flat = np.ones(len(day))
    some(kept & model, Verdict.WRONG_INTENT, 0.6 * wrong, unsure)
    some(kept & ~model, Verdict.WRONG_INTENT, _between(rng, 0.003, 0.02), flat)
    some(kept, Verdict.SHOULD_ESCALATE, 0.4 * wrong, flat)
    some(worded, Verdict.WRONG_WORDS, _between(rng, 0.005, 0.04), flat)
    some(escalated, Verdict.NEEDLESS_ESCALATION, _between(rng, 0.05, 0.35), flat)
    some(escalated, Verdict.WRONG_QUEUE, _between(rng, 0.01, 0.08), flat)
    some(escalated, Verdict.WRONG_INTENT, _between(rng, 0.02, 0.1), unsure)
    some(~stopped, Verdict.MISSED_OPT_OUT, _between(rng, 0.001, 0.005), flat)
    # A rule is always sure of itself: its confidence tells nothing of its mistakes.
    some(stopped & model, Verdict.FALSE_OPT_OUT, _between(rng, 0.01, 0.1), unsure)
    some(stopped & ~model, Verdict.FALSE_OPT_OUT, _between(rng, 0.003, 0.02), flat)
    chances[:, RIGHT] = np.maximum(1 - chances.sum(axis=1), 0)
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def _second(rng: np.random.Generator, verdict: Places, chances: Doubles) -> Places:
    """Return another reviewer's verdicts: the same, or as often wrong as decisions."""
    agrees = rng.random(len(verdict)) < rng.uniform(*AGREES)
    by_chance = (rng.random((len(verdict), 1)) > chances.cumsum(axis=1)).sum(axis=1)
    by_chance = np.minimum(by_chance, len(VERDICTS) - 1)
    return np.where(agrees, verdict, by_chance)


def _frame(
    facts: Facts, confidence: Doubles, day: Places, design: Design
) -> tuple[Places, tuple[FrameRow, ...]]:
    """Return the place of each decision in the frame, and the frame."""
    sorter = Sorter(design)
    fine = [
        sorter.stratum(Traits(*traits))
        for traits in zip(
            facts.decided_by.tolist(),
            facts.action.tolist(),
            facts.consent.tolist(),
            facts.intent.tolist(),
            confidence.tolist(),
            facts.program.tolist(),
            strict=True,
        )
    ]
    rows: list[FrameRow] = []
    part = np.empty(len(day), dtype=np.int64)
    for number in range(int(day.max()) + 1):
        of_day = np.flatnonzero(day == number)
        strata: list[Stratum] = [fine[row] for row in of_day]
        plan = plan_of(Counter(strata), design)
        places = {s: len(rows) + n for n, s in enumerate(plan.decisions)}
        part[of_day] = [places[plan.into[stratum]] for stratum in strata]
        rows += [
            FrameRow(str(FIRST_DAY + number), s, count, plan.drawn[s])
            for s, count in plan.decisions.items()
        ]
    return part, tuple(rows)


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a rate between two, as likely to be half as to be twice as large."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
