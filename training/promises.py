"""What the thresholds promise: of each intent, and of the whole policy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised of one intent.

    Attributes:
        intent: its label.
        limit: share of its answers that may be wrong; None where people answer it.
        threshold: confidence from which it is acted on (0 to 1); None for never.
        answered: held-out replies that are answered as this intent.
        wrong: how many of those have another intent.
        bound: of their true share, exact (Clopper and Pearson) at this threshold, and
            not above the limit; None where it is not answered. What is promised is
            the limit: the threshold was chosen among many.
        coverage: share of those taken for this intent, and not settled otherwise,
            that are answered.
        reason: why it is not answered, None where it is.
    """

    intent: str
    limit: float | None
    threshold: float | None
    answered: int
    wrong: int
    bound: float | None
    coverage: float
    reason: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """What is promised of the whole policy.

    The limit is one of what the model answers; coverage, escalations and cost reckon
    with what keywords, guards and the opt-out settle.

    Attributes:
        limit: share of automatic answers that may be wrong (0 to 1).
        assurance: how sure that, and every intent's own limit, is (0 to 1).
        answered: held-out replies that are answered on the model's word.
        wrong: how many of those have another intent.
        bound: of their true share, exact at this step; None without answers.
        coverage: share of all replies that no person sees.
        escalations: replies in 1,000 that a person sees.
        cost: of 1,000 replies, in the policy's currency: wrong answers, the time of
            people, and people who wait for what could have been answered.
        reason: why nothing is answered, None where something is.
    """

    limit: float
    assurance: float
    answered: int
    wrong: int
    bound: float | None
    coverage: float
    escalations: float
    cost: float
    reason: str | None


@dataclass(frozen=True, slots=True)
class Solved:
    """Thresholds with what they promise, and a step to either side.

    Attributes:
        whole: the policy as it is stated.
        promises: by intent, in the order of the labels.
        tighter: the whole at half the limit.
        looser: the whole at twice the limit.
    """

    whole: Whole
    promises: tuple[Promise, ...]
    tighter: Whole
    looser: Whole

    @property
    def thresholds(self) -> dict[str, float | None]:
        """The threshold of each intent."""
        return {promise.intent: promise.threshold for promise in self.promises}
