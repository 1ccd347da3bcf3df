"""Words of people in the record of decisions, messages and reviews, and their end.

Both may be emptied earlier than the ledger: an event keeps the exact words of a
revocation for as long as it can be asked for. (Federal claims lapse after 4 years,
telemarketing records are kept for 5.) Nothing here touches the ledger.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from serving.store.moments import aware
from serving.store.review_tables import reviews
from serving.store.tables import (
    contacts,
    decisions,
    messages_in,
    messages_out,
    outbox,
)

FORGOTTEN = '"forgotten":true'
"""What the inputs of an emptied decision hold, and no others: quotes in a person's
words are escaped there."""

ROWS = 500
"""Decisions emptied in one transaction; others wait no longer than they take."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How far the emptying came.

    Attributes:
        decisions: how many decisions lost their words.
        until: the moment to go on from; None where nothing is left to do.
    """

    decisions: int
    until: datetime | None


def forget_texts(
    connection: sa.Connection,
    *,
    before: datetime,
    after: datetime | None = None,
    rows: int = ROWS,
) -> Forgotten:
    """Empty decisions recorded before `before`, oldest first, from `after` on.

    Call it in a transaction of its own until `until` is None: each empties `rows`,
    and those of the same moment as the last one.
    """
    table = decisions.c
    due = table.recorded_at < before.astimezone(UTC)
    if after is not None:
        due &= table.recorded_at > after.astimezone(UTC)
    last = connection.scalar(
        sa.select(table.recorded_at)
        .where(due)
        .order_by(table.recorded_at)
        .offset(rows - 1)
        .limit(1)
    )
    if last is not None:
        due &= table.recorded_at <= last
    forgotten = _forget(connection, due)
    return Forgotten(forgotten, last and aware(last))


def forget_conversations(connection: sa.Connection, number: str) -> int:
    """Empty every decision about `number`, and say how many there were."""
    conversations = sa.select(contacts.c.conversation_id).where(
        contacts.c.number == number
    )
    return _forget(connection, decisions.c.conversation_id.in_(conversations))


def forget_messages(
    connection: sa.Connection, *, before: datetime, rows: int = ROWS
) -> int:
    """Empty messages of before `before`, and say how many; call it until there is none.

    A message that is not decided yet keeps its words until it is.
    """
    moment = before.astimezone(UTC)
    came, went = messages_in.c, messages_out.c
    return _empty(
        connection,
        came.key.in_(
            sa.select(came.key)
            .where(came.received_at < moment, _DECIDED, came.text != "")
            .limit(rows)
        ),
        went.message_id.in_(
            sa.select(went.message_id)
            .where(went.checked_at < moment, went.text != "")
            .limit(rows)
        ),
    )


def forget_messages_of(connection: sa.Connection, number: str) -> int:
    """Empty every decided message from and to `number`, and drop the number there."""
    return _empty(
        connection,
        (messages_in.c.number == number) & _DECIDED,
        messages_out.c.number == number,
        number="",
    )


_DECIDED = messages_in.c.decided_as.is_not(None)


def _empty(
    connection: sa.Connection,
    came: sa.ColumnElement[bool],
    went: sa.ColumnElement[bool],
    **more: str,
) -> int:
    # The digest of short words is as good as the words.
    inbound = sa.update(messages_in).where(came).values(text="", text_digest="", **more)
    outbound = sa.update(messages_out).where(went).values(text="", **more)
    return sum(connection.execute(one).rowcount for one in (inbound, outbound))


def _forget(connection: sa.Connection, which: sa.ColumnElement[bool]) -> int:
    table = decisions.c
    found = connection.execute(
        sa.select(
            table.message_id, table.decision_id, table.inputs, table.decision
        ).where(which)
    ).all()
    if not found:
        return 0
    connection.execute(
        sa.update(decisions)
        .where(table.message_id == sa.bindparam("message"))
        .values(
            inputs=sa.bindparam("new_inputs"), decision=sa.bindparam("new_decision")
        ),
        [
            {
                "message": row.message_id,
                "new_inputs": _without_words(row.inputs),
                "new_decision": _without_reply(row.decision),
            }
            for row in found
        ],
    )
    decision_ids = [row.decision_id for row in found]
    _forget_effects(connection, decision_ids)
    _forget_notes(connection, decision_ids)
    return len(found)


def _forget_notes(connection: sa.Connection, decision_ids: Iterable[str]) -> None:
    # A reviewer may have quoted the person; what was found stays.
    connection.execute(
        sa.update(reviews)
        .where(
            reviews.c.decision_id == sa.bindparam("decision"),
            reviews.c.note != "",
        )
        .values(note=""),
        [{"decision": decision_id} for decision_id in decision_ids],
    )


def _forget_effects(connection: sa.Connection, decision_ids: Iterable[str]) -> None:
    # What is not delivered yet is still owed; the next run finds it delivered.
    connection.execute(
        sa.update(outbox)
        .where(
            outbox.c.decision_id == sa.bindparam("decision"),
            outbox.c.delivered_at.is_not(None),
        )
        .values(payload="{}"),
        [{"decision": decision_id} for decision_id in decision_ids],
    )


def _without_words(inputs: str) -> str:
    """Return the inputs with their shape, and without person and words."""
    body: dict[str, Any] = json.loads(inputs)
    situation: Mapping[str, Any] = body.get("situation") or {}
    emptied = body | {
        "from": "",
        "text": "",
        "forgotten": True,
        "situation": {**situation, "last_message": None, "variables": {}},
    }
    return _json(emptied)


def _without_reply(decision: str) -> str:
    body: dict[str, Any] = json.loads(decision)
    if body.get("reply"):
        body["reply"]["text"] = ""
    # Payloads are made from the person's words and the platform's variables.
    body["effects"] = [effect | {"payload": {}} for effect in body.get("effects", ())]
    return _json(body)


def _json(body: object) -> str:
    return json.dumps(body, separators=(",", ":"))
