"""The stratum of a decision: what was done, by what, at what stake, how surely."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from serving.routing.decision import Action, ConsentChange, DecidedBy

ANY = "*"
"""Stands for every value of a part, where a part tells nothing or was merged away."""


LEAST_FIRST = ("program", "band", "stake", "by", "done")
"""The parts of a stratum in the order in which they are given up."""


class Done(StrEnum):
    """What a decision did, as far as its mistakes differ."""

    ANSWERED = "answered"
    LEFT = "left"
    ASKED = "asked"
    ESCALATED = "escalated"
    OPTED_OUT = "opted_out"


class Stake(StrEnum):
    """What a wrong answer costs, by the policy."""

    USUAL = "usual"
    DEAR = "dear"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a stratum is told from: columns of the decision, "" for none."""

    decided_by: str
    action: str
    consent: str
    intent: str
    confidence: float
    program: str


class Stratum(NamedTuple):
    """A set of decisions that are alike; its parts go from the gravest to the least.

    A tuple, since thousands of them are compared for one page.

    Attributes:
        done: what was done (`Done`).
        by: what settled it (`DecidedBy`).
        stake: of the intent (`Stake`), where a wrong answer went out.
        band: of the confidence, "0.9-0.98", where the model decided.
        program: its id.
    """

    done: str
    by: str
    stake: str
    band: str
    program: str

    @property
    def name(self) -> str:
        """The stratum in one line, as the store has it."""
        return "/".join(self)

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read what `name` wrote; ValueError where it is no stratum."""
        done, by, stake, band, program = name.split("/", maxsplit=4)
        return cls(done, by, stake, band, program)

    def without(self, part: str) -> Self:
        """Return the stratum that leaves `part` open."""
        return self._replace(**{part: ANY})


def stratum_of(traits: Traits, dear: Collection[str], cuts: Sequence[float]) -> Stratum:
    """Return the finest stratum of a decision.

    Args:
        traits: what the decision says.
        dear: intents whose wrong answers cost more than is usual.
        cuts: where bands of confidence begin, rising, between 0 and 1.
    """
    done = _done(traits)
    by_model = traits.decided_by == DecidedBy.MODEL
    stake = ANY
    if by_model and done in (Done.ANSWERED, Done.LEFT):
        stake = Stake.DEAR if traits.intent in dear else Stake.USUAL
    band = _band(traits.confidence, cuts) if by_model else ANY
    return Stratum(done, traits.decided_by or ANY, stake, band, traits.program or ANY)


def _done(traits: Traits) -> Done:
    if traits.consent == ConsentChange.OPT_OUT:
        return Done.OPTED_OUT
    return {
        Action.ESCALATE.value: Done.ESCALATED,
        Action.ASK.value: Done.ASKED,
        Action.SILENT.value: Done.LEFT,
    }.get(traits.action, Done.ANSWERED)


def _band(confidence: float, cuts: Sequence[float]) -> str:
    edges = (0.0, *cuts, 1.0)
    place = bisect_right(cuts, confidence)
    return f"{edges[place]:g}-{edges[place + 1]:g}"
