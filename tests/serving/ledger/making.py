"""Events, entries and ledgers as tests need them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count

import sqlalchemy as sa

from serving.ids import new_id
from serving.ledger.chain import append
from serving.ledger.event import (
    ConsentEvent,
    ConsentType,
    Entry,
    Kind,
    Scope,
    SentBy,
    Source,
)
from serving.store.database import writing

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NUMBER = "+15550100"
PEPPER = b"a secret of the deployment"


def event(
    kind: Kind = Kind.OPT_OUT, minutes: float = 0, **fields: object
) -> ConsentEvent:
    """Return an event that happened `minutes` after noon, one second before we knew."""
    occurred_at = NOON + timedelta(minutes=minutes)
    values: dict[str, object] = {
        "number": NUMBER,
        "brand": "acme",
        "program": "alerts",
        "kind": kind,
        "scope": Scope.ALL,
        "source": Source.SMS_KEYWORD,
        "occurred_at": occurred_at,
        "received_at": occurred_at + timedelta(seconds=1),
        "actor": "intake",
        **fields,
    }
    return ConsentEvent(**values)  # type: ignore[arg-type] # as the fields are


def full_event() -> ConsentEvent:
    """Return an event that fills every field but those of an erasure."""
    return event(
        channel="mms",
        consent_type=ConsentType.EXPRESS_WRITTEN,
        event_id="e-full",
        about="e-before",
        revoke_all=True,
        deadline=date(2026, 12, 8),
        sent_by=SentBy.PROVIDER,
        provider="twilio",
        provider_message_id="SM1",
        provider_verdict="OptOutType=STOP",
        sender="+15550199",
        text="  STOP\u200b please \x00 🛑",
        normalized_text="stop please",
        matched="stop",
        detector="opt_out_head",
        detector_version="sha256:ab",
        score=0.9876,
        language="en",
        answered_message_id="out-1",
        answered_text="Sale today! Reply STOP to opt out",
        disclosure="By signing up…",
        disclosure_version="sha256:cd",
        url="https://acme.example/join",
        form_id="join-1",
        ip="192.0.2.7",
        user_agent="Mozilla/5.0",
        identity="Ada",
        screenshot="s3://acme/1.png",
        reason="asked by telephone",
    )


def numbered(*events: ConsentEvent) -> list[Entry]:
    """Return entries without a chain, for what only looks at events."""
    numbers = count(1)
    return [
        Entry(
            event=given,
            sequence=(sequence := next(numbers)),
            recorded_at=given.received_at,
            prev_hash=f"{sequence - 1:064}",
            row_hash=f"{sequence:064}",
        )
        for given in events
    ]


def recorded(
    engine: sa.Engine,
    *events: ConsentEvent,
    now: Callable[[], datetime] = lambda: NOON,
) -> list[Entry]:
    """Append events in a transaction of their own."""
    with writing(engine) as connection:
        return append(connection, events, now=now, new_id=new_id)
