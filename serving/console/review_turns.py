"""A conversation as it is told beside a decision: who said what, in order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from serving.console.review_words import done_in_words
from serving.reviews.subject import BEFORE, Subject

NEAR = 5
"""Replies before the one in question that are shown at once; the others on demand."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that was said.

    Attributes:
        ours: by us, not by the person.
        text: the words; empty where they are gone.
        gone: the words were erased.
        at: when, in UTC; None where nobody knows.
        done: what was decided about it; empty for our own words.
        decision_id: of the decision about it, or that it is from.
        here: it is what is reviewed.
    """

    ours: bool
    text: str = field(repr=False)
    gone: bool
    at: datetime | None
    done: str
    decision_id: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation, cut where the reader wants it cut.

    Attributes:
        earlier: turns long before the one in question, oldest first.
        turns: the others up to it and our answer to it.
        later: turns after it.
        cut: there is more before that is not told.
    """

    earlier: tuple[Turn, ...]
    turns: tuple[Turn, ...]
    later: tuple[Turn, ...]
    cut: bool


def talk_of(around: Sequence[Subject], decision_id: str) -> Talk:
    """Return the conversation `around` a decision; they are in order of time."""
    place = next(n for n, one in enumerate(around) if one.decision_id == decision_id)
    cut = place > BEFORE - 1
    told = [list(_turns(one, before, decision_id)) for before, one in _pairs(around)]
    near = max(0, place - NEAR)
    first = 1 if cut else 0
    return Talk(
        earlier=_flat(told[first:near]),
        turns=_flat(told[max(first, near) : place + 1]),
        later=_flat(told[place + 1 :]),
        cut=cut,
    )


def _pairs(around: Sequence[Subject]) -> Iterable[tuple[Subject | None, Subject]]:
    return zip((None, *around), around, strict=False)


def _flat(told: Iterable[list[Turn]]) -> tuple[Turn, ...]:
    return tuple(turn for turns in told for turn in turns)


def _turns(one: Subject, before: Subject | None, here: str) -> Iterable[Turn]:
    """Yield what we had said, the reply and our answer, as far as there are any."""
    said = before and before.decision.reply and before.decision.reply.text
    if one.last_message and one.last_message != said:
        yield Turn(
            ours=True,
            text=one.last_message,
            gone=False,
            at=None,
            done="",
            decision_id=one.decision_id,
        )
    yield Turn(
        ours=False,
        text=one.text,
        gone=one.forgotten,
        at=one.received_at,
        done=done_in_words(one.decision),
        decision_id=one.decision_id,
        here=one.decision_id == here,
    )
    reply = one.decision.reply
    if reply is not None:
        yield Turn(
            ours=True,
            text=reply.text,
            gone=one.forgotten,
            at=reply.not_before or one.received_at,
            done="",
            decision_id=one.decision_id,
        )
