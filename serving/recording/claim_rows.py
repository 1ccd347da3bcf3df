"""Rows of messages that came in: leased while somebody is at them, parts made whole."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from serving.recording.arrival import Arrival
from serving.store.moments import aware
from serving.store.tables import messages_in

Row = sa.Row[Any]


def lease(connection: sa.Connection, keys: Sequence[str], until: datetime) -> None:
    """Note until when somebody is at the messages."""
    _change(connection, keys, leased_until=until.astimezone(UTC))


def settle(
    connection: sa.Connection, keys: Sequence[str], as_key: str | None = None
) -> None:
    """Note that the messages are decided: with that of `as_key`, or by themselves."""
    if as_key is not None:
        _change(connection, keys, leased_until=None, decided_as=as_key)
    elif keys:
        connection.execute(_settled(), {"keys": list(keys)})


@cache
def _settled() -> sa.Update:
    # Made once: making a statement costs more than running it.
    table = messages_in.c
    chosen = sa.update(messages_in).where(
        table.key.in_(sa.bindparam("keys", expanding=True))
    )
    return chosen.values(leased_until=None, decided_as=table.key)


def set_apart(connection: sa.Connection, row: Row, until: datetime) -> Arrival:
    """Return one part as a message of its own, for which the others do not wait."""
    _change(
        connection, [row.key], leased_until=until.astimezone(UTC), decided_as=row.key
    )
    return arrival_of(row, row.text)


def waiting(connection: sa.Connection, part: str) -> list[Row]:
    """Return the parts of one message that wait for each other."""
    table = messages_in.c
    return _rows(connection, table.part == part, table.decided_as.is_(None))


def belonging(connection: sa.Connection, row: Row) -> list[Row]:
    """Return what is decided together with `row`, which is among it."""
    table = messages_in.c
    if row.part is None:
        return [row]
    ours = table.decided_as == row.key
    if row.decided_as is None:
        ours |= table.decided_as.is_(None)
    return _rows(connection, table.part == row.part, ours)


def whole(connection: sa.Connection, rows: Sequence[Row], until: datetime) -> Arrival:
    """Return the parts as one message, leased; the first of them stands for it.

    A part that came under two ids is said once.
    """
    first = min(rows, key=lambda row: row.part_number or 0)
    settle(connection, [row.key for row in rows if row.key != first.key], first.key)
    lease(connection, [first.key], until)
    said = dict.fromkeys((row.part_number, row.text) for row in rows)
    return arrival_of(first, "".join(text for _, text in said))


def arrival_of(row: Row, text: str) -> Arrival:
    """Return the message of `row` with `text`, ready to be decided."""
    return Arrival(
        message_id=row.message_id,
        number=row.number,
        sender=row.sender,
        text=text,
        received_at=aware(row.sent_at),
        channel=row.channel,
        came_at=aware(row.received_at),
        key=row.key,
        program_id=row.program,
        provider=row.provider,
        provider_verdict=row.verdict,
    )


def _rows(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Row]:
    table = messages_in.c
    query = sa.select(messages_in).where(*where)
    in_order = query.order_by(table.part_number, table.received_at, table.key)
    return list(connection.execute(in_order))


def _change(connection: sa.Connection, keys: Sequence[str], **values: object) -> None:
    if keys:
        chosen = sa.update(messages_in).where(messages_in.c.key.in_(keys))
        connection.execute(chosen.values(**values))
