"""`python -m benchmarks.sampling_tried`: other intervals, on the same samples."""

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np
from rich.console import Console
from rich.progress import track
from scipy.stats import beta

from benchmarks.sampling import (
    DOUBLE,
    SEED,
    SETTINGS,
    Setting,
    Tally,
    shipped_policy,
    some_progress,
)
from benchmarks.sampling_world import Bools, made, reviewed
from serving.routing.policy import Role
from serving.sampling.design import design_for
from serving.sampling.estimate import ENOUGH, moments_of
from serving.sampling.facts import Facts, reviewed_of
from serving.sampling.interval import (
    LEVEL,
    Moments,
    Z,
    effective_size,
    interval,
    wilson,
)
from serving.sampling.rate import RATES, WRONG_ANSWERS, Rate

TAIL = (1 - LEVEL) / 2
SHARES = (
    *(("overall", rate, "") for rate in RATES),
    *(
        ("by intent", WRONG_ANSWERS, intent)
        for intent in ("order_status", "refund", "thanks", "sizing_help")
    ),
)
"""What is estimated: every rate, and that of some intents."""

Interval = tuple[float, float]


def main() -> None:
    """Print how often each interval holds the truth, over all rates and intents."""
    for number, setting in enumerate(SETTINGS[:2]):
        found = tried(setting, worlds=60, repeats=10, seed=number)
        Console().print(table(setting, found), markup=False, soft_wrap=True)


def tried(
    setting: Setting, *, worlds: int, repeats: int, seed: int
) -> Mapping[str, Mapping[str, Tally]]:
    """Return how often each interval held the truth: every rate, and each intent's."""
    rng = np.random.default_rng(seed)
    policy = shipped_policy()
    design = design_for(policy, SEED, per_day=setting.per_day, double=DOUBLE)
    opt_out = policy.intent_with(Role.OPT_OUT)
    tallies: dict[str, dict[str, Tally]] = {
        name: defaultdict(Tally) for name in INTERVALS
    }
    for _ in track(range(worlds), setting.name, console=Console(stderr=True)):
        world = made(rng, design, days=setting.days, a_day=setting.a_day)
        progress = some_progress(rng, setting.days)
        whole = world.only(progress > 0)
        for _ in range(repeats):
            gathered = reviewed(rng, world, progress, DOUBLE)
            sample = reviewed_of(gathered.facts, gathered.frame)
            for kind, rate, intent in SHARES:
                of = _meant(rate, intent, sample.facts, opt_out)
                moments = moments_of(sample.weighing, of, rate.counts(sample.facts))
                if moments is None or effective_size(moments) < ENOUGH:
                    continue
                true = rate.counts(whole)[_meant(rate, intent, whole, opt_out)].mean()
                for name, ends in INTERVALS.items():
                    tally = tallies[name][kind]
                    tally.add(*ends(moments), float(true), moments.events)
    return tallies


def _meant(rate: Rate, intent: str, facts: Facts, opt_out: str | None) -> Bools:
    """Return which decisions a share is about."""
    meant = rate.meant(facts, opt_out)
    return meant & (facts.intent == intent) if intent else meant


def plain_size(moments: Moments) -> float:
    """Return Korn and Graubard's effective size; that of no mistake is Kish's."""
    share = moments.share
    if moments.events in (0, moments.seen) or not moments.variance:
        spread = moments.seen * moments.one_variance
        return 1 / spread if spread else np.inf
    return share * (1 - share) / moments.variance


def wald(moments: Moments) -> Interval:
    """Return the estimate and twice its standard error to either side."""
    reach = Z * float(np.sqrt(moments.variance))
    return moments.share - reach, moments.share + reach


def korn_graubard(moments: Moments) -> Interval:
    """Return the interval of Clopper and Pearson with the effective size."""
    size = min(plain_size(moments), 1e9)
    events = size * moments.share
    low = beta.ppf(TAIL, events, size - events + 1) if events else 0.0
    high = beta.ppf(1 - TAIL, events + 1, size - events) if events < size else 1.0
    return float(low), float(high)


def jeffreys(moments: Moments) -> Interval:
    """Return the interval of Jeffreys with the effective size."""
    size = min(plain_size(moments), 1e9)
    events = size * moments.share
    of = beta(events + 0.5, size - events + 0.5)
    return float(of.ppf(TAIL)) if events else 0.0, float(of.ppf(1 - TAIL))


INTERVALS: Mapping[str, Callable[[Moments], Interval]] = {
    "Wald": wald,
    "Clopper and Pearson, effective size (Korn and Graubard 1998)": korn_graubard,
    "Jeffreys, effective size": jeffreys,
    "Wilson, effective size": lambda m: wilson(m.share, plain_size(m)),
    "Wilson, effective size with two mistakes added (ours)": interval,
}


def table(setting: Setting, found: Mapping[str, Mapping[str, Tally]]) -> str:
    """Return the coverage of each interval as a table of Markdown."""
    rows = "\n".join(
        f"| {name} | "
        + " | ".join(
            f"{100 * t.coverage:.1f} ± {100 * t.error:.1f} | "
            f"{100 * t.below / t.shown:.1f} | {100 * t.above / t.shown:.1f}"
            for t in (kinds["overall"], kinds["by intent"])
        )
        + " |"
        for name, kinds in found.items()
    )
    return f"""
### {setting.name.capitalize()}, other intervals

| interval | every rate, % | below | above | by intent, % | below | above |
|---|---|---|---|---|---|---|
{rows}
"""


if __name__ == "__main__":
    main()
