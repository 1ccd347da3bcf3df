"""Contacts in the store."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from serving.routing.situation import Consent
from serving.store.moments import aware
from serving.store.tables import contacts


class ContactKey(NamedTuple):
    """One person on one of our sending numbers."""

    number: str
    sender: str


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of a contact; moments are aware."""

    key: ContactKey
    conversation_id: str
    consent: Consent
    consent_changed_at: datetime | None
    asked_opt_out: bool
    hour_began_at: datetime
    hour_replies: int
    asked_opt_out_at: datetime | None = None


def load_contacts(
    connection: sa.Connection, keys: Iterable[ContactKey]
) -> dict[ContactKey, Contact]:
    """Return those of the contacts that are known."""
    wanted = set(keys)
    # One index lookup a number; the few other senders' rows are dropped here.
    numbers = list({key.number for key in wanted})
    rows = connection.execute(_by_numbers(), {"numbers": numbers})
    found = (
        Contact(
            key=ContactKey(row.number, row.sender),
            conversation_id=row.conversation_id,
            consent=Consent(row.consent),
            consent_changed_at=row.consent_changed_at and aware(row.consent_changed_at),
            asked_opt_out=row.asked_opt_out,
            hour_began_at=aware(row.hour_began_at),
            hour_replies=row.hour_replies,
            asked_opt_out_at=row.asked_opt_out_at and aware(row.asked_opt_out_at),
        )
        for row in rows
    )
    return {contact.key: contact for contact in found if contact.key in wanted}


def save_contacts(connection: sa.Connection, changed: Iterable[Contact]) -> None:
    """Write contacts, new and known; the caller holds the write lock."""
    rows = [
        {
            "number": contact.key.number,
            "sender": contact.key.sender,
            "conversation_id": contact.conversation_id,
            "consent": contact.consent.value,
            "consent_changed_at": contact.consent_changed_at,
            "asked_opt_out": contact.asked_opt_out,
            "asked_opt_out_at": contact.asked_opt_out_at
            and contact.asked_opt_out_at.astimezone(UTC),
            "hour_began_at": contact.hour_began_at.astimezone(UTC),
            "hour_replies": contact.hour_replies,
        }
        for contact in changed
    ]
    if not rows:
        return
    connection.execute(_insert_of(connection.dialect.name), rows)


# Statements are made once: making one costs more than running it.
@cache
def _by_numbers() -> sa.Select[Any]:
    wanted: sa.BindParameter[list[str]] = sa.bindparam("numbers", expanding=True)
    return sa.select(contacts).where(contacts.c.number.in_(wanted))


@cache
def _insert_of(dialect: str) -> sa.Insert:
    """Return an insert that updates what is there, in the database's dialect."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(contacts)
    return statement.on_conflict_do_update(
        index_elements=[contacts.c.number, contacts.c.sender],
        set_={name: statement.excluded[name] for name in _CHANGING},
    )


_CHANGING = (
    "consent",
    "consent_changed_at",
    "asked_opt_out",
    "asked_opt_out_at",
    "hour_began_at",
    "hour_replies",
)
