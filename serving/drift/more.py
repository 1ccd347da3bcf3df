"""Whether something is said more often than before, beyond chance."""

from math import exp, lgamma


def tail(now: int, before: int, of_now: int, of_before: int) -> float:
    """Return the chance of as many or more of them now, if nothing has changed.

    The upper tail of the hypergeometric distribution: Fisher's exact test, one-sided.

    Args:
        now: replies of today that say it, of `of_now`.
        before: replies before that say it, of `of_before`.
        of_now: replies of today.
        of_before: replies before.
    """
    everyone, said = of_now + of_before, now + before
    whole = _ways(everyone, of_now)
    chance = sum(
        exp(_ways(said, n) + _ways(everyone - said, of_now - n) - whole)
        for n in range(now, min(said, of_now) + 1)
        if of_now - n <= everyone - said
    )
    return min(1.0, chance)


def times(now: int, before: int, of_now: int, of_before: int) -> float:
    """Return how many times as often it is said; one more before stands for none."""
    return (now / max(of_now, 1)) / ((before + 1) / max(of_before, 1))


def _ways(of: int, chosen: int) -> float:
    """Return the logarithm of the number of ways to choose."""
    return lgamma(of + 1) - lgamma(chosen + 1) - lgamma(of - chosen + 1)
