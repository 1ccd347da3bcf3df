"""Who waits for a person, and since when.

A conversation waits since the first decision that handed it over and after which
nobody took it: no event of the team says so, and no later reply came while a person
owned it. The table is derived from the record: `settle` brings it up to date for
conversations in which something happened, within the transaction that recorded it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from statistics import mean
from typing import Any

import sqlalchemy as sa

from serving.routing.decision import Action, DecidedBy
from serving.store.figure_tables import waiting
from serving.store.moments import aware
from serving.store.review_tables import handoff_events
from serving.store.tables import decisions


@dataclass(frozen=True, slots=True)
class Queue:
    """Those who wait in one queue.

    Attributes:
        name: the queue.
        conversations: how many wait.
        oldest: how long the first of them has waited.
        median: how long half of them have waited at least.
    """

    name: str
    conversations: int
    oldest: timedelta
    median: timedelta


def settle(connection: sa.Connection, conversations: Collection[str]) -> None:
    """Work out anew which of `conversations` wait, within the caller's transaction."""
    if not conversations:
        return
    wanted = {"ids": sorted(conversations)}
    connection.execute(_forgetting(), wanted)
    connection.execute(_noting(), wanted)


def touched(rows: Collection[Mapping[str, object]]) -> set[str]:
    """Return the conversations that new decisions may have made wait, or ended it."""
    return {
        str(row["conversation_id"])
        for row in rows
        if row["action"] == Action.ESCALATE or row["decided_by"] == DecidedBy.OWNER
    }


def waiting_since(connection: sa.Connection, conversation: str) -> datetime | None:
    """Return since when a conversation waits; None where it does not."""
    table = waiting.c
    found = connection.scalar(
        sa.select(table.since).where(table.conversation_id == conversation)
    )
    return found and aware(found)


def queues(
    connection: sa.Connection, now: datetime, program: str | None = None
) -> list[Queue]:
    """Return the queues in which somebody waits, the longest wait first."""
    table = waiting.c
    counted = sa.select(
        table.queue, sa.func.count().label("conversations"), sa.func.min(table.since)
    ).group_by(table.queue)
    if program is not None:
        counted = counted.where(table.program == program)
    found = [
        Queue(
            name,
            conversations,
            oldest=now - aware(first),
            median=now - _median(connection, name, conversations, program),
        )
        for name, conversations, first in connection.execute(counted)
    ]
    return sorted(found, key=lambda queue: (-queue.oldest, queue.name))


def numbers(connection: sa.Connection) -> dict[str, int]:
    """Return how many wait in each queue in which somebody does."""
    table = waiting.c
    counted = sa.select(table.queue, sa.func.count()).group_by(table.queue)
    return {row[0]: row[1] for row in connection.execute(counted)}


def _median(
    connection: sa.Connection, queue: str, conversations: int, program: str | None
) -> datetime:
    # The index on queue and moment leads there; no window over all of them.
    table = waiting.c
    middle = (
        sa.select(table.since)
        .where(table.queue == queue)
        .order_by(table.since)
        .offset((conversations - 1) // 2)
        .limit(2 - conversations % 2)
    )
    if program is not None:
        middle = middle.where(table.program == program)
    moments = [aware(since).timestamp() for since in connection.scalars(middle)]
    return datetime.fromtimestamp(mean(moments), UTC)


@cache
def _forgetting() -> sa.Delete:
    return sa.delete(waiting).where(waiting.c.conversation_id.in_(_ids()))


@cache
def _noting() -> sa.Insert:
    table, event, later = decisions.c, handoff_events.c, decisions.alias("later").c
    taken = sa.exists().where(
        event.conversation_id == table.conversation_id, event.at >= table.recorded_at
    )
    owned = sa.exists().where(
        later.conversation_id == table.conversation_id,
        later.recorded_at >= table.recorded_at,
        later.decided_by == DecidedBy.OWNER,
    )
    place = sa.func.row_number().over(
        partition_by=table.conversation_id,
        order_by=(table.recorded_at, table.decision_id),
    )
    columns: list[sa.ColumnElement[Any]] = [
        table.conversation_id,
        table.decision_id,
        table.program,
        sa.func.coalesce(table.queue, "").label("queue"),
        table.recorded_at.label("since"),
    ]
    open_ = (
        sa.select(*columns, place.label("place"))
        .where(
            table.conversation_id.in_(_ids()),
            table.action == Action.ESCALATE,
            ~taken,
            ~owned,
        )
        .subquery()
    )
    names = [column.name for column in waiting.c]
    return sa.insert(waiting).from_select(
        names, sa.select(*(open_.c[name] for name in names)).where(open_.c.place == 1)
    )


def _ids() -> sa.BindParameter[Any]:
    return sa.bindparam("ids", expanding=True)
