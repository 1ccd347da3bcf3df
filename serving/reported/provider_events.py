"""What providers tell of opt-outs that they keep themselves, as events of the ledger.

A provider that refuses a number because it opted out (Twilio's 21610 and its like)
knows of a revocation that may have passed us by: it is recorded once, and honoured.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa

from serving.ledger.chain import append
from serving.ledger.event import ConsentEvent, Entry, Kind, Scope, Source
from serving.ledger.history import history
from serving.ledger.state import CLASSES
from serving.programs.program import Program
from serving.providers.inbound import StatusEvent
from serving.recording.consent_record import ACTOR, deadline_of, follow_up
from serving.recording.intake import canonical
from serving.recording.standing import consent_now


def provider_opt_outs(
    connection: sa.Connection,
    events: Sequence[StatusEvent],
    program: Program,
    *,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
    pepper: bytes | None = None,
) -> list[Entry]:
    """Append the opt-outs among `events` that the ledger does not know; return them.

    An event without a number, one that was told before, and one of a number that is
    suppressed already, add nothing: news that comes again undoes no opt-in since. With
    the `pepper` an erased number is known to be suppressed.
    """
    added: list[Entry] = []
    for event in events:
        if not event.opted_out or event.number is None:
            continue
        number = canonical(event.number, program)
        known = history(connection, number, pepper=pepper)
        if told_before(known, event, program, Kind.OPT_OUT):
            continue
        moment = now()
        consent = consent_now(known, program)
        if all(consent.suppressed(scope) for scope in CLASSES):
            continue
        opt_out = ConsentEvent(
            event_id=new_id(),
            number=number,
            brand=program.brand,
            program=program.program_id,
            kind=Kind.OPT_OUT,
            scope=Scope.ALL,
            source=Source.PROVIDER,
            occurred_at=min(event.at or moment, moment),
            received_at=moment,
            actor=ACTOR,
            revoke_all=program.revoke_all,
            deadline=deadline_of(moment, program),
            provider=program.provider.value,
            provider_message_id=event.message_id,
            provider_verdict=event.error_code or event.status,
            sender=event.sender,
        )
        follow = follow_up(opt_out, Kind.HONORED, moment)
        added += append(connection, [opt_out, follow], now=now, new_id=new_id)
    return added


def told_before(
    known: Sequence[Entry],
    event: StatusEvent,
    program: Program,
    kind: Kind,
    about: Entry | None = None,
) -> Entry | None:
    """Return the entry that the same news made: same message, or else same moment.

    News that tells neither may be news each time, but for a note about the same event.
    """
    for entry in known:
        told = entry.event
        if (told.kind, told.source) != (kind, Source.PROVIDER):
            continue
        if told.program != program.program_id:
            continue
        if event.message_id:
            same = told.provider_message_id == event.message_id
        elif event.at:
            same = told.occurred_at == event.at and not told.provider_message_id
        else:
            same = about is not None and told.about == about.event_id
        if same:
            return entry
    return None
