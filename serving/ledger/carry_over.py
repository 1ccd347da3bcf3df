"""Consent that a store holds from before it had a ledger, carried into it.

Versions without a ledger kept consent with the contact alone. Every contact whose
consent ever changed gets the event that it never had, with the words of the message
that changed it where the record of decisions still has them.
"""

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from serving.ledger.chain import append
from serving.ledger.event import ConsentEvent, Kind, Scope, Source
from serving.routing.situation import Consent
from serving.store.database import reading, writing
from serving.store.moments import aware
from serving.store.tables import consent_events, contacts, decisions

_TOGETHER = 500
"""Contacts looked up in one transaction, and those of the last one's number."""

Place = tuple[str, str]
"""A brand and a program of it."""

ProgramOf = Callable[[str], Place | None]
"""From one of our numbers to the brand and the program that it sends for."""


def carry_over(
    engine: sa.Engine,
    program_of: ProgramOf,
    *,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
    together: int = _TOGETHER,
) -> int:
    """Append what the ledger lacks, and say how much; a second run appends nothing.

    Where it lacks nothing, as at every start but the first, nobody who writes waits.
    A number of ours that no program names any more is left out; its contacts stay as
    they are, and the next run that knows the program carries them over.
    """
    count = 0
    after: str | None = ""
    while after is not None:
        with reading(engine) as connection:
            part, until = _part(connection, after, together)
            lacks = bool(_lacking(connection, part, program_of))
        if lacks:
            with writing(engine) as connection:
                # Looked up again: another machine may have been faster.
                part, until = _part(connection, after, together)
                lacking = _lacking(connection, part, program_of)
                events = [_event(connection, *each, now) for each in lacking]
                append(connection, events, now=now, new_id=new_id)
                count += len(events)
        after = until
    return count


def _part(
    connection: sa.Connection, after: str, together: int
) -> tuple[Sequence[sa.Row[Any]], str | None]:
    """Return the next contacts whose consent changed, and the number to go on from.

    One person's contacts stay together: the first event of a program would hide that
    the ledger lacks those of the program's other numbers.
    """
    table = contacts.c
    changed = (
        sa.select(contacts)
        .where(
            table.number > after,
            (table.consent == Consent.OPTED_OUT.value)
            | table.consent_changed_at.is_not(None),
        )
        .order_by(table.number, table.sender)
    )
    last = changed.with_only_columns(table.number).offset(together - 1).limit(1)
    until: str | None = connection.scalar(last)
    if until is not None:
        changed = changed.where(table.number <= until)
    return connection.execute(changed).all(), until


def _lacking(
    connection: sa.Connection, part: Sequence[sa.Row[Any]], program_of: ProgramOf
) -> list[tuple[sa.Row[Any], Place]]:
    """Return the contacts that the ledger says nothing of, with their programs."""
    known = _known(connection, {row.number for row in part})
    return [
        (row, place)
        for row in part
        if (place := program_of(row.sender)) and (row.number, place) not in known
    ]


def _known(
    connection: sa.Connection, numbers: Collection[str]
) -> set[tuple[str, Place]]:
    table = consent_events.c
    found = connection.execute(
        sa.select(table.number, table.brand, table.program)
        .where(table.number.in_(numbers))
        .distinct()
    )
    return {(row.number, (row.brand, row.program)) for row in found}


def _event(
    connection: sa.Connection,
    contact: sa.Row[Any],
    place: Place,
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
