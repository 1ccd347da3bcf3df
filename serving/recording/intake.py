"""Taking replies in: one transaction decides and records a batch of them.

The decision is made inside the transaction that records it, on the contact's state
and the ledger as they stand there: a question that races a STOP of the same person is
decided after it, and a message id that comes twice finds the first decision.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from serving.figures.waiting import settle, touched
from serving.ledger.chain import append
from serving.ledger.event import ConsentEvent, Entry
from serving.ledger.history import histories
from serving.programs.number import read_number
from serving.programs.program import Program
from serving.recording.arrival import Arrival, Read, Via
from serving.recording.claims import decided
from serving.recording.consent_record import consent_events
from serving.recording.contact_course import after, situation_of, this_hour
from serving.recording.outgoing import carrier_of, message_row, said_of, to_send
from serving.recording.record import Ids, decision_body, inputs_body, to_json
from serving.recording.release import release
from serving.recording.setup import Setup, built_in
from serving.recording.standing import as_it_stands
from serving.routing.decide import decide
from serving.routing.decision import Decision
from serving.routing.situation import Consent, Reply
from serving.store.contacts import Contact, ContactKey, load_contacts, save_contacts
from serving.store.tables import decisions, messages_out, outbox

_CHANNEL = re.compile(r"^(?:whatsapp|rcs|sms|mms|tel):(?=\+)")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision on the record: its JSON, and whether it was there before.

    `text` is what it was made about, which a message id that comes again may not hold.
    `words` are to be brought back by whoever waits; None where there are none, or
    others bring them. `inputs` are the JSON that it was made from; empty where it was
    there before. `program` decided; empty in rows of a version that did not tell it.
    """

    body: str
    duplicate: bool
    decision: Decision | None
    text: str
    words: str | None = None
    inputs: str = ""
    program: str = ""


