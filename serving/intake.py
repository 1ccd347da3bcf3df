"""Taking replies in: one transaction decides and records a batch of them.

The decision is made inside the transaction that records it, on the contact's state
as it stands there: a question that races a STOP of the same person is decided after
it, and a message id that comes twice finds the first decision.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from serving.arrival import Arrival, Read
from serving.record import Ids, decision_body, inputs_body, to_json
from serving.routing.decide import decide
from serving.routing.decision import Action, ConsentChange, Decision, ReasonCode
from serving.routing.situation import Consent, Reply, Situation
from serving.store.contacts import Contact, ContactKey, load_contacts, save_contacts
from serving.store.tables import decisions, outbox

_HOUR = timedelta(hours=1)
_ANSWERED_WITHIN = timedelta(days=1)
"""A "yes" that comes later is to something else; a person reads it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision on the record: its JSON, and whether it was there before.

    `text` is what it was made about, which a message id that comes again may not hold.
    """

    body: str
    duplicate: bool
    decision: Decision | None
    text: str


@dataclass(frozen=True, slots=True)
class Intake:
    """Decides and records; time and ids come from outside."""

    now: Callable[[], datetime]
    new_id: Callable[[], str]

    def take(self, connection: sa.Connection, batch: Sequence[Read]) -> list[Recorded]:
        """Decide and record `batch` within the caller's transaction, in its order."""
        known = _recorded(connection, [read.arrival.message_id for read in batch])
        contacts = load_contacts(connection, {_key(read.arrival) for read in batch})
        results: list[Recorded] = []
        rows: list[dict[str, object]] = []
        effects: list[dict[str, object]] = []
        changed: dict[ContactKey, Contact] = {}
        for read in batch:
            arrival = read.arrival
            if found := known.get(arrival.message_id):
                results.append(found)
                continue
            contact = contacts.get(_key(arrival)) or self._new_contact(arrival)
            contact = _this_hour(contact, arrival.received_at)
            situation = _situation(arrival, contact)
            reply = Reply(arrival.text, arrival.received_at)
            decision = decide(reply, situation, read.live.rules, read.prediction)
            ids = Ids(
                decision_id=self.new_id(),
                conversation_id=contact.conversation_id,
                effect_ids=tuple(self.new_id() for _ in decision.effects),
            )
            body = to_json(decision_body(read, decision, ids))
            rows.append(
                self._row(read, ids, to_json(inputs_body(read, situation)), body)
            )
            effects += self._effects(decision, ids)
            contact = _after(contact, decision, arrival.received_at)
            contacts[contact.key] = changed[contact.key] = contact
            recorded = Recorded(
                body, duplicate=False, decision=decision, text=arrival.text
            )
            known[arrival.message_id] = replace(recorded, duplicate=True, decision=None)
            results.append(recorded)
        save_contacts(connection, changed.values())
        if rows:
            connection.execute(sa.insert(decisions), rows)
        if effects:
            connection.execute(sa.insert(outbox), effects)
        return results

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
            "message_id": read.arrival.message_id,
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


def _key(arrival: Arrival) -> ContactKey:
    return ContactKey(arrival.number, arrival.sender)


def _recorded(connection: sa.Connection, message_ids: list[str]) -> dict[str, Recorded]:
    found = connection.execute(
        sa.select(
            decisions.c.message_id, decisions.c.decision, decisions.c.inputs
        ).where(decisions.c.message_id.in_(message_ids))
    )
    return {
        row.message_id: Recorded(
            row.decision,
            duplicate=True,
            decision=None,
            text=str(json.loads(row.inputs)["text"]),
        )
        for row in found
    }


def _this_hour(contact: Contact, moment: datetime) -> Contact:
    # In both directions: a clock that ran ahead must not freeze the count.
    if abs(moment - contact.hour_began_at) < _HOUR:
        return contact
    return replace(contact, hour_began_at=moment, hour_replies=0)


def _situation(arrival: Arrival, contact: Contact) -> Situation:
    return Situation(
        consent=contact.consent,
        owner=arrival.owner,
        last_message=arrival.last_message,
        asked_opt_out=contact.asked_opt_out,
        question_closed=not _just_asked(contact, arrival.received_at),
        automatic_replies=contact.hour_replies,
        language=arrival.language,
        variables=arrival.variables,
    )


def _just_asked(contact: Contact, moment: datetime) -> bool:
    asked = contact.asked_opt_out_at
    return asked is not None and asked <= moment <= asked + _ANSWERED_WITHIN


def _after(contact: Contact, decision: Decision, moment: datetime) -> Contact:
    """Return the contact as the decision leaves it."""
    if decision.reply is not None:
        contact = replace(contact, hour_replies=contact.hour_replies + 1)
    if decision.consent is not None:
        opted_out = decision.consent is ConsentChange.OPT_OUT
        contact = replace(
            contact,
            consent=Consent.OPTED_OUT if opted_out else Consent.SUBSCRIBED,
            consent_changed_at=moment,
            asked_opt_out=False,
        )
    asked = decision.action is Action.ASK and (
        decision.reasons[0].code is ReasonCode.OPT_OUT_UNSURE
    )
    return replace(
        contact,
        asked_opt_out=contact.asked_opt_out or asked,
        asked_opt_out_at=moment if asked else None,
    )
