"""Contacts and decisions as the service writes them."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from serving.ids import new_id
from serving.routing.situation import Consent
from serving.store.contacts import Contact, ContactKey, save_contacts
from serving.store.tables import decisions, messages_in, messages_out, outbox
from tests.serving.ledger.making import NOON

SENDER = "+15550199"


def conversation(number: str, sender: str = SENDER) -> str:
    return f"c-{number[-4:]}-{sender[-4:]}"


def a_contact(
    connection: sa.Connection,
    number: str,
    consent: Consent = Consent.SUBSCRIBED,
    *,
    changed_at: datetime | None = None,
    sender: str = SENDER,
) -> None:
    contact = Contact(
        key=ContactKey(number, sender),
        conversation_id=conversation(number, sender),
        consent=consent,
        consent_changed_at=changed_at,
        asked_opt_out=False,
        hour_began_at=NOON,
        hour_replies=0,
    )
    save_contacts(connection, [contact])


def a_decision(
    connection: sa.Connection,
    number: str,
    *,
    text: str = "where is it",
    at: datetime = NOON,
    consent: str | None = None,
    delivered: bool = True,
) -> str:
    """Record a decision with an effect, and return its message id."""
    message_id, decision_id = new_id(), new_id()
    inputs = {
        "from": number,
        "to": SENDER,
        "channel": "sms",
        "text": text,
        "received_at": at.isoformat(),
        "situation": {
            "consent": "subscribed",
            "last_message": f"words for {number}",
            "variables": {"name": text},
        },
        "prediction": None,
    }
    decision = {
        "message_id": message_id,
        "consent": consent,
        "reply": {"template": "t@1", "text": f"about {text}"},
        "effects": [{"type": "ticket", "id": "x", "payload": {"about": text}}],
    }
    connection.execute(
        sa.insert(decisions).values(
            message_id=message_id,
            decision_id=decision_id,
            conversation_id=conversation(number),
            received_at=at,
            recorded_at=at,
            bundle="sha256:ab",
            inputs=json.dumps(inputs),
            decision=json.dumps(decision),
        )
    )
    connection.execute(
        sa.insert(outbox).values(
            effect_id=new_id(),
            decision_id=decision_id,
            type="ticket",
            payload=json.dumps({"about": text}),
            created_at=at,
            delivered_at=at if delivered else None,
        )
    )
    return message_id


def a_message(
    connection: sa.Connection,
    key: str,
    number: str,
    text: str,
    *,
    at: datetime = NOON,
    decided: bool = True,
) -> None:
    """Record a message of the person and our answer to it."""
    connection.execute(
        sa.insert(messages_in).values(
            key=key,
            program="alerts",
            provider="twilio",
            message_id=key,
            number=number,
            sender=SENDER,
            channel="sms",
            text=text,
            text_digest=f"digest of {text}",
            media=0,
            sent_at=at,
            received_at=at,
            decided_as=key if decided else None,
        )
    )
    row = {
        "message_id": f"out-{key}",
        "decision_id": f"d-{key}",
        "program": "alerts",
        "number": number,
        "sender": SENDER,
        "class": "compliance",
        "template": "t@1",
        "text": f"about {text}",
        "segments": 1,
        "via": "outbox",
        "checked_at": at,
        "not_before": at,
    }
    connection.execute(sa.insert(messages_out).values(row))


def message_texts(connection: sa.Connection) -> list[str]:
    """Return the words of all messages, in and out."""
    words = sa.union_all(sa.select(messages_in.c.text), sa.select(messages_out.c.text))
    return sorted(connection.scalars(words))


def decision_id_of(connection: sa.Connection, message_id: str) -> str:
    """Return the id of the decision about a message."""
    table = decisions.c
    wanted = sa.select(table.decision_id).where(table.message_id == message_id)
    return str(connection.scalar(wanted))


def decision_row(connection: sa.Connection, message_id: str) -> dict[str, Any]:
    """Return inputs and decision of a message, read."""
    row = connection.execute(
        sa.select(decisions).where(decisions.c.message_id == message_id)
    ).one()
    return {"inputs": json.loads(row.inputs), "decision": json.loads(row.decision)}
