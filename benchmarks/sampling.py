"""`python -m benchmarks.sampling`: do the intervals of the Quality page cover?"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks.sampling_world import (
    FIRST_DAY,
    RIGHT,
    VERDICTS,
    Bools,
    Doubles,
    World,
    made,
    reviewed,
)
from serving.reviews.verdict import Verdict
from serving.routing.parse_policy import parse_policy
from serving.routing.policy import Policy, Role
from serving.routing.ruleset import POLICY
from serving.routing.yaml_file import YamlFile
from serving.sampling.design import design_for
from serving.sampling.kappa import kappa_of
from serving.sampling.quality import Line, Quality, Wanted, quality_of
from serving.sampling.rate import MISSED_OF_ALL

DATA = Path(__file__).parent.parent / "data"
SEED = "0f" * 16
DOUBLE = 0.1
IDLE = 0.1
"""The share of days on which nobody reviews."""

WEEK = np.timedelta64(7)


@dataclass(frozen=True, slots=True)
class Setting:
    """A deployment to try.

    Attributes:
        name: for people.
        days: how many days are looked at.
        a_day: decisions of each, about.
        per_day: decisions that are drawn of each.
    """

    name: str
    days: int
    a_day: int
    per_day: int


SETTINGS = (
    Setting("a month", 30, 1_000, 200),
    Setting("a week", 7, 1_000, 200),
    Setting("a busy week", 7, 5_000, 200),
    Setting("a small program's month", 30, 150, 50),
)


@dataclass(slots=True)
class Tally:
    """How often one rate's interval held the truth.

    Attributes:
        shown: how often there were reviews enough to show it.
        held: how often the interval held the true share.
        below: how often the truth lay below it.
        above: how often the truth lay above it.
        width: of all intervals together.
        events: mistakes seen, of all samples together.
        hidden: how often there were too few reviews.
    """

    shown: int = 0
    held: int = 0
    below: int = 0
    above: int = 0
    width: float = 0.0
    events: int = 0
    hidden: int = 0

    def add(self, low: float, high: float, truth: float, events: int) -> None:
        """Count one interval."""
        self.shown += 1
        self.below += truth < low
        self.above += truth > high
        self.held += low <= truth <= high
        self.width += high - low
        self.events += events

    @property
    def coverage(self) -> float:
        """The share of intervals that held the truth."""
        return self.held / self.shown

    @property
    def error(self) -> float:
        """Twice the standard error of the coverage, were it 95 %."""
        return float(2 * np.sqrt(0.95 * 0.05 / self.shown))


def main() -> None:
    """Print how often the intervals of each rate hold the truth, setting by setting."""
    console = Console()
    for number, setting in enumerate(SETTINGS):
        found = coverage(setting, worlds=100, repeats=20, seed=number)
        console.print(table(setting, found), markup=False, soft_wrap=True)


def coverage(
    setting: Setting, *, worlds: int, repeats: int, seed: int
) -> dict[str, Tally]:
    """Return how often intervals held the truth, by rate.

    In each world the sample is drawn anew `repeats` times; of the drawn decisions of a
    day 40 to 100 % are reviewed, of one day in ten none.
    """
    rng = np.random.default_rng(seed)
    policy = shipped_policy()
    design = design_for(policy, SEED, per_day=setting.per_day, double=DOUBLE)
    tallies: dict[str, Tally] = defaultdict(Tally)
    for _ in track(range(worlds), setting.name, console=Console(stderr=True)):
        world = made(rng, design, days=setting.days, a_day=setting.a_day)
        progress = some_progress(rng, setting.days)
        truth = Truth(world, progress > 0, policy)
        for _ in range(repeats):
            gathered = reviewed(rng, world, progress, DOUBLE)
            _compare(quality_of(gathered, policy, Wanted()), truth, tallies)
    return dict(tallies)


def some_progress(rng: np.random.Generator, days: int) -> Doubles:
    """Return the share of each day's drawn decisions that is reviewed."""
    progress = np.clip(rng.uniform(0.4, 1) + rng.normal(0, 0.15, days), 0.05, 1)
    progress[rng.random(days) < IDLE] = 0
    return np.asarray(progress)


