"""The chain: every entry's hash holds the entry and the hash before it.

The hash of an entry is SHA-256 over its canonical bytes: a JSON array of the columns
in a fixed order, ASCII, moments in UTC to the microsecond. The person's number and
words are not in it themselves but as a digest, SHA-256 over a random salt and them.
An erasure drops number, words and salt and leaves the digest: the chain stays whole,
and without the salt nobody finds the number by trying all there are.

What this proves, and what not. Whoever changes, removes, reorders or adds a row, or
cuts the tail off, is found out by `verify`. Whoever may write to the database and
knows this file can rewrite everything from some row on, hashes and head included, and
the chain verifies again: there is no secret in it. So carry the `Head` elsewhere from
time to time, where the same person cannot write (a ticket, an object store with
retention, a mail to counsel, a timestamping service), and give it to `verify` as an
anchor: a chain that was rewritten below it no longer leads through it.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from model.errors import StoreError
from serving.ledger.event import ConsentEvent, Entry, Kind
from serving.ledger.rows import details_of, instant, personal_of
from serving.store.database import wait_to_write
from serving.store.tables import consent_events, ledger_head

GENESIS = "0" * 64
"""The hash before the first entry."""

_ENCODER = json.JSONEncoder(separators=(",", ":"), default=repr)
# Bytes (SQLite gives them where somebody put them) can be no value of ours: repr.
_FORMAT = "replywise consent ledger 1"
_HASHED = (
    "event_id",
    "number_digest",
    "brand",
    "program",
    "kind",
    "scope",
    "occurred_at",
    "recorded_at",
    "details",
    "personal_digest",
    "prev_hash",
)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: the number of its last entry, and its hash."""

    sequence: int
    row_hash: str


def head_of(connection: sa.Connection) -> Head:
    """Return the end of the chain, to be anchored elsewhere; StoreError if lost."""
    row = connection.execute(sa.select(ledger_head)).one_or_none()
    if row is None:
        raise StoreError(
            "consent ledger: its head is missing; restore the store from a backup"
        )
    return Head(row.sequence, row.row_hash)


def append(
    connection: sa.Connection,
    events: Sequence[ConsentEvent],
    *,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
    new_salt: Callable[[], str] = secrets.token_hex,
) -> list[Entry]:
    """Append `events`, in their order, within the caller's transaction.

    One appends at a time, from here to the end of the transaction.

    Raises:
        ValueError: an event is about no number.
        StoreError: the head was moved by someone who did not wait for the lock.
    """
    if not events:
        return []
    wait_to_write(connection)
    before = head = head_of(connection)
    recorded_at = now().astimezone(UTC)
    rows: list[dict[str, Any]] = []
    entries: list[Entry] = []
    for given in events:
        event = given if given.event_id else replace(given, event_id=new_id())
        row = _row(event, head, recorded_at, new_salt())
        entries.append(
            Entry(
                event, row["sequence"], recorded_at, row["prev_hash"], row["row_hash"]
            )
        )
        rows.append(row)
        head = Head(row["sequence"], row["row_hash"])
    connection.execute(sa.insert(consent_events), rows)
    _move(connection, before, head)
    return entries


def personal_digest(salt: str, number: str | None, personal: str) -> str:
    """Return what stays of number and words when they are erased."""
    return _sha256([_FORMAT, salt, number, personal])


def row_hash(row: dict[str, Any]) -> str:
    """Return the hash of an entry, from its columns."""
    values = [row[name] for name in _HASHED]
    return _sha256([_FORMAT, row["sequence"], *map(_canonical, values)])


def _row(
    event: ConsentEvent, head: Head, recorded_at: datetime, salt: str
) -> dict[str, Any]:
    if event.number is None and event.kind is not Kind.ERASED:
        raise ValueError(f"{event.kind}: expected the number that it is about")
    personal = personal_of(event)
    row: dict[str, Any] = {
        "sequence": head.sequence + 1,
        "event_id": event.event_id,
        "number": event.number,
        "number_digest": event.number_digest,
        "brand": event.brand,
        "program": event.program,
        "kind": event.kind.value,
        "scope": event.scope.value,
        "occurred_at": event.occurred_at.astimezone(UTC),
        "recorded_at": recorded_at,
        "details": details_of(event),
        "personal": personal,
        "salt": salt,
        "personal_digest": personal_digest(salt, event.number, personal),
        "prev_hash": head.row_hash,
    }
    row["row_hash"] = row_hash(row)
    return row


def _move(connection: sa.Connection, before: Head, after: Head) -> None:
    moved = connection.execute(
        sa.update(ledger_head)
        .where(
            ledger_head.c.sequence == before.sequence,
            ledger_head.c.row_hash == before.row_hash,
        )
        .values(sequence=after.sequence, row_hash=after.row_hash)
    )
    if moved.rowcount != 1:
        raise StoreError(
            "consent ledger: its head moved while entries were appended; nothing was "
            "recorded, send it again"
        )


def _canonical(value: object) -> object:
    return instant(value) if isinstance(value, datetime) else value


def _sha256(values: list[object]) -> str:
    return hashlib.sha256(_ENCODER.encode(values).encode("ascii")).hexdigest()
