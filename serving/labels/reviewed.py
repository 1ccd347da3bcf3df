"""Reviewed decisions, read from the store."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from serving.reviews.review import Review, review_of
from serving.reviews.verdict import ReviewKind
from serving.routing.decision import DecidedBy
from serving.store.review_tables import reviews, sample_draws, users
from serving.store.tables import decisions

_PART = 500


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about a reply, as far as an export needs it.

    Attributes:
        decision_id: which decision.
        conversation_id: what it is part of.
        program: whose reply it was.
        text: what the person wrote; "" where it was erased.
        variables: what was on record of the person and the order.
        intent: what the person was taken to want; None where nothing was read.
        action: what happened to the conversation.
        queue: whom it was given to; None where it was not given to people.
        consent: what became of the consent; None where nothing did.
        owned: whether a person had the conversation already.
        language: ISO 639-1; None where too little was said to tell.
    """

    decision_id: str
    conversation_id: str
    program: str
    text: str = field(repr=False)
    variables: Mapping[str, str] = field(repr=False)
    intent: str | None
    action: str
    queue: str | None
    consent: str | None
    owned: bool
    language: str | None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A decision with its reviews.

    Attributes:
        decided: the decision.
        reviews: those that nobody took back, at least one, oldest first.
        names: of the reviewers, by their id.
        probability: of being drawn for review; None where it was only picked, be it
            in the sample or not.
    """

    decided: Decided
    reviews: tuple[Review, ...]
    names: Mapping[str, str]
    probability: float | None


def reviewed(
    connection: sa.Connection, since: datetime | None, program: str | None
) -> Iterator[Reviewed]:
    """Yield decisions that were reviewed, in the order of their ids.

    Args:
        connection: within a transaction that reads.
        since: only those with a review from then on (aware); None for all.
        program: only replies to this one; None for all.
    """
    rows = connection.execute(_query(since, program).execution_options(yield_per=_PART))
    for _, group in groupby(rows, key=lambda row: row.decision_id):
        same = list(group)
        found = tuple(review_of(row) for row in same)
        # What somebody picks is no draw, though the sample may hold it too.
        picked = all(review.kind is ReviewKind.PICKED for review in found)
        yield Reviewed(
            decided=_decided(same[0]),
            reviews=found,
            names={row.user_id: row.name or row.user_id for row in same},
            probability=None if picked else same[0].probability,
        )


def words_of(inputs: str) -> tuple[str, Mapping[str, str]]:
    """Return a reply and what was on record beside it, from a decision's inputs."""
    body: Mapping[str, Any] = json.loads(inputs)
    situation: Mapping[str, Any] = body.get("situation") or {}
    on_record: Mapping[str, Any] = situation.get("variables") or {}
    return str(body.get("text") or ""), {k: str(v) for k, v in on_record.items()}


def _query(since: datetime | None, program: str | None) -> sa.Select[Any]:
    review, of = reviews.c, decisions.c
    query = (
        sa.select(
            *reviews.columns,
            users.c.name,
            of.conversation_id,
            of.program,
            of.inputs,
            of.decision,
            sample_draws.c.probability,
        )
        .join(decisions, of.decision_id == review.decision_id)
        .outerjoin(users, users.c.user_id == review.user_id)
        .outerjoin(sample_draws, sample_draws.c.decision_id == review.decision_id)
        .where(review.undone_at.is_(None))
        .order_by(review.decision_id, review.reviewed_at, review.review_id)
    )
    if program is not None:
        query = query.where(of.program == program)
    if since is not None:
        other = reviews.alias("other").c
        recent = sa.select(other.decision_id).where(
            other.reviewed_at >= since.astimezone(UTC), other.undone_at.is_(None)
        )
        query = query.where(review.decision_id.in_(recent))
    return query


def _decided(row: sa.Row[Any]) -> Decided:
    text, variables = words_of(row.inputs)
    decision: Mapping[str, Any] = json.loads(row.decision)
    return Decided(
        decision_id=row.decision_id,
        conversation_id=row.conversation_id,
        program=row.program,
        text=text,
        variables=variables,
        intent=decision.get("intent"),
        action=str(decision.get("action") or ""),
        queue=decision.get("queue"),
        consent=decision.get("consent"),
        owned=decision.get("decided_by") == DecidedBy.OWNER,
        language=decision.get("language"),
    )
