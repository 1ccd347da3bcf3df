"""What a budget of reviews would tell: how wide the intervals would be."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from serving.routing.decision import Action, ConsentChange
from serving.sampling.design import Design
from serving.sampling.draw import plan_of
from serving.sampling.estimate import Doubles
from serving.sampling.facts import Facts
from serving.sampling.interval import wilson
from serving.sampling.rate import RATES, Rate
from serving.sampling.stratum import Done, Stratum


@dataclass(frozen=True, slots=True)
class Prospect:
    """How well a rate would be known.

    Attributes:
        rate: what it is.
        decisions: how many decisions a day it is about.
        reviews: how many of those would be reviewed a day.
        effective: of how many drawn one by one it would be as sure, over all days.
        low: lower end of the interval that is to be expected.
        high: its upper end.
    """

    rate: Rate
    decisions: int
    reviews: float
    effective: float
    low: float
    high: float


def prospects(
    counts: Mapping[Stratum, int],
    design: Design,
    days: int,
    shares: Mapping[str, float],
) -> list[Prospect]:
    """Return how well each rate would be known after `days` like the one counted.

    Supposes that every drawn decision is reviewed, and that mistakes are spread evenly
    over the strata; a rate that no stratum is about is left out.

    Args:
        counts: decisions of each finest stratum on a typical day.
        design: by what is drawn.
        days: at least 1.
        shares: what each rate is likely to be, by its key.
    """
    plan = plan_of(counts, design)
    facts = _as_facts(list(counts))
    size = np.array(list(counts.values()), dtype=float)
    ratio = np.array(
        [plan.drawn[plan.into[s]] / plan.decisions[plan.into[s]] for s in counts]
    )
    found = []
    for rate in RATES:
        meant = rate.meant(facts, Done.OPTED_OUT)
        if meant.any():
            share = shares[rate.key]
            found.append(_prospect(rate, size[meant], ratio[meant], days, share))
    return found


def _prospect(
    rate: Rate, size: Doubles, ratio: Doubles, days: int, share: float
) -> Prospect:
    total = float(size.sum())
    variance = float((size * (1 - ratio) / ratio).sum()) / (days * total**2)
    effective = 1 / variance if variance > 0 else np.inf
    low, high = wilson(share, effective)
    return Prospect(rate, int(total), float((size * ratio).sum()), effective, low, high)


def _as_facts(strata: list[Stratum]) -> Facts:
    """Return one decision of each stratum, as far as rates ask what it was."""
    actions = {
        Done.ESCALATED.value: Action.ESCALATE,
        Done.ASKED.value: Action.ASK,
        Done.LEFT.value: Action.SILENT,
    }
    done = [stratum.done for stratum in strata]
    stopped = [ConsentChange.OPT_OUT if d == Done.OPTED_OUT else "" for d in done]
    none = np.zeros(len(strata), dtype=np.str_)
    return Facts(
        part=np.arange(len(strata)),
        decided_by=np.array([stratum.by for stratum in strata], dtype=np.str_),
        action=np.array([actions.get(d, Action.REPLY).value for d in done]),
        consent=np.array(stopped, dtype=np.str_),
        # An opt-out's intent is its own; all others are taken as answers.
        intent=np.array([d if d == Done.OPTED_OUT else "" for d in done]),
        program=none,
        bundle=none,
        verdict=none,
    )
