"""What a day's drift comes to, in words: a status, and what it rests on."""

from datetime import date

from serving.drift.drift_day import TRAINING, DriftDay, Measure
from serving.drift.judge import CONFIDENCE, INTENTS, LANGUAGES, MEANING
from serving.drift.moved import Moved
from serving.drift.usual import FEWEST

SHOWN = 3
"""Labels, words or groups that one sentence names."""


def status(told: DriftDay) -> str:
    """Return the day in one sentence, without its finding."""
    day = day_in_words(told.day)
    if not told.measures:
        return f"{day} had too few replies to tell: {told.looked_at:,} were read."
    if told.reference == TRAINING:
        return (
            f"{day} was held against the labelled replies: too few days are known yet."
        )
    before = f"the {told.reference_days} days before"
    if told.learning:
        return (
            f"{day} was compared with {before}; what is usual is known from "
            f"{FEWEST} such days on, this is number {told.known_days + 1}."
        )
    return f"{day} looked {'unlike' if told.unusual else 'like'} {before}."


def headline(told: DriftDay) -> str:
    """Return the day in one sentence, with its first finding where it has one."""
    found = findings(told) if told.unusual else []
    if not found:
        return status(told)
    return f"{status(told)[:-1]}: {found[0][0].lower()}{found[0][1:]}"


def findings(told: DriftDay) -> list[str]:
    """Return what was found, one sentence each, what names replies first."""
    return [*_groups(told), *_words(told), *_measures(told)]


def day_in_words(day: date) -> str:
    """Return "Tuesday 24 November"."""
    return f"{day:%A} {day.day} {day:%B}"


def percent(share: float) -> str:
    """Return a share as people read it, "14 %"."""
    hundred = 100 * share
    return f"{hundred:.0f} %" if hundred >= _WHOLE else f"{hundred:.1f} %"


_WHOLE = 9.5


def _groups(told: DriftDay) -> list[str]:
    return [
        f"{group.people} people wrote about something new "
        f"({', '.join(group.words) or 'no words in common'}), read as {group.read_as}."
        for group in told.groups[:SHOWN]
    ]


def _words(told: DriftDay) -> list[str]:
    if not told.words:
        return []
    words = [f"“{one.word}” ({one.people} people)" for one in told.words[:SHOWN]]
    more = len(told.words) - SHOWN
    rest = f", and {more} more" if more > 0 else ""
    return [f"New words were said: {', '.join(words)}{rest}."]


def _measures(told: DriftDay) -> list[str]:
    return [_sentence(told, one) for one in told.measures if one.unusual]


def _sentence(told: DriftDay, measure: Measure) -> str:
    if measure.name == INTENTS:
        return _moved(told.moved_intents, "were about {}") or (
            "The mix of intents was another one."
        )
    if measure.name == LANGUAGES:
        return _moved(
            told.moved_languages, "were in {}", "no language we can tell"
        ) or ("The mix of languages was another one.")
    if measure.name == CONFIDENCE:
        less = told.confidence < told.confidence_before
        return (
            f"The bundle was {'less' if less else 'more'} sure: mean confidence "
            f"{told.confidence:.2f}, before {told.confidence_before:.2f}."
        )
    assert measure.name == MEANING  # noqa: S101 - there are four
    return "What replies mean was further from the weeks before than on other days."


def _moved(moves: tuple[Moved, ...], told: str, none: str = "nothing") -> str:
    shares = [
        f"{percent(one.share.estimate)} of replies {told.format(one.label or none)} "
        f"({percent(one.usual)} is usual)"
        for one in moves[:SHOWN]
    ]
    return f"{', '.join(shares)}." if shares else ""
