"""How many decisions of each stratum are reviewed."""

from collections.abc import Mapping

from serving.sampling.stratum import Stratum


def allot(
    counts: Mapping[Stratum, int],
    worth: Mapping[Stratum, float],
    budget: int,
    *,
    floor: int,
    spread: float,
) -> dict[Stratum, int]:
    """Return how many to draw of each stratum: at least one, never more than it has.

    Each gets `floor`. Of what is left the share `spread` goes by size, for mistakes
    that nobody expects there, and so that no decision weighs more than
    1 / `spread` of the average. The rest goes by size times worth (Neyman 1934, with
    the standard deviation of the cost of a mistake as worth). A stratum that has
    fewer is drawn whole, and what it leaves over is shared out again.

    Args:
        counts: decisions of each stratum, all above 0.
        worth: what a review tells in each, at least 0; only the proportions matter.
        budget: decisions to draw; exceeded only where the floors alone do.
        floor: decisions that each stratum gets at least, at least 1.
        spread: above 0, at most 1.
    """
    floors = {stratum: min(count, floor) for stratum, count in counts.items()}
    total = sum(counts.values())
    weighted = sum(counts[s] * worth[s] for s in counts)
    score = {
        s: count / total * spread
        + (1 - spread) * (count * worth[s] / weighted if weighted else count / total)
        for s, count in counts.items()
    }
    drawn = dict(floors)
    open_ = {s for s in counts if drawn[s] < counts[s]}
    left = budget - sum(drawn.values())
    while left > 0 and open_:
        shares = _rounded({s: score[s] for s in open_}, left)
        for stratum, share in shares.items():
            drawn[stratum] = min(counts[stratum], drawn[stratum] + share)
        open_ = {s for s in open_ if drawn[s] < counts[s]}
        left = budget - sum(drawn.values())
    return drawn


def _rounded(score: Mapping[Stratum, float], whole: int) -> dict[Stratum, int]:
    """Share `whole` out in proportion to `score`, by largest remainder."""
    total = sum(score.values())
    exact = {s: whole * value / total for s, value in score.items()}
    shares = {s: int(value) for s, value in exact.items()}
    missing = whole - sum(shares.values())
    by_remainder = sorted(exact, key=lambda s: (shares[s] - exact[s], s))
    for stratum in by_remainder[:missing]:
        shares[stratum] += 1
    return shares
