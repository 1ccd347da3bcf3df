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
"""Rows looked at in one transaction; others wait no longer than they take."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How far the emptying came.

    Attributes:
        emptied: how many decisions or messages lost their words.
        until: the moment to go on from; None where nothing is left to do.
    """

    emptied: int
    until: datetime | None


def forget_texts(
    connection: sa.Connection,
    before: datetime,
    after: datetime | None = None,
    *,
    rows: int = ROWS,
) -> Forgotten:
    """Empty decisions recorded before `before`, oldest first, from `after` on.

    Call it in a transaction of its own until `until` is None: each goes through
    `rows`, and those of the same moment as the last one.
    """
    due, until = _part(connection, decisions.c.recorded_at, before, after, rows)
    emptied = _forget(connection, due & decisions.c.inputs.not_like(f"%{FORGOTTEN}%"))
    # Also of those that were emptied before: what is not delivered yet is still owed,
    # and a later run finds it delivered.
    delivered = outbox.c.delivered_at.is_not(None) & (outbox.c.payload != "{}")
    connection.execute(_effects(due).where(delivered).values(payload="{}"))
    return Forgotten(emptied, until)


def forget_conversations(connection: sa.Connection, number: str, at: datetime) -> int:
    """Empty every decision about `number`, and say how many there were.

    What was not delivered by then is owed to nobody any more: it counts as delivered
    `at`, so that nobody sends it.
    """
    conversations = sa.select(contacts.c.conversation_id).where(
        contacts.c.number == number
    )
    theirs = decisions.c.conversation_id.in_(conversations)
    delivered = outbox.c.delivered_at
    moment = sa.func.coalesce(delivered, sa.literal(at.astimezone(UTC), delivered.type))
    connection.execute(_effects(theirs).values(payload="{}", delivered_at=moment))
    return _forget(connection, theirs)


def forget_messages_in(
    connection: sa.Connection,
    before: datetime,
    after: datetime | None = None,
    *,
    rows: int = ROWS,
) -> Forgotten:
    """Empty messages that came before `before`, in parts as `forget_texts` does.

    A message that is not decided yet keeps its words until it is.
    """
    came = messages_in.c
    due, until = _part(connection, came.received_at, before, after, rows)
    return Forgotten(_empty_in(connection, due & _DECIDED & (came.text != "")), until)


def forget_messages_out(
    connection: sa.Connection,
    before: datetime,
    after: datetime | None = None,
    *,
    rows: int = ROWS,
) -> Forgotten:
    """Empty messages that went before `before`, in parts as `forget_texts` does."""
    went = messages_out.c
    due, until = _part(connection, went.checked_at, before, after, rows)
    return Forgotten(_empty_out(connection, due & (went.text != "")), until)


def forget_messages_of(connection: sa.Connection, number: str) -> int:
    """Empty every decided message from and to `number`, and drop the number there."""
    came = (messages_in.c.number == number) & _DECIDED
    went = messages_out.c.number == number
    return _empty_in(connection, came, number="") + _empty_out(
        connection, went, number=""
    )


_DECIDED = messages_in.c.decided_as.is_not(None)


def _part(
    connection: sa.Connection,
    moment: sa.Column[datetime],
    before: datetime,
    after: datetime | None,
    rows: int,
) -> tuple[sa.ColumnElement[bool], datetime | None]:
    """Return what the next rows have in common, and the moment to go on from.

    What is emptied already counts as well, so that no part passes it again.
    """
    until = moment < before.astimezone(UTC)
    since = sa.true() if after is None else moment > after.astimezone(UTC)
    last = connection.scalar(
        sa.select(moment).where(since, until).order_by(moment).offset(rows - 1).limit(1)
    )
    if last is None:
        return since & until, None
    # In place of `until`: of two ends SQLite may look up the further one.
    return since & (moment <= last), aware(last)


def _empty_in(
    connection: sa.Connection, which: sa.ColumnElement[bool], **more: str
) -> int:
    # The digest of short words is as good as the words.
    emptied = {"text": "", "text_digest": "", **more}
    change = sa.update(messages_in).where(which).values(emptied)
    return connection.execute(change).rowcount


def _empty_out(
    connection: sa.Connection, which: sa.ColumnElement[bool], **more: str
) -> int:
    change = sa.update(messages_out).where(which).values({"text": "", **more})
    return connection.execute(change).rowcount


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
    _forget_notes(connection, [row.decision_id for row in found])
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


def _effects(which: sa.ColumnElement[bool]) -> sa.Update:
    """Return a change of the effects of some decisions."""
    ids = sa.select(decisions.c.decision_id).where(which)
    return sa.update(outbox).where(outbox.c.decision_id.in_(ids))


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
