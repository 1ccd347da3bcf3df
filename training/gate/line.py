"""What the gate says: one line for everything that a bundle is held to."""

from dataclasses import dataclass
from enum import StrEnum

ALL = "all"


class Name(StrEnum):
    """What a line is about. Stable: programs may branch on these."""

    HELD_OUT = "held_out"
    GRAPH = "graph"
    ACCURACY = "accuracy"
    SENTIMENT = "sentiment"
    WRONG_ANSWERS = "wrong_answers"
    ANSWERED = "answered"
    CALIBRATION = "calibration"
    OPT_OUT_RECALL = "opt_out_recall"
    OPT_OUT_PRECISION = "opt_out_precision"
    LATENCY = "latency"
    BEHAVIOUR = "behaviour"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a candidate is held to.

    Attributes:
        name: what it is about.
        slice: of which replies, "all" or such as "intent refund".
        champion: the figure of the bundle that decides now; None where it has none.
        candidate: the candidate's.
        limit: what the candidate's figure, or its bound, is held to; None where it is
            held to the champion's alone.
        bound: what the candidate's true figure surely does not pass; None where the
            figure itself is held to the limit.
        chance: how likely so large a loss is by noise, adjusted for the number of
            tests (0 to 1); None where nothing is tested.
        passed: whether the candidate is fit in this respect.
        near: passed, and would have failed with little more.
        told: the same in words.
    """

    name: Name
    slice: str
    champion: float | None
    candidate: float | None
    limit: float | None
    bound: float | None
    chance: float | None
    passed: bool
    near: bool
    told: str
