"""`python -m benchmarks.drift`: false alarms a month, and planted faults found.

Simulated brands text for some weeks. Intents have shares of their own that move from
day to day (Dirichlet), at weekends and with the volume; each reply is drawn from the
shipped labelled replies. Drift is judged day by day as the service does it, on what the
shipped bundle reads. Then faults are planted in single days that follow:

- a new intent at 3 and at 5 % of a day: eight that the labels do not know, with 24
  phrasings each (`benchmarks/new_intents.csv`);
- a drifted week: one intent takes five times its share, or another language 10 % more;
- a campaign: a day on which one intent takes three times its share.

A fault counts as found where the day is called unusual, and a new intent also by what
named it: a word of its own, or a group most of which is of it.
"""

import argparse
import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from model.bundle import DEFAULT
from model.text import folded
from serving.drift.days import comparable
from serving.drift.draw import Reply
from serving.drift.drift_day import DriftDay
from serving.drift.judge import (
    CONFIDENCE,
    INTENTS,
    LANGUAGES,
    MEANING,
    Known,
    Today,
    judge,
)
from serving.drift.new_words import words_of
from serving.drift.sample import Reader, Sample, labelled
from serving.drift.watch import FEWEST_DAYS, HISTORY, KEPT, MOST
from serving.live import LiveBundle, load_live
from serving.routing.language import language_of
from serving.shares import share_of
from training.dataset import read_replies

DATA = Path("data")
NEW = Path(__file__).with_name("new_intents.csv")
BEGAN = date(2026, 1, 5)
"""A Monday."""

USUAL = 28
"""Days before the first that is judged."""

POOL = 9000
"""Labelled replies that traffic is drawn from."""

NEW_OF = "new: "
MEASURES = (INTENTS, LANGUAGES, CONFIDENCE, MEANING)
WEEK_FACTOR = 5.0
WEEK_RANK = 10
"""The tenth commonest intent is the one that grows."""
MORE_SPANISH = 0.1
CAMPAIGN_FACTOR = 3.0

SATURDAY = 5
EVENNESS = 400.0
"""How alike days are: an intent of 5 % has a standard deviation of 1.1 points."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Replies to draw from, as the bundle reads them, and their true intents."""

    sample: Sample
    truths: tuple[str, ...]

    def rows(self, truth: str) -> NDArray[np.int64]:
        """Return the rows of one true intent."""
        return np.flatnonzero(np.array(self.truths) == truth)


@dataclass(slots=True)
class Brand:
    """One brand's traffic.

    Attributes:
        pool: known replies.
        size: replies on a usual day.
        seed: of everything random.
    """

    pool: Pool
    size: int
    seed: int
    draw: np.random.Generator = field(init=False)
    intents: list[str] = field(init=False)
    shares: NDArray[np.float64] = field(init=False)
    weekend: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        """Choose the shares of the intents, few of them large."""
        self.draw = np.random.default_rng(self.seed)
        known = {one for one in self.pool.truths if not one.startswith(NEW_OF)}
        self.intents = sorted(known)
        weights = 1 / np.arange(1, len(self.intents) + 1) ** 0.8
        self.draw.shuffle(weights)
        self.shares = weights / weights.sum()
        self.weekend = np.exp(self.draw.normal(0, 0.2, len(weights)))

    def day(
        self, number: int, factors: NDArray[np.float64] | None = None, more: float = 1
    ) -> NDArray[np.int64]:
        """Return the rows of the pool that a day's replies are."""
        weekend = number % 7 >= SATURDAY
        shares = self.shares * (self.weekend if weekend else 1.0)
        shares = shares * (1.0 if factors is None else factors)
        mix = self.draw.dirichlet(shares / shares.sum() * EVENNESS + 1e-6)
        noise = np.exp(self.draw.normal(0, 0.15)) * (0.7 if weekend else 1.0)
        counts = self.draw.multinomial(int(self.size * noise * more), mix)
        rows = [
            self.draw.choice(self.pool.rows(intent), count)
            for intent, count in zip(self.intents, counts, strict=True)
        ]
        return self.draw.permutation(np.concatenate(rows))

    def with_factor(self, intent: str, factor: float) -> NDArray[np.float64]:
        """Return factors of shares, one of them changed."""
        return np.where(np.array(self.intents) == intent, factor, 1.0)


