"""Claiming what providers bring: one row a message, before anything is decided.

The row is the promise behind an acknowledgement. Whoever inserts it decides; whoever
finds it lets it be. A message that comes again under a new id within a minute is the
same message (some gateways do that). The parts of a long one wait for each other, but
a part that asks to stop is acted on at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from serving.recording.arrival import Arrival
from serving.recording.brought import Brought
from serving.recording.claim_rows import (
    Row,
    arrival_of,
    belonging,
    set_apart,
    settle,
    waiting,
    whole,
)
from serving.routing.keywords import KeywordRole
from serving.store.tables import messages_in

ALIKE_WITHIN = timedelta(seconds=60)
"""The same words from the same number within it are one message under two ids."""
LEASE = timedelta(seconds=30)
"""How long whoever claimed a message may take before somebody else decides it."""
PARTS_WITHIN = timedelta(seconds=30)
"""How long the parts of a message wait for each other."""


class Claim(StrEnum):
    """What became of a message that came in."""

    OURS = "ours"
    """Nobody has decided it: decide."""
    HELD = "held"
    """A part of a message that waits for the others."""
    KNOWN = "known"
    """It came before; there is nothing to do."""
    REPLAYED = "replayed"
    """A signature that proved another message."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim, with what to decide where it is ours.

    Attributes:
        claim: what became of the message.
        arrival: what to decide; the whole message where its last part came.
    """

    claim: Claim
    arrival: Arrival | None = None


def claim(connection: sa.Connection, brought: Brought) -> Claimed:
    """Claim a message in the caller's transaction."""
    if replayed(connection, brought.replay_key, brought.key):
        return Claimed(Claim.REPLAYED)
    row = _inserted(connection, brought)
    if row is None:
        return Claimed(Claim.KNOWN)
    twin = _twin(connection, brought)
    if twin is not None:
        settle(connection, [brought.key], twin)
        return Claimed(Claim.KNOWN)
    if brought.part is None:
        return Claimed(Claim.OURS, arrival_of(row, row.text))
    return _claim_part(connection, brought, row)


def replayed(
    connection: sa.Connection, replay_key: str | None, key: str | None = None
) -> bool:
    """Return whether another message than that of `key` came with `replay_key`."""
    if replay_key is None:
        return False
    table = messages_in.c
    others = sa.select(table.key).where(table.replay_key == replay_key)
    if key is not None:
        others = others.where(table.key != key)
    return connection.execute(others.limit(1)).first() is not None


def decided(connection: sa.Connection, keys: Sequence[str]) -> None:
    """Note that the messages are decided; the caller's transaction decides them."""
    settle(connection, keys)


def left_over(
    connection: sa.Connection, now: datetime, most: int = 64
) -> list[Arrival]:
    """Lease messages that nobody decided in time, oldest first; return them.

    They were acknowledged, and whoever was at them is gone; or their other parts never
    came.
    """
    table = messages_in.c
    rows = connection.execute(
        sa.select(messages_in)
        .where(table.leased_until < now.astimezone(UTC))
        .order_by(table.leased_until)
        .limit(most)
    ).all()
    found: list[Arrival] = []
    done: set[str] = set()
    for row in rows:
        if row.key not in done:
            together = belonging(connection, row)
            done |= {each.key for each in together}
            found.append(whole(connection, together, now + LEASE))
    return found


def _claim_part(connection: sa.Connection, brought: Brought, row: Row) -> Claimed:
    until = brought.came_at + LEASE
    if brought.opts_out:
        return Claimed(Claim.OURS, set_apart(connection, row, until))
    parts = waiting(connection, row.part)
    if len({part.part_number for part in parts}) < row.part_total:
        return Claimed(Claim.HELD)
    return Claimed(Claim.OURS, whole(connection, parts, until))


def _inserted(connection: sa.Connection, brought: Brought) -> Row | None:
    """Return the new row; None where the message is known."""
    wait = LEASE if brought.part is None else PARTS_WITHIN
    new = brought.row(brought.came_at + wait)
    statement = _insert_of(connection.dialect.name)
    row: sa.Row[Any] | None = connection.execute(statement, new).one_or_none()
    return row


# Statements are made once: making one costs more than running it.
@cache
def _insert_of(dialect: str) -> ReturningInsert[Any]:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    columns: dict[str, object] = {
        column.name: sa.bindparam(column.name) for column in messages_in.c
    }
    statement = insert(messages_in).values(columns)
    return statement.on_conflict_do_nothing().returning(*messages_in.c)


@cache
def _twins() -> sa.Select[Any]:
    table = messages_in.c
    return (
        sa.select(messages_in)
        .where(
            table.number == sa.bindparam("number"),
            table.program == sa.bindparam("program"),
            table.received_at >= sa.bindparam("since"),
            table.key != sa.bindparam("key"),
        )
        .order_by(table.received_at)
    )


def _twin(connection: sa.Connection, brought: Brought) -> str | None:
    """Return the key of the same words under another id, a moment ago.

    Media without words are told apart by their ids alone. Between STOP and STOP a START
    makes the second a new one.
    """
    inbound = brought.inbound
    if not inbound.text:
        return None
    since = (brought.came_at - ALIKE_WITHIN).astimezone(UTC)
    wanted = {
        "number": inbound.number,
        "program": brought.program_id,
        "since": since,
        "key": brought.key,
    }
    rows = connection.execute(_twins(), wanted).all()
    digest = brought.digest
    # One that is itself a twin does not count: the minute runs from the first.
    alike = [
        row
        for row in rows
        if row.text_digest == digest and (row.part or row.decided_as in {None, row.key})
    ]
    if not alike:
        return None
    if brought.opts_out and _opted_in_since(brought, rows, alike[-1]):
        return None  # Anything else that was said twice is no news for a START between.
    found: str = alike[-1].decided_as or alike[-1].key
    return found


def _opted_in_since(brought: Brought, rows: Sequence[Row], before: Row) -> bool:
    """Return whether the person has opted in since `before`, with other words."""
    between = (
        row
        for row in rows
        if row.received_at >= before.received_at and row.text_digest != brought.digest
    )
    for row in between:
        keyword = brought.keywords.match(row.text, opted_out=True)
        opts_in = keyword is not None and keyword.role is KeywordRole.OPT_IN
        if opts_in or row.verdict == "START":
            return True
    return False
