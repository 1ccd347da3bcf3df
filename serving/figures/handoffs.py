"""What the team's inbox tells: that a person took a conversation, or closed it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from serving.figures.waiting import settle, waiting_since
from serving.store.review_tables import handoff_events
from serving.store.tables import decisions


class HandoffKind(StrEnum):
    """What a person did with a conversation."""

    TAKEN = "taken"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Handoff:
    """One thing that a person did.

    Attributes:
        conversation: which one.
        kind: what.
        at: when, aware, by the clock of whoever tells.
        actor: who tells.
    """

    conversation: str
    kind: HandoffKind
    at: datetime
    actor: str

    @property
    def event_id(self) -> str:
        """The same for the same news, so that it is noted once."""
        said = f"{self.conversation}\n{self.kind}\n{self.at.astimezone(UTC)}"
        return sha256(said.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of a handoff.

    Attributes:
        new: whether it was not on record before.
        waiting_since: since when the conversation waits all the same, because it was
            handed over again later; None where it waits no longer.
    """

    new: bool
    waiting_since: datetime | None


def note(connection: sa.Connection, handoff: Handoff) -> Noted:
    """Note a handoff in the caller's transaction; the same again changes nothing."""
    table = handoff_events.c
    known = connection.scalar(
        sa.select(table.event_id).where(table.event_id == handoff.event_id)
    )
    if known is None:
        row = {
            "event_id": handoff.event_id,
            "conversation_id": handoff.conversation,
            "kind": handoff.kind.value,
            "at": handoff.at.astimezone(UTC),
            "actor": handoff.actor,
        }
        connection.execute(sa.insert(handoff_events), row)
        settle(connection, [handoff.conversation])
    since = waiting_since(connection, handoff.conversation)
    return Noted(known is None, since)


def conversation_of(
    connection: sa.Connection, *, decision: str | None, conversation: str | None
) -> tuple[str, str] | None:
    """Return id and program of the conversation meant; None where there is none."""
    table = decisions.c
    wanted: sa.ColumnElement[Any] = (
        table.conversation_id == conversation
        if decision is None
        else table.decision_id == decision
    )
    row = connection.execute(
        sa.select(table.conversation_id, table.program)
        .where(wanted)
        .order_by(table.recorded_at.desc())
        .limit(1)
    ).first()
    return row and (row.conversation_id, row.program)
