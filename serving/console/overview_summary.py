"""The headline of the Overview: a few numbers, and how they have moved. Pure."""

from dataclasses import dataclass

from serving.console.overview_figures import Figures
from serving.console.overview_words import (
    NONE,
    day,
    duration,
    more,
    percent,
    points,
    share,
    slower,
    wait,
)


@dataclass(frozen=True, slots=True)
class Headline:
    """One number.

    Attributes:
        name: what it is.
        value: as it is read.
        detail: what it is made of; may be empty.
        change: how it has moved since the period before; may be empty.
    """

    name: str
    value: str
    detail: str = ""
    change: str = ""


def headline(figures: Figures) -> list[Headline]:
    """Return the numbers in their order."""
    present, whole, before = figures.present, figures.whole, figures.before

    def rate(name: str, title: str) -> Headline:
        part = getattr(present, name)
        return Headline(
            title,
            share(part, present.replies),
            f"{part:,} replies",
            points(
                percent(getattr(whole, name), whole.replies),
                percent(getattr(before, name), before.replies),
            ),
        )

    median, slow, slowest = present.delays
    return [
        Headline(
            "Replies",
            f"{present.replies:,}",
            change=more(whole.replies, before.replies),
        ),
        rate("answered", "Answered automatically"),
        rate("escalated", "To a person"),
        rate("opt_outs", "Opted out"),
        Headline(
            "Receipt to decision",
            duration(median),
            f"p95 {duration(slow)}, p99 {duration(slowest)}",
            slower(whole.delays[0], before.delays[0]),
        ),
        _contained(figures),
        _waiting(figures),
    ]


def _contained(figures: Figures) -> Headline:
    """Return how many answers were the end of it, of the days that are judged."""
    found = figures.contained
    if found.first is None or found.last is None:
        return Headline("Contained", NONE, "Judged 72 hours after the answer")
    days = f"{day(found.first)} to {day(found.last)}"
    value = share(found.contained, found.answered)
    return Headline("Contained", value, f"of {found.answered:,} answers, {days}")


def _waiting(figures: Figures) -> Headline:
    number = sum(queue.conversations for queue in figures.queues)
    if not number:
        return Headline("Waiting for a person", "0", "Nobody waits")
    longest = max(queue.oldest for queue in figures.queues)
    return Headline(
        "Waiting for a person", f"{number:,}", f"the longest for {wait(longest)}"
    )
