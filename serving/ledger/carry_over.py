"""Consent that a store holds from before it had a ledger, carried into it.

Versions without a ledger kept consent with the contact alone. Every contact whose
consent ever changed gets the event that it never had, with the words of the message
that changed it where the record of decisions still has them.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from serving.ledger.chain import append
from serving.ledger.event import ConsentEvent, Kind, Scope, Source
from serving.ledger.history import histories
from serving.ledger.state import programs_of
from serving.routing.situation import Consent
from serving.store.database import wait_to_write
from serving.store.moments import aware
from serving.store.tables import contacts, decisions

_TOGETHER = 500
"""Contacts looked up in one query."""

ProgramOf = Callable[[str], tuple[str, str] | None]
"""From one of our numbers to the brand and the program that it sends for."""


def carry_over(
    connection: sa.Connection,
    program_of: ProgramOf,
    *,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
) -> int:
    """Append what the ledger lacks, and say how much; a second run appends nothing.

    A number of ours that no program names any more is left out; its contacts stay as
    they are, and the next run that knows the program carries them over.
    """
    wait_to_write(connection)
    table = contacts.c
    changed = connection.execute(
        sa.select(contacts)
        .where(
            (table.consent == Consent.OPTED_OUT.value)
            | table.consent_changed_at.is_not(None)
        )
        .order_by(table.number, table.sender)
    ).all()
    known = _known(connection, sorted({row.number for row in changed}))
    events = [
        _event(connection, row, place, now)
        for row in changed
        if (place := program_of(row.sender)) and (row.number, place) not in known
    ]
    append(connection, events, now=now, new_id=new_id)
    return len(events)


def _known(
    connection: sa.Connection, numbers: Sequence[str]
) -> set[tuple[str, tuple[str, str]]]:
    return {
        (number, place)
        for start in range(0, len(numbers), _TOGETHER)
        for number, entries in histories(
            connection, numbers[start : start + _TOGETHER]
        ).items()
        for place in programs_of(entries)
    }


def _event(
    connection: sa.Connection,
    contact: sa.Row[Any],
    place: tuple[str, str],
    now: Callable[[], datetime],
) -> ConsentEvent:
    opted_out = contact.consent == Consent.OPTED_OUT.value
    kind = Kind.OPT_OUT if opted_out else Kind.OPT_IN
    # A store that does not tell when: now, so that nothing before it lifts an opt-out.
    moment = aware(contact.consent_changed_at or now())
    said = _said(connection, contact.conversation_id, kind, moment)
    brand, program = place
    return ConsentEvent(
        number=contact.number,
        brand=brand,
        program=program,
        kind=kind,
        scope=Scope.ALL,
        source=Source.IMPORT,
        occurred_at=moment,
        received_at=moment,
        actor="carry_over",
        sender=contact.sender,
        provider_message_id=said.get("message_id"),
        channel=said.get("channel", "sms"),
        text=said.get("text"),
        detector_version=said.get("bundle"),
    )


def _said(
    connection: sa.Connection, conversation_id: str, kind: Kind, moment: datetime
) -> dict[str, str]:
    """Return what the message said that changed the consent, where it is on record."""
    table = decisions.c
    found = connection.execute(
        sa.select(table.message_id, table.bundle, table.inputs, table.decision).where(
            table.conversation_id == conversation_id, table.received_at == moment
        )
    )
    for row in found:
        inputs = json.loads(row.inputs)
        forgotten = inputs.get("forgotten", False)
        if json.loads(row.decision).get("consent") == kind.value and not forgotten:
            return {
                "message_id": row.message_id,
                "bundle": row.bundle,
                "text": inputs["text"],
                "channel": inputs["channel"],
            }
    return {}