class Truth:
    """What every share of a world truly is, on the days that are reviewed."""

    def __init__(self, world: World, days: Bools, policy: Policy) -> None:
        self._facts = world.only(days)
        self._second = world.second[days[world.day]]
        self._date = FIRST_DAY + world.day[days[world.day]]
        self._opt_out = policy.intent_with(Role.OPT_OUT)
        self._known: dict[tuple[str, str, str], float] = {}

    def of(self, line: Line, part: str) -> float:
        """Return the true share that a line estimates.

        Args:
            line: of the page.
            part: "all", "intent", "program", or the Monday of a week.
        """
        key = (part, line.rate.key, line.of)
        if key not in self._known:
            self._known[key] = self._share(line, part)
        return self._known[key]

    @cached_property
    def kappa(self) -> float:
        """How far the two reviewers would agree about everything."""
        codes = {verdict: code for code, verdict in enumerate(VERDICTS)}
        first = np.array([codes[v] for v in self._facts.verdict.tolist()])
        found = kappa_of(first, self._second, np.ones(len(first)), right=RIGHT)
        return found.kappa if found else np.nan

    def _share(self, line: Line, part: str) -> float:
        facts = self._facts
        if line.rate is MISSED_OF_ALL:
            missed = facts.verdict == Verdict.MISSED_OPT_OUT
            rightly = facts.verdict != Verdict.FALSE_OPT_OUT
            wanted = missed | ((facts.consent == "opt_out") & rightly)
            return float(missed[wanted].mean())
        meant = line.rate.meant(facts, self._opt_out)
        if part == "intent":
            meant = meant & (facts.intent == line.of)
        elif part == "program":
            meant = meant & (facts.program == line.of)
        elif part != "all":
            monday = np.datetime64(part)
            meant = meant & (monday <= self._date) & (self._date < monday + WEEK)
        return float(line.rate.counts(facts)[meant].mean())


def _compare(quality: Quality, truth: Truth, tallies: dict[str, Tally]) -> None:
    for part, lines in _parts(quality):
        name = part if part in ("all", "intent", "program") else "week"
        for line in lines:
            tally = tallies[f"{line.rate.key}, {name}"]
            found = line.shown
            if found is None:
                tally.hidden += 1
            else:
                tally.add(found.low, found.high, truth.of(line, part), found.events)
    kappa = quality.agreement
    if kappa is None:
        tallies["kappa, all"].hidden += 1
    else:
        tallies["kappa, all"].add(kappa.low, kappa.high, truth.kappa, kappa.objections)


def _parts(quality: Quality) -> Iterator[tuple[str, Iterable[Line]]]:
    yield "all", quality.overall
    yield "intent", quality.intents
    for lines in quality.programs.values():
        yield "program", lines
    if len(quality.weeks) > 1:
        yield from quality.weeks.items()


def table(setting: Setting, found: dict[str, Tally]) -> str:
    """Return the coverage of each rate as a table of Markdown."""
    rows = "\n".join(
        f"| {name} | {100 * t.coverage:.1f} ± {100 * t.error:.1f} | "
        f"{100 * t.below / t.shown:.1f} | {100 * t.above / t.shown:.1f} | "
        f"{100 * t.width / t.shown:.2f} | {t.events / t.shown:.1f} | "
        f"{100 * t.shown / (t.shown + t.hidden):.0f} |"
        for name, t in found.items()
        if t.shown
    )
    return f"""
### {setting.name.capitalize()}

{setting.days} days of about {setting.a_day:,} decisions; {setting.per_day} a day drawn.

| rate | covers, % | truth below, % | above, % | width, points | mistakes | shown, % |
|---|---|---|---|---|---|---|
{rows}
"""


def shipped_policy() -> Policy:
    """Return the policy that ships."""
    files = {POLICY: (DATA / POLICY).read_bytes()}
    return parse_policy(YamlFile.parse(POLICY, files))


if __name__ == "__main__":
    main()