@dataclass(slots=True)
class _Rows:
    """What a batch adds to the tables."""

    decisions: list[dict[str, object]] = field(default_factory=list)
    effects: list[dict[str, object]] = field(default_factory=list)
    messages: list[dict[str, object]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Intake:
    """Decides and records; time and ids come from outside."""

    now: Callable[[], datetime]
    new_id: Callable[[], str]
    setup: Setup = field(default_factory=built_in)

    def take(self, connection: sa.Connection, batch: Sequence[Read]) -> list[Recorded]:
        """Decide and record `batch` within the caller's transaction, in its order."""
        batch = [self._named(read) for read in batch]
        known = _recorded(connection, [read.arrival.record_key for read in batch])
        contacts = load_contacts(connection, {_key(read.arrival) for read in batch})
        numbers = {read.arrival.number for read in batch}
        entries = histories(connection, numbers, pepper=self.setup.pepper)
        results: list[Recorded] = []
        rows = _Rows()
        changed: dict[ContactKey, Contact] = {}
        for read in batch:
            arrival = read.arrival
            if found := known.get(arrival.record_key):
                results.append(found)
                continue
            contact = contacts.get(_key(arrival)) or self._new_contact(arrival)
            contact = this_hour(contact, arrival.received_at)
            recorded, decision = self._one(
                connection, read, contact, entries[arrival.number], rows
            )
            contact = after(contact, decision, arrival.received_at)
            contacts[contact.key] = changed[contact.key] = contact
            known[arrival.record_key] = replace(
                recorded, duplicate=True, decision=None, words=None, inputs=""
            )
            results.append(recorded)
        save_contacts(connection, changed.values())
        for table, added in (
            (decisions, rows.decisions),
            (outbox, rows.effects),
            (messages_out, rows.messages),
        ):
            if added:
                connection.execute(sa.insert(table), added)
        settle(connection, touched(rows.decisions))
        decided(connection, [read.arrival.key for read in batch if read.arrival.key])
        return results

    def _one(
        self,
        connection: sa.Connection,
        read: Read,
        contact: Contact,
        entries: list[Entry],
        rows: _Rows,
    ) -> tuple[Recorded, Decision]:
        """Decide about one reply; `entries` grow by what it does to consent."""
        arrival, program = read.arrival, self._program(read.arrival)
        now = self._now(arrival)
        situation = situation_of(arrival, contact, entries, program)
        reply = Reply(arrival.text, arrival.received_at)
        decision = decide(reply, situation, read.live.rules, read.prediction)
        events = consent_events(read, decision, entries, program, self.new_id)
        entries += self._append(connection, events)
        released = release(
            read, decision, entries, program, self.setup.quiet_hours, now
        )
        entries += self._append(
            connection, said_of(read, released, events, program, now)
        )
        decision = as_it_stands(released.decision, entries, program)
        via = carrier_of(arrival, released, now)
        if decision.reply is not None and via is Via.OUTBOX:
            effects = (*decision.effects, to_send(read, released))
            decision = replace(decision, effects=effects)
        ids = Ids(
            decision_id=self.new_id(),
            conversation_id=contact.conversation_id,
            effect_ids=tuple(self.new_id() for _ in decision.effects),
        )
        body = to_json(decision_body(read, decision, ids, released.not_before))
        inputs = to_json(inputs_body(read, situation))
        rows.decisions.append(
            self._row(read, ids, inputs, body) | _columns(decision, program)
        )
        rows.effects += self._effects(decision, ids)
        message = message_row(
            read, released, program, (self.new_id(), ids.decision_id), via
        )
        if message:
            rows.messages.append(message)
        words = decision.reply.text if decision.reply and via is Via.WEBHOOK else None
        recorded = Recorded(
            body,
            duplicate=False,
            decision=decision,
            text=arrival.text,
            words=words,
            inputs=inputs,
            program=program.program_id,
        )
        return recorded, decision

    def _append(
        self, connection: sa.Connection, events: Sequence[ConsentEvent]
    ) -> list[Entry]:
        return append(connection, events, now=self.now, new_id=self.new_id)

    def _named(self, read: Read) -> Read:
        """Return the read with the person's number in its one canonical form."""
        program = self._program(read.arrival)
        number = canonical(read.arrival.number, program)
        if number == read.arrival.number:
            return read
        return replace(read, arrival=replace(read.arrival, number=number))

    def _program(self, arrival: Arrival) -> Program:
        programs = self.setup.programs
        named = programs.get(arrival.program_id) if arrival.program_id else None
        return named or programs.of_number(arrival.sender)

    def _now(self, arrival: Arrival) -> datetime:
        """Return when words to `arrival` would go out.

        What a provider brought may have waited for us. Who asks over the API has the
        clock of its own messages, and sends the words itself.
        """
        return self.now() if arrival.provider else arrival.arrived_at

    def _new_contact(self, arrival: Arrival) -> Contact:
        return Contact(
            key=_key(arrival),
            conversation_id=self.new_id(),
            consent=Consent.SUBSCRIBED,
            consent_changed_at=None,
            asked_opt_out=False,
            hour_began_at=arrival.received_at,
            hour_replies=0,
        )

    def _row(self, read: Read, ids: Ids, inputs: str, body: str) -> dict[str, object]:
        return {
            "message_id": read.arrival.record_key,
            "decision_id": ids.decision_id,
            "conversation_id": ids.conversation_id,
            "received_at": read.arrival.received_at,
            "recorded_at": self.now(),
            "bundle": read.live.bundle_id,
            "inputs": inputs,
            "decision": body,
        }

    def _effects(self, decision: Decision, ids: Ids) -> list[dict[str, object]]:
        return [
            {
                "effect_id": effect_id,
                "decision_id": ids.decision_id,
                "type": effect.type,
                "payload": to_json(dict(effect.payload)),
                "created_at": self.now(),
            }
            for effect, effect_id in zip(decision.effects, ids.effect_ids, strict=True)
        ]


def _columns(decision: Decision, program: Program) -> dict[str, object]:
    """Return what the decision says that is asked for often."""
    return {
        "program": program.program_id,
        "intent": decision.intent or "",
        "confidence": decision.confidence,
        "sentiment": decision.sentiment,
        "language": decision.language,
        "decided_by": decision.decided_by.value,
        "action": decision.action.value,
        "consent": decision.consent.value if decision.consent else None,
        "queue": decision.queue,
    }


def canonical(number: str, program: Program) -> str:
    """Return a number in its one form; what is no number stays as it came.

    A person has one consent for all that reaches one phone: "whatsapp:+1…" is +1….
    """
    number = _CHANNEL.sub("", number)
    try:
        return read_number(number, program.country).value
    except ValueError:
        return number


def _key(arrival: Arrival) -> ContactKey:
    return ContactKey(arrival.number, arrival.sender)


def _recorded(connection: sa.Connection, keys: list[str]) -> dict[str, Recorded]:
    found = connection.execute(_by_keys(), {"keys": keys})
    return {
        row.message_id: Recorded(
            row.decision,
            duplicate=True,
            decision=None,
            text=str(json.loads(row.inputs)["text"]),
            program=row.program,
        )
        for row in found
    }


@cache
def _by_keys() -> sa.Select[Any]:
    # Made once: making a statement costs more than running it.
    table = decisions.c
    told = (table.message_id, table.decision, table.inputs, table.program)
    return sa.select(*told).where(
        table.message_id.in_(sa.bindparam("keys", expanding=True))
    )
