"""Erasing one person: number and words go, and the suppression stays.

Each program that knew the number keeps one event, found by a keyed digest of the
number: who was erased is never messaged again, unless the person opts in later. The
entries lose number, words and salt; digests keep the chain whole, and what is not
personal (when, which program, which keyword matched) stays as the record of having
honoured the person's will. Effects that nobody delivered by then are delivered to
nobody. Copies in backups and in the database's own log end with those.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from serving.ledger.chain import append
from serving.ledger.event import ConsentEvent, Entry, Kind, Scope, Source
from serving.ledger.history import history, keyed_digest
from serving.ledger.state import Standing, current_consent, programs_of
from serving.ledger.texts import forget_conversations, forget_messages_of
from serving.store.database import wait_to_write
from serving.store.tables import consent_events, contacts


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did.

    Attributes:
        suppressions: the events that stay, one a program, oldest first.
        entries: how many entries were emptied.
        decisions: how many decisions lost their words.
        messages: how many messages in and out did.
    """

    suppressions: tuple[Entry, ...]
    entries: int
    decisions: int
    messages: int


def erase(
    connection: sa.Connection,
    number: str,
    *,
    pepper: bytes,
    actor: str,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
    programs: Collection[tuple[str, str]] = (),
) -> Erased:
    """Erase `number` within the caller's transaction; asking twice changes nothing.

    `programs` are brands and programs that are to suppress the number besides those
    that the ledger names: all of a deployment, where a person who only wrote in is
    erased as well.

    Raises:
        SettingsError: the pepper is too short to be a secret.
    """
    wait_to_write(connection)
    digest = keyed_digest(number, pepper)
    known = history(connection, number, pepper=pepper)
    live = [entry for entry in known if entry.event.number is not None]
    erased = [entry for entry in known if entry.event.number is None]
    wanted = {*programs_of(live), *(set(programs) - set(programs_of(erased)))}
    moment = now()
    common = _Common(digest, actor, moment)
    left = append(
        connection,
        [_suppression(live, *place, common) for place in sorted(wanted)],
        now=lambda: moment,
        new_id=new_id,
    )
    connection.execute(
        sa.update(consent_events)
        .where(consent_events.c.number == number)
        .values(number=None, personal=None, salt=None)
    )
    decisions = forget_conversations(connection, number, moment)
    messages = forget_messages_of(connection, number)
    connection.execute(sa.delete(contacts).where(contacts.c.number == number))
    return Erased(tuple(left), len(live), decisions, messages)


@dataclass(frozen=True, slots=True)
class _Common:
    """What the suppressions of one erasure share."""

    digest: str
    actor: str
    moment: datetime


def _suppression(
    entries: list[Entry], brand: str, program: str, common: _Common
) -> ConsentEvent:
    """Return what stays for one program; it names the program's emptied entries."""
    consent = current_consent(entries, brand=brand, program=program).of(Scope.ALL)
    stopped = consent.entry if consent.standing is Standing.OPTED_OUT else None
    return ConsentEvent(
        number=None,
        brand=brand,
        program=program,
        kind=Kind.ERASED,
        scope=Scope.ALL,
        source=Source.SYSTEM,
        occurred_at=common.moment,
        received_at=common.moment,
        actor=common.actor,
        about=stopped.event_id if stopped else None,
        revoke_all=stopped is not None and stopped.event.revoke_all,
        number_digest=common.digest,
        erases=tuple(
            entry.sequence
            for entry in entries
            if (entry.event.brand, entry.event.program) == (brand, program)
        ),
        suppressed_since=stopped.event.occurred_at if stopped else common.moment,
    )
