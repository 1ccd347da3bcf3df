"""The audit: who changed what, and when.

An entry is written in the transaction of the change that it tells: both are on the
record, or neither. Triggers of the database refuse to change or remove one. It holds
no personal data: a contact is there as a keyed digest (`serving.ledger.history`) or
not at all, so nothing here has to be erased when a person asks.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from serving.store.access_tables import audit

Value = str | int | float | bool | None | Sequence[str]
"""What a detail may be."""

MOST = 1_000
"""How many entries are read where the reader does not say."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"\+\d{7}")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that someone did.

    Attributes:
        audit_id: orders entries of one moment.
        at: when, in UTC.
        actor: `key:<key id>`, `operator:<name>`, or the name of a component.
        action: what was done, `key.created`.
        subject_kind: what it was done to, `contact`; None where details say it.
        subject_digest: which one, as a digest.
        details: what else is worth knowing, nothing personal.
    """

    audit_id: str
    at: datetime
    actor: str
    action: str
    subject_kind: str | None
    subject_digest: str | None
    details: Mapping[str, Value]


def record(
    connection: sa.Connection,
    *,
    actor: str,
    action: str,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
    subject_kind: str | None = None,
    subject_digest: str | None = None,
    details: Mapping[str, Value] | None = None,
) -> None:
    """Write an entry within the caller's transaction.

    Raises:
        ValueError: the digest is none, or a detail holds a telephone number.
    """
    if subject_digest is not None and not _DIGEST.fullmatch(subject_digest):
        raise ValueError(
            "subject_digest: expected 64 hexadecimal digits of an HMAC-SHA256, got "
            "something else; never hand a number in clear to the audit"
        )
    written = json.dumps(dict(details or {}), sort_keys=True)
    if _NUMBER.search(written):
        raise ValueError(
            f"details of {action}: expected nothing personal, got a telephone number; "
            "give its digest as subject_digest"
        )
    connection.execute(
        sa.insert(audit).values(
            id=new_id(),
            at=now().astimezone(UTC),
            actor=actor,
            action=action,
            subject_kind=subject_kind,
            subject_digest=subject_digest,
            details=written,
        )
    )


def entries(
    connection: sa.Connection,
    *,
    since: datetime | None = None,
    action: str | None = None,
    most: int = MOST,
) -> list[AuditEntry]:
    """Return the latest `most` entries that are wanted, oldest first."""
    wanted = sa.select(audit).order_by(audit.c.at.desc(), audit.c.id.desc())
    if since is not None:
        wanted = wanted.where(audit.c.at >= since.astimezone(UTC))
    if action is not None:
        wanted = wanted.where(audit.c.action == action)
    rows = connection.execute(wanted.limit(most)).all()
    return [
        AuditEntry(
            audit_id=row.id,
            # SQLite keeps no zone; everything is written in UTC.
            at=row.at.astimezone(UTC) if row.at.tzinfo else row.at.replace(tzinfo=UTC),
            actor=row.actor,
            action=row.action,
            subject_kind=row.subject_kind,
            subject_digest=row.subject_digest,
            details=json.loads(row.details),
        )
        for row in reversed(rows)
    ]
