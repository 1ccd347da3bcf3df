"""The design: how many decisions a day are reviewed, and where a review tells most."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Self

from model.errors import SettingsError
from serving.routing.decision import DecidedBy
from serving.routing.policy import Policy
from serving.sampling.stratum import ANY, Done, Stake, Stratum

PER_DAY = 200
"""Reviews a day: one person's hour."""

FEWEST_PER_DAY, MOST_PER_DAY = 10, 2_000

DOUBLE = 0.1
"""The share that two people review."""

SPREAD = 0.5
"""The share of reviews that goes by size alone (`allot`): no decision weighs more than
about twice the average, whatever the guesses below are worth."""

FLOOR = 2
"""Decisions of each stratum and day: from two on, it tells how much it varies."""

PER_STRATUM = 4
"""Reviews a day for each stratum there may be, so that the floors take half at most."""

CUTS = (0.5, 0.9, 0.98)
"""Where bands of confidence begin. Thresholds of shipped intents lie near the last."""

_RULE_ERRS, _HANDS_OVER = 0.01, 0.2
"""Guesses of how often a rule, or handing over, is a mistake. A wrong guess costs
width, never truth."""

_LEAST_ERR = 0.002


@dataclass(frozen=True, slots=True)
class Costs:
    """What a mistake costs, in the policy's currency; only the proportions matter.

    Attributes:
        usual: a wrong answer.
        dear: a wrong answer to one of the intents that cost more than that.
        escalation: a needless escalation, the person's time counted in.
        opt_out: stopping somebody who had not asked for it: a number that is lost.
    """

    usual: float
    dear: float
    escalation: float
    opt_out: float


@dataclass(frozen=True, slots=True)
class Design:
    """By what decisions are drawn for review.

    Attributes:
        per_day: how many are drawn of each day.
        double: the share of those that two people review (0 to 1).
        costs: of mistakes.
        dear_intents: those whose wrong answers cost more than is usual, sorted.
        seed: 16 bytes, in hex; who knows it can draw again.
        spread: see `SPREAD`.
        floor: see `FLOOR`.
        cuts: see `CUTS`.
    """

    per_day: int
    double: float
    costs: Costs
    dear_intents: tuple[str, ...]
    seed: str
    spread: float = SPREAD
    floor: int = FLOOR
    cuts: tuple[float, ...] = CUTS

    @property
    def most_strata(self) -> int:
        """How many strata a day is cut into at most."""
        return max(1, self.per_day // PER_STRATUM)

    def worth(self, stratum: Stratum) -> float:
        """Return what a review tells in `stratum`, for `allot`.

        The standard deviation of what one decision's mistake costs: cost times
        sqrt(p (1 - p)), p being how often a mistake is to be expected, which a
        calibrated confidence tells.
        """
        wrong = self._expected(stratum)
        return self._cost(stratum) * sqrt(wrong * (1 - wrong))

    def _expected(self, stratum: Stratum) -> float:
        if stratum.done == Done.ESCALATED:
            return _HANDS_OVER
        if stratum.by != DecidedBy.MODEL or stratum.band == ANY:
            return _RULE_ERRS
        low, high = map(float, stratum.band.split("-"))
        return max(1 - (low + high) / 2, _LEAST_ERR)

    def _cost(self, stratum: Stratum) -> float:
        by_person = stratum.by == DecidedBy.OWNER
        if by_person or stratum.done in (Done.ESCALATED, Done.ASKED):
            return self.costs.escalation
        if stratum.done == Done.OPTED_OUT:
            return self.costs.opt_out
        return self.costs.dear if stratum.stake == Stake.DEAR else self.costs.usual

    def to_json(self) -> str:
        """Return the design as the store has it."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        body = json.loads(text)
        return cls(
            per_day=int(body["per_day"]),
            double=float(body["double"]),
            costs=Costs(**body["costs"]),
            dear_intents=tuple(body["dear_intents"]),
            seed=str(body["seed"]),
            spread=float(body["spread"]),
            floor=int(body["floor"]),
            cuts=tuple(map(float, body["cuts"])),
        )


def design_for(
    policy: Policy, seed: str, *, per_day: int = PER_DAY, double: float = DOUBLE
) -> Design:
    """Return the design that a policy's costs call for.

    Raises:
        SettingsError: a number cannot be meant.
    """
    if not FEWEST_PER_DAY <= per_day <= MOST_PER_DAY:
        raise SettingsError(
            f"reviews a day: expected {FEWEST_PER_DAY} to {MOST_PER_DAY}, got {per_day}"
        )
    if not 0 <= double <= 1:
        raise SettingsError(f"share reviewed twice: expected 0 to 1, got {double:g}")
    costs, usual = policy.costs, policy.costs.wrong_answer
    dear = _dearer(policy)
    return Design(
        per_day=per_day,
        double=double,
        costs=Costs(
            usual=usual,
            dear=sum(dear.values()) / len(dear) if dear else usual,
            escalation=costs.needless_escalation
            + costs.agent_minute * costs.minutes_per_reply,
            opt_out=max([usual, *dear.values()]),
        ),
        dear_intents=tuple(sorted(dear)),
        seed=seed,
    )


def _dearer(policy: Policy) -> Mapping[str, float]:
    usual = policy.costs.wrong_answer
    costs = {intent: policy.cost_of_wrong(intent) for intent in policy.intents}
    return {intent: cost for intent, cost in costs.items() if cost > usual}
