"""Whether a rate is within the limit that was promised, in words."""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, isinf

from serving.sampling.estimate import ENOUGH, Estimate
from serving.sampling.interval import size_to_tell

MOST_MORE = 20_000
"""More reviews than this are not asked for: the rate lies on the limit."""


class Standing(StrEnum):
    """How a rate stands to its limit."""

    WITHIN = "within"
    ABOVE = "above"
    OPEN = "open"
    UNLIMITED = "unlimited"
    """No limit was promised."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A rate against its limit.

    Attributes:
        standing: what can be said.
        more: how many more reviews of such decisions would tell, were the rate to stay
            as it is; None where that is settled, or where no number would.
    """

    standing: Standing
    more: int | None = None

    @property
    def words(self) -> str:
        """The judgement in words."""
        if self.standing is Standing.OPEN:
            if self.more is None:
                return "too close to the limit to tell"
            reviews = "review" if self.more == 1 else "reviews"
            return f"cannot tell yet: about {self.more:,} more {reviews} would"
        return {
            Standing.WITHIN: "within the promise",
            Standing.ABOVE: "above the promise",
            Standing.UNLIMITED: "no limit was promised",
        }[self.standing]


def judged(estimate: Estimate | None, limit: float | None) -> Judgement:
    """Return how an estimate stands to `limit`; the whole interval must say so."""
    if limit is None:
        return Judgement(Standing.UNLIMITED)
    if estimate is None:
        return Judgement(Standing.OPEN, _more(0.0, limit, reviewed=0, effective=0))
    if estimate.enough and estimate.high <= limit:
        return Judgement(Standing.WITHIN)
    if estimate.enough and estimate.low > limit:
        return Judgement(Standing.ABOVE)
    more = _more(
        estimate.share, limit, reviewed=estimate.reviewed, effective=estimate.effective
    )
    return Judgement(Standing.OPEN, more)


def _more(share: float, limit: float, *, reviewed: int, effective: float) -> int | None:
    """Return how many more reviews would tell; each worth what those so far were."""
    needed = max(size_to_tell(share, limit), ENOUGH)
    each = effective / reviewed if reviewed else 1.0
    more = needed if isinf(needed) else max(1.0, (needed - effective) / each)
    return None if more > MOST_MORE else ceil(more)