@dataclass(slots=True)
class Watched:
    """A brand's days so far, judged as the service judges them."""

    pool: Sample
    trained: Sample | None
    days: list[DriftDay] = field(default_factory=list)
    kept: list[NDArray[np.int64]] = field(default_factory=list)

    def judged(self, rows: NDArray[np.int64]) -> DriftDay:
        """Return what is said of a day with these replies of the pool."""
        number = len(self.kept)
        earlier = self.kept[-HISTORY:] if number >= FEWEST_DAYS else []
        none = np.zeros(0, dtype=np.int64)
        return judge(
            Today(
                day=BEGAN + timedelta(days=number),
                bundle="",
                replies=len(rows),
                recorded=(),
                sample=taken(self.pool, rows[:MOST], f"{number}"),
                kept=(),
            ),
            Known(
                before=taken(self.pool, np.concatenate([none, *earlier]), "before"),
                days=len(earlier),
                labelled=self.trained,
                history=comparable(self.days[-HISTORY:]),
                calibration_error=0.0,
            ),
        )

    def go_on(self, rows: NDArray[np.int64]) -> DriftDay:
        """Judge a day and keep it."""
        told = self.judged(rows)
        self.days.append(told)
        self.kept.append(rows[:KEPT])
        return told


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, and how often it was found.

    Attributes:
        name: what was planted.
        found: days that were called unusual, or were told of it where it is a new
            intent.
        days: days that it was planted in.
    """

    name: str
    found: int
    days: int


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--brands", type=int, default=10)
    parser.add_argument("--days", type=int, default=30, help="judged, of each brand")
    parser.add_argument("--replies", type=int, default=2000, help="of a usual day")
    asked = parser.parse_args()
    live = load_live(DEFAULT)
    pool = read_pool(live)
    run = partial(
        simulate, pool, labelled(live), days=asked.days, replies=asked.replies
    )
    console = Console()
    told = []
    for seed in range(asked.brands):
        told.append(run(seed))
        alarms = sum(day.unusual for day in told[-1][0])
        console.print(f"brand {seed + 1}: {alarms} false alarms", highlight=False)
    console.print(_alarms([alarms for alarms, _ in told]))
    console.print(_faults([faults for _, faults in told]))


def simulate(
    pool: Pool, trained: Sample | None, seed: int, *, days: int, replies: int
) -> tuple[list[DriftDay], list[Fault]]:
    """Return a brand's usual days as they were judged, and the faults after them."""
    brand = Brand(pool, replies, seed)
    watched = Watched(pool.sample, trained)
    judged = [watched.go_on(brand.day(number)) for number in range(USUAL + days)]
    faults = [
        *(_new_intent(watched, brand, share) for share in (0.03, 0.05)),
        _week(watched, brand),
        _language(watched, brand),
        _campaign(watched, brand),
    ]
    return judged[USUAL:], faults


def read_pool(live: LiveBundle) -> Pool:
    """Return labelled replies at random and those of new intents, read by `live`."""
    frame = read_replies([DATA / "replies.csv"]).sample(POOL, random_state=1)
    rows = list(zip(frame["text"], frame["intent"], strict=True))
    with NEW.open(encoding="utf-8", newline="") as file:
        rows += [(row["text"], NEW_OF + row["intent"]) for row in csv.DictReader(file)]
    markers = live.rules.keywords.markers
    recorded = [
        Reply(
            decision_id=f"{number}",
            person=f"{number}",
            text=text,
            intent=intent,
            language=language_of(folded(text), markers),
            confidence=1.0,
            by_model=True,
            answered=False,
        )
        for number, (text, intent) in enumerate(rows)
    ]
    return Pool(
        Reader(live, lambda: None).read(recorded), tuple(truth for _, truth in rows)
    )


def taken(sample: Sample, rows: NDArray[np.int64], people: str) -> Sample:
    """Return some rows of a sample, each from another person."""
    chosen = rows.tolist()
    return Sample(
        ids=tuple(sample.ids[row] for row in chosen),
        people=tuple(f"{people}-{number}" for number in range(len(chosen))),
        texts=tuple(sample.texts[row] for row in chosen),
        intents=tuple(sample.intents[row] for row in chosen),
        languages=tuple(sample.languages[row] for row in chosen),
        confidence=sample.confidence[rows],
        vectors=sample.vectors[rows],
    )


