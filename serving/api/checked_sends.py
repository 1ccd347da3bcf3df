"""Many contacts asked about at once: two queries for all, then the pure check of each.

Nothing is reserved: two callers who ask at the same moment both hear yes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from serving.ledger.history import histories
from serving.programs.program import Program
from serving.recording.setup import Setup
from serving.recording.standing import facts
from serving.sending.check import may_send
from serving.sending.facts import ComplianceReply, MessageClass, Question, Sent
from serving.sending.place import KnownPlace
from serving.sending.verdict import Verdict
from serving.store.tables import messages_out

LONGEST_CAP = timedelta(days=366)
"""No cap that a file may state reaches further back."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be sent, the same to everyone.

    Attributes:
        program: who sends.
        sender: from which number, canonical.
        message_class: what it is to the law.
        reply: which of the law's replies; for `compliance` and no other.
        moment: when, aware.
        by_owner: the person who owns the conversation sends it.
    """

    program: Program
    sender: str
    message_class: MessageClass
    reply: ComplianceReply | None
    moment: datetime
    by_owner: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """One contact, and what the caller knows of it that the store does not.

    Attributes:
        number: canonical.
        place: where the caller's profile says that the contact is.
        sent: what the caller sent on its own.
        person_owns: a person of the team has taken the conversation.
    """

    number: str = field(repr=False)
    place: KnownPlace = field(default_factory=KnownPlace, repr=False)
    sent: tuple[Sent, ...] = ()
    person_owns: bool = False


def check_sends(
    connection: sa.Connection,
    recipients: Sequence[Recipient],
    sending: Sending,
    setup: Setup,
) -> list[Verdict]:
    """Return one verdict for each of `recipients`, in their order."""
    numbers = {recipient.number for recipient in recipients}
    entries = histories(connection, numbers, pepper=setup.pepper)
    ours = _marketing(connection, numbers, sending)
    return [
        may_send(
            Question(
                contact=recipient.number,
                program=sending.program,
                sender=sending.sender,
                message_class=sending.message_class,
                moment=sending.moment,
                reply=sending.reply,
                by_owner=sending.by_owner,
            ),
            facts(
                entries[recipient.number],
                sending.program,
                sent=(*recipient.sent, *ours.get(recipient.number, ())),
                person_owns=recipient.person_owns,
                place=recipient.place,
            ),
            setup.quiet_hours,
        )
        for recipient in recipients
    ]


def _marketing(
    connection: sa.Connection, numbers: Collection[str], sending: Sending
) -> dict[str, list[Sent]]:
    """Return the marketing messages that count for a cap; none where no cap is asked.

    One that waits for the morning counts from when it may go out.
    """
    found: dict[str, list[Sent]] = {}
    if sending.message_class is not MessageClass.MARKETING:
        return found
    table = messages_out.c
    rows = connection.execute(
        sa.select(table.number, table.not_before).where(
            table.number.in_(numbers),
            table.program == sending.program.program_id,
            table["class"] == MessageClass.MARKETING.value,
            table.not_before > (sending.moment - LONGEST_CAP).astimezone(UTC),
        )
    )
    for number, moment in rows:
        # SQLite keeps no zone; everything is written in UTC.
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        found.setdefault(number, []).append(Sent(aware, MessageClass.MARKETING))
    return found
