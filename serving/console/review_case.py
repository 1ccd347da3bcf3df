"""One decision as the Review page shows it, and how it is read from the store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from serving.console.review_keys import MARKS, Mark
from serving.console.review_turns import Talk, talk_of
from serving.console.review_words import finding_in_words, threshold_of
from serving.reviews.finding import possible
from serving.reviews.review import Review, already, standing
from serving.reviews.subject import Subject, around, subject
from serving.reviews.verdict import ReviewKind
from serving.store.review_tables import review_holds, sample_draws, users


@dataclass(frozen=True, slots=True)
class Told:
    """A review as others read it.

    Attributes:
        review_id: its id.
        who: the reviewer's name; empty where it is not to be known.
        kind: how it came about.
        found: the verdict in words.
        note: what they noted.
        review: the review itself.
    """

    review_id: str
    who: str
    kind: ReviewKind
    found: str
    note: str
    review: Review


@dataclass(frozen=True, slots=True)
class Case:
    """A decision, ready to be judged.

    Attributes:
        about: the decision and the reply that it is about.
        kind: how a review of it would count.
        talk: the conversation.
        marks: the verdicts that can be meant of it.
        threshold: the confidence that was asked for; None where none was.
        mine: what the viewer found of it already, whatever the kind.
        done: it is not theirs to judge again.
        others: what others found, as far as the viewer may know it yet.
        skipped: the viewer passed it by before.
        in_sample: it was drawn, and still wants a review of the viewer's.
    """

    about: Subject
    kind: ReviewKind
    talk: Talk
    marks: tuple[Mark, ...]
    threshold: float | None
    mine: tuple[Told, ...]
    done: bool
    others: tuple[Told, ...]
    skipped: bool
    in_sample: bool


def read_case(
    connection: sa.Connection, decision_id: str, user_id: str, kind: ReviewKind
) -> Case:
    """Read a decision for somebody who is to review it.

    Raises:
        ReviewUnknown: there is no such decision.
    """
    about = subject(connection, decision_id)
    found = standing(connection, decision_id)
    wanted = _wanted(connection, decision_id)
    mine = [review for review in found if review.user_id == user_id]
    open_to = wanted > _drawn(found) and not already(mine, user_id, ReviewKind.DRAWN)
    seen = [] if open_to else [r for r in found if r.user_id != user_id]
    names = _names(connection, {review.user_id for review in found})
    if kind is ReviewKind.ADJUDICATED:  # Who said it must not weigh in.
        seen, names = [r for r in seen if r.kind is ReviewKind.DRAWN], {}
    fits = set(possible(about.decision))
    return Case(
        about=about,
        kind=kind,
        talk=talk_of(around(connection, about), decision_id),
        marks=tuple(mark for mark in MARKS if mark.verdict in fits),
        threshold=threshold_of(about.decision),
        mine=tuple(_told(review, names) for review in mine),
        done=already(mine, user_id, kind),
        others=tuple(_told(review, names) for review in seen),
        skipped=_skipped(connection, decision_id, user_id),
        in_sample=open_to,
    )


def _told(review: Review, names: Mapping[str, str]) -> Told:
    return Told(
        review_id=review.review_id,
        who=names.get(review.user_id, ""),
        kind=review.kind,
        found=finding_in_words(review.finding),
        note=review.finding.note,
        review=review,
    )


def _wanted(connection: sa.Connection, decision_id: str) -> int:
    """Return how many reviews the design wants of a decision; 0 if not drawn."""
    double = connection.scalar(
        sa.select(sample_draws.c.double).where(
            sample_draws.c.decision_id == decision_id
        )
    )
    return 0 if double is None else 1 + bool(double)


def _drawn(found: Iterable[Review]) -> int:
    return sum(review.kind is ReviewKind.DRAWN for review in found)


def _names(connection: sa.Connection, user_ids: set[str]) -> dict[str, str]:
    wanted = sa.select(users.c.user_id, users.c.name)
    rows = connection.execute(wanted.where(users.c.user_id.in_(user_ids)))
    return {row.user_id: row.name for row in rows}


def _skipped(connection: sa.Connection, decision_id: str, user_id: str) -> bool:
    table = review_holds.c
    wanted = sa.select(table.skipped_at).where(
        table.decision_id == decision_id, table.user_id == user_id
    )
    return connection.scalar(wanted) is not None