def _new_intent(watched: Watched, brand: Brand, share: float) -> Fault:
    names = sorted({truth for truth in brand.pool.truths if truth.startswith(NEW_OF)})
    found = 0
    for name in names:
        rows = brand.day(len(watched.kept))
        places = brand.draw.random(len(rows)) < share
        planted = brand.pool.rows(name)
        rows[places] = brand.draw.choice(planted, int(places.sum()))
        found += _told_of(watched.judged(rows), brand.pool, planted)
    return Fault(f"a new intent, {share:.0%} of a day", found, len(names))


def _told_of(told: DriftDay, pool: Pool, planted: NDArray[np.int64]) -> bool:
    """Return whether a word or a group that was told is of the planted intent."""
    of_it = {pool.sample.ids[row] for row in planted.tolist()}
    said = {
        word for row in planted.tolist() for word in words_of(pool.sample.texts[row])
    }
    groups = [
        sum(one in of_it for one in g.examples) > len(g.examples) / 2
        for g in told.groups
    ]
    return any(groups) or any(one.word in said for one in told.words)


def _week(watched: Watched, brand: Brand) -> Fault:
    intent = brand.intents[int(np.argsort(brand.shares)[-WEEK_RANK])]
    factors = brand.with_factor(intent, WEEK_FACTOR)
    found = _unusual(watched, lambda number: brand.day(number, factors))
    return Fault(f"a week of {WEEK_FACTOR:.0f} times one intent, by day", found, 7)


def _language(watched: Watched, brand: Brand) -> Fault:
    spanish = np.flatnonzero(np.array(brand.pool.sample.languages) == "es")

    def day(number: int) -> NDArray[np.int64]:
        rows = brand.day(number)
        places = brand.draw.random(len(rows)) < MORE_SPANISH
        rows[places] = brand.draw.choice(spanish, int(places.sum()))
        return rows

    found = _unusual(watched, day)
    return Fault(f"a week of {MORE_SPANISH:.0%} more Spanish, by day", found, 7)


def _campaign(watched: Watched, brand: Brand) -> Fault:
    def day(number: int) -> NDArray[np.int64]:
        intent = brand.intents[
            int(brand.draw.choice(len(brand.intents), p=brand.shares))
        ]
        return brand.day(number, brand.with_factor(intent, CAMPAIGN_FACTOR), 1.5)

    found = _unusual(watched, day)
    return Fault(f"a campaign's day, {CAMPAIGN_FACTOR:.0f} times one intent", found, 7)


def _unusual(watched: Watched, day: Callable[[int], NDArray[np.int64]]) -> int:
    """Return how many of the next seven days, each judged by itself, are unusual."""
    first = len(watched.kept)
    return sum(watched.judged(day(first + n)).unusual for n in range(7))


def _alarms(told: Sequence[Sequence[DriftDay]]) -> Table:
    table = Table("false alarms", "days", "of 30 days", "95 % interval")
    judged = [day for brand in told for day in brand]
    causes: list[tuple[str, Callable[[DriftDay], bool]]] = [
        ("any", lambda day: day.unusual),
        *((name, partial(_in_measure, name)) for name in MEASURES),
        ("words", lambda day: bool(day.words)),
        ("groups", lambda day: bool(day.groups)),
    ]
    for name, cause in causes:
        count = sum(cause(day) for day in judged)
        share = share_of(count, len(judged))
        table.add_row(
            name,
            f"{count} of {len(judged)}",
            f"{30 * share.estimate:.2f}",
            f"{30 * share.low:.2f} to {30 * share.high:.2f}",
        )
    return table


def _in_measure(name: str, day: DriftDay) -> bool:
    measure = day.measure(name)
    return measure is not None and measure.unusual


def _faults(told: Sequence[Sequence[Fault]]) -> Table:
    table = Table("planted", "found", "recall", "95 % interval")
    for faults in zip(*told, strict=True):
        found, days = sum(f.found for f in faults), sum(f.days for f in faults)
        share = share_of(found, days)
        table.add_row(
            faults[0].name,
            f"{found} of {days}",
            f"{share.estimate:.2f}",
            f"{share.low:.2f} to {share.high:.2f}",
        )
    return table


if __name__ == "__main__":
    main()
