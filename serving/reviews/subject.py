"""The decision that is reviewed, read from the store."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from serving.reviews.refusal import ReviewUnknown
from serving.schemas import DecisionOut
from serving.store.moments import aware
from serving.store.tables import decisions


@dataclass(frozen=True, slots=True)
class Subject:
    """One decision with what it was about.

    Attributes:
        decision_id: which one.
        conversation_id: what it is part of.
        bundle: what decided.
        program: whose reply it was; empty in rows of earlier versions.
        channel: how it came, "sms".
        received_at: when the reply came, in UTC.
        text: what the person wrote; empty where it was erased.
        last_message: what we had said before, as far as was known then.
        forgotten: the words were erased.
        ranking: what the classifier read in it, (intent, probability), the likeliest
            first; empty where a rule decided.
        decision: what was decided.
        body: the decision as it was recorded.
    """

    decision_id: str
    conversation_id: str
    bundle: str
    program: str
    channel: str
    received_at: datetime
    text: str = field(repr=False)
    last_message: str | None = field(repr=False)
    forgotten: bool
    ranking: tuple[tuple[str, float], ...]
    decision: DecisionOut = field(repr=False)
    body: str = field(repr=False)


def subject(connection: sa.Connection, decision_id: str) -> Subject:
    """Return the decision of this id.

    Raises:
        ReviewUnknown: there is none.
    """
    wanted = _COLUMNS.where(decisions.c.decision_id == decision_id)
    row = connection.execute(wanted).first()
    if row is None:
        raise ReviewUnknown("There is no decision of this id; was it copied whole?")
    return subject_of(row)


def subject_of(row: sa.Row[Any]) -> Subject:
    """Return what a row of `decisions` holds."""
    inputs: Mapping[str, Any] = json.loads(row.inputs)
    situation: Mapping[str, Any] = inputs.get("situation") or {}
    prediction: Mapping[str, Any] = inputs.get("prediction") or {}
    return Subject(
        decision_id=row.decision_id,
        conversation_id=row.conversation_id,
        bundle=row.bundle,
        program=row.program,
        channel=inputs.get("channel", ""),
        received_at=aware(row.received_at),
        text=inputs["text"],
        last_message=situation.get("last_message"),
        forgotten=bool(inputs.get("forgotten")),
        ranking=_ranking(prediction.get("intents", ())),
        decision=DecisionOut.model_validate_json(row.decision),
        body=row.decision,
    )


_COLUMNS: sa.Select[Any] = sa.select(
    decisions.c.decision_id,
    decisions.c.conversation_id,
    decisions.c.bundle,
    decisions.c.program,
    decisions.c.received_at,
    decisions.c.inputs,
    decisions.c.decision,
)


def _ranking(pairs: Sequence[Sequence[Any]]) -> tuple[tuple[str, float], ...]:
    return tuple((str(label), float(share)) for label, share in pairs)


BEFORE, AFTER = 20, 10
"""How many replies of a conversation are shown around the one that is reviewed."""


def around(connection: sa.Connection, about: Subject) -> list[Subject]:
    """Return the conversation around a decision, itself among them, oldest first."""
    table = decisions.c
    same = _COLUMNS.where(table.conversation_id == about.conversation_id)
    at, its_id = about.received_at, about.decision_id
    same_moment = table.received_at == at
    earlier = same.where(
        (table.received_at < at) | (same_moment & (table.decision_id <= its_id))
    ).order_by(table.received_at.desc(), table.decision_id.desc())
    later = same.where(
        (table.received_at > at) | (same_moment & (table.decision_id > its_id))
    ).order_by(table.received_at, table.decision_id)
    before = connection.execute(earlier.limit(BEFORE + 1)).all()
    after = connection.execute(later.limit(AFTER)).all()
    return [subject_of(row) for row in (*reversed(before), *after)]
