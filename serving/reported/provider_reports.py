"""What a team hands in of its provider's errors and receipts, and what is recorded.

An opt-out that the ledger does not know is recorded. A message that was delivered to
somebody who is suppressed is noted: it went out past the check, or the provider lets
through what we hold back. Everything else leaves no trace.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from serving.access.audit import record
from serving.ledger.chain import append
from serving.ledger.event import ConsentEvent, Entry, Kind, Scope, Source
from serving.ledger.history import history, keyed_digest
from serving.ledger.state import CLASSES
from serving.programs.program import Program
from serving.providers.inbound import StatusEvent
from serving.recording.intake import canonical
from serving.recording.setup import Setup
from serving.recording.standing import consent_now
from serving.reported.provider_codes import means_delivered
from serving.reported.provider_events import provider_opt_outs, told_before
from serving.sending.consent import CONFIRM_WITHIN


class Outcome(StrEnum):
    """What became of one report."""

    RECORDED = "recorded"
    KNOWN = "known"
    DELIVERY_NOTED = "delivery_noted"
    NOTHING = "nothing"


OUTCOMES = {
    Outcome.RECORDED: "An opt-out, now in the ledger.",
    Outcome.KNOWN: "Told before, or the number is suppressed already.",
    Outcome.DELIVERY_NOTED: "Delivered to a number that is suppressed; noted, and in "
    "the report of disagreements.",
    Outcome.NOTHING: "It says nothing of consent.",
}
"""What each outcome means, for the API's description."""


@dataclass(frozen=True, slots=True)
class Report:
    """One error or receipt, of a message of `program`."""

    program: Program
    event: StatusEvent


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a report; the event of the ledger that tells of it, if any."""

    outcome: Outcome
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes reports in; time and ids come from outside.

    Attributes:
        setup: the pepper by which erased numbers are known.
        actor: who hands them in.
    """

    setup: Setup
    actor: str
    now: Callable[[], datetime]
    new_id: Callable[[], str]

    def take(self, connection: sa.Connection, reports: Sequence[Report]) -> list[Taken]:
        """Record what `reports` say of consent, within the caller's transaction."""
        return [self._one(connection, report) for report in reports]

    def _one(self, connection: sa.Connection, report: Report) -> Taken:
        program, event = report.program, report.event
        delivered = means_delivered(event.status)
        if event.number is None or not (event.opted_out or delivered):
            return Taken(Outcome.NOTHING)
        number = canonical(event.number, program)
        known = history(connection, number, pepper=self.setup.pepper)
        if event.opted_out:
            return self._opt_out(connection, report, number, known)
        return self._delivery(connection, report, number, known)

    def _opt_out(
        self,
        connection: sa.Connection,
        report: Report,
        number: str,
        known: Sequence[Entry],
    ) -> Taken:
        program, event = report.program, report.event
        if before := told_before(known, event, program, Kind.OPT_OUT):
            return Taken(Outcome.KNOWN, before.event_id)
        consent = consent_now(known, program)
        closing = consent.of(Scope.ALL).entry
        if closing and all(consent.suppressed(scope) for scope in CLASSES):
            return Taken(Outcome.KNOWN, closing.event_id)
        added = provider_opt_outs(
            connection,
            [event],
            program,
            now=self.now,
            new_id=self.new_id,
            pepper=self.setup.pepper,
        )
        if not added:
            return Taken(Outcome.KNOWN, closing.event_id if closing else None)
        self._audit(connection, added[0], number, "consent.opt_out")
        return Taken(Outcome.RECORDED, added[0].event_id)

    def _delivery(
        self,
        connection: sa.Connection,
        report: Report,
        number: str,
        known: Sequence[Entry],
    ) -> Taken:
        program, event = report.program, report.event
        closing = _closing(known, program)
        moment = self.now()
        at = min(event.at or moment, moment)
        # What comes within five minutes is the one confirmation; and the number of a
        # person who was erased is not written down again.
        if (
            closing is None
            or closing.event.number is None
            or at < closing.event.received_at + CONFIRM_WITHIN
        ):
            return Taken(Outcome.NOTHING)
        if before := told_before(known, event, program, Kind.NOTE, closing):
            return Taken(Outcome.KNOWN, before.event_id)
        note = ConsentEvent(
            number=number,
            brand=program.brand,
            program=program.program_id,
            kind=Kind.NOTE,
            scope=Scope.ALL,
            source=Source.PROVIDER,
            occurred_at=at,
            received_at=moment,
            actor=self.actor,
            about=closing.event_id,
            provider=program.provider.value,
            provider_message_id=event.message_id or None,
            provider_verdict=event.status,
            sender=event.sender,
        )
        [entry] = append(connection, [note], now=self.now, new_id=self.new_id)
        return Taken(Outcome.DELIVERY_NOTED, entry.event_id)

    def _audit(
        self, connection: sa.Connection, entry: Entry, number: str, action: str
    ) -> None:
        audit_consent(
            connection,
            entry,
            actor=self.actor,
            action=action,
            subject=subject_of(number, self.setup),
            now=self.now,
            new_id=self.new_id,
        )


def subject_of(number: str, setup: Setup) -> str | None:
    """Return what the audit calls a contact; None where the deployment has no pepper.

    The event that an audit entry names tells whom it was about.
    """
    return keyed_digest(number, setup.pepper) if setup.pepper else None


def audit_consent(
    connection: sa.Connection,
    entry: Entry,
    *,
    actor: str,
    action: str,
    subject: str | None,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
) -> None:
    """Write who brought an event into the ledger, in the same transaction."""
    event = entry.event
    record(
        connection,
        actor=actor,
        action=action,
        now=now,
        new_id=new_id,
        subject_kind="contact",
        subject_digest=subject,
        details={
            "event_id": entry.event_id,
            "program": event.program,
            "scope": event.scope.value,
            "source": event.source.value,
        },
    )


def _closing(known: Sequence[Entry], program: Program) -> Entry | None:
    """Return the event that closes even answers, None where they are open."""
    consent = consent_now(known, program)
    closed = consent.suppressed(Scope.TRANSACTIONAL)
    return consent.of(Scope.TRANSACTIONAL).entry if closed else None
