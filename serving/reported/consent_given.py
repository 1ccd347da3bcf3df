"""Opt-ins and opt-outs that reach us by other ways than a reply.

A web form, an e-mail, a call, an agent who was told, a list that is brought over: each
is one event with the evidence for it. The same one again is known for what it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from serving.ledger.chain import append
from serving.ledger.event import ConsentEvent, Entry, Kind
from serving.ledger.history import history
from serving.ledger.state import CurrentConsent
from serving.programs.program import Program
from serving.recording.consent_record import deadline_of, follow_up
from serving.recording.setup import Setup
from serving.recording.standing import consent_now
from serving.reported.provider_reports import audit_consent, subject_of


@dataclass(frozen=True, slots=True)
class Given:
    """What became of it.

    Attributes:
        entry: the event in the ledger.
        recorded: whether it was not there before.
        consent: how the contact stands with the program after it.
    """

    entry: Entry
    recorded: bool
    consent: CurrentConsent


def record_consent(
    connection: sa.Connection,
    event: ConsentEvent,
    program: Program,
    setup: Setup,
    *,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
) -> Given:
    """Record `event` (an opt-in or an opt-out) within the caller's transaction.

    An opt-out is honoured in the transaction that records it, and says so.

    Raises:
        ValueError: the event is about no number.
    """
    if event.number is None:
        raise ValueError("expected the number that it is about")
    known = history(connection, event.number, pepper=setup.pepper)
    if before := _told_before(known, event):
        return Given(before, recorded=False, consent=consent_now(known, program))
    events = [replace(event, event_id=new_id())]
    if event.kind is Kind.OPT_OUT:
        events[0] = replace(
            events[0],
            revoke_all=program.revoke_all,
            deadline=deadline_of(event.received_at, program),
        )
        events.append(follow_up(events[0], Kind.HONORED, event.received_at))
    added = append(connection, events, now=now, new_id=new_id)
    audit_consent(
        connection,
        added[0],
        actor=event.actor,
        action=f"consent.{event.kind}",
        subject=subject_of(event.number, setup),
        now=now,
        new_id=new_id,
    )
    return Given(
        added[0], recorded=True, consent=consent_now([*known, *added], program)
    )


def _told_before(known: Sequence[Entry], event: ConsentEvent) -> Entry | None:
    wanted = _identity(event)
    return next((entry for entry in known if _identity(entry.event) == wanted), None)


def _identity(event: ConsentEvent) -> tuple[object, ...]:
    return (
        event.brand,
        event.program,
        event.kind,
        event.scope,
        event.source,
        event.occurred_at,
    )
