"""Lines that a paired test decides, alone or beside a limit."""

from training.binomial import upper_bound
from training.gate.limits import Limits
from training.gate.line import Line
from training.gate.losses import Loss, Tested

NEAR = 0.05
"""A chance, not adjusted, below which a loss that is not shown is pointed out."""


def plain(each: Tested) -> Line:
    """Pass unless the candidate is shown to be worse than the champion."""
    loss = each.loss
    return _line(
        each,
        passed=not each.shown,
        told=f"right in {_of(loss.candidate, loss)}, the champion in "
        f"{_of(loss.champion, loss)}; {_moved(each)}",
    )


def floored(each: Tested, floor: float) -> Line:
    """Pass unless it is shown to be worse, or is under both floor and champion."""
    loss = each.loss
    under = loss.candidate < floor and loss.candidate < loss.champion
    return _line(
        each,
        passed=not (each.shown or under),
        limit=floor,
        close=loss.candidate < floor,
        told=f"{loss.candidate:.1%}, the champion {loss.champion:.1%}, at least "
        f"{floor:.1%} wanted; {_moved(each)}",
    )


def wrong_answers(each: Tested, limits: Limits) -> Line:
    """Pass where the limit is proven, or broken by noise and by the champion as well.

    Few replies prove a limit; so the candidate passes too where it is neither shown to
    be worse than the champion nor, being worse, shown to be beyond the limit.
    """
    loss, limit, doubt = each.loss, limits.max_wrong_replies, 1 - limits.assurance
    wrong = round(loss.candidate * loss.of)
    bound = upper_bound(wrong, loss.of, doubt)
    at_least = 1 - upper_bound(loss.of - wrong, loss.of, doubt)
    beyond = at_least > limit and loss.candidate > loss.champion
    return _line(
        each,
        passed=bound <= limit or not (each.shown or beyond),
        close=loss.candidate > limit,
        limit=limit,
        bound=bound,
        told=f"{wrong} of {loss.of} automatic answers are wrong ({loss.candidate:.2%}, "
        f"surely at most {bound:.2%}; limit {limit:.2%}), the champion's "
        f"{loss.champion:.2%}; {_moved(each)}",
    )


def _line(
    each: Tested,
    *,
    passed: bool,
    told: str,
    close: bool = False,
    limit: float | None = None,
    bound: float | None = None,
) -> Line:
    loss = each.loss
    return Line(
        name=loss.name,
        slice=loss.slice,
        champion=loss.champion,
        candidate=loss.candidate,
        limit=limit,
        bound=bound,
        chance=each.chance,
        passed=passed,
        near=passed and (close or loss.chance.value <= NEAR),
        told=told,
    )


def _of(share: float, loss: Loss) -> str:
    return f"{round(share * loss.of)} of {loss.of}"


def _moved(each: Tested) -> str:
    loss = each.loss
    if each.shown:
        verdict = f"noise does so in {each.chance:.2g} of cases"
    elif loss.chance.value <= NEAR:
        verdict = f"alone noise does so in {loss.chance.value:.2g} of cases"
    else:
        verdict = "within noise"
    return f"{loss.worse} lost, {loss.better} won: {verdict}"
