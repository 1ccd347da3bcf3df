"""Decisions, draws and reviews as the service writes them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from model.prediction import Ranked
from serving.ids import new_id, now
from serving.recording.record import fields_of, to_json
from serving.reviews.finding import Choices, Finding
from serving.reviews.holds import hold
from serving.reviews.recording import Reviewing, record
from serving.reviews.review import Review
from serving.reviews.verdict import ReviewKind, Verdict
from serving.routing.decision import (
    Action,
    DecidedBy,
    Decision,
    Priority,
    Reason,
    ReasonCode,
    Words,
)
from serving.store.database import writing
from serving.store.review_tables import review_holds, reviews, sample_draws
from serving.store.tables import contacts, decisions

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PERIOD = "2026-11-23"
CHOICES = Choices(
    intents=("order_status", "refund", "opt_out", "store_info"),
    queues=("care", "orders", "billing"),
    opt_out="opt_out",
)
RIGHT = Finding(Verdict.RIGHT)

ANSWERED = Decision(
    intent="order_status",
    confidence=0.97,
    alternatives=(Ranked("refund", 0.02),),
    sentiment="neutral",
    sentiment_confidence=0.91,
    language="en",
    decided_by=DecidedBy.MODEL,
    action=Action.REPLY,
    consent=None,
    reply=Words("order_status@1", "It is on its way.", 1, "GSM-7"),
    queue=None,
    priority=None,
    effects=(),
    reasons=(Reason(ReasonCode.ABOVE_THRESHOLD, "0.970 >= 0.830 for order_status"),),
)
ESCALATED = replace(
    ANSWERED,
    confidence=0.61,
    action=Action.ESCALATE,
    reply=Words("holding@1", "A person will look.", 1, "GSM-7"),
    queue="orders",
    priority=Priority.NORMAL,
    reasons=(Reason(ReasonCode.BELOW_THRESHOLD, "0.610 < 0.830 for order_status"),),
)


def a_decision(
    connection: sa.Connection,
    decision_id: str,
    decision: Decision = ANSWERED,
    *,
    text: str = "where is it",
    at: datetime = NOON,
    conversation: str = "c1",
    bundle: str = "sha256:ab",
    last_message: str | None = None,
    ranking: Sequence[tuple[str, float]] = (("order_status", 0.97), ("refund", 0.02)),
) -> None:
    """Record a decision."""
    predicted = {"intents": ranking, "confidence": 0.97, "sentiments": []}
    inputs: dict[str, object] = {
        "from": "+15550100",
        "to": "+15550199",
        "channel": "sms",
        "text": text,
        "received_at": at.isoformat(),
        "situation": {"last_message": last_message, "variables": {}},
        "prediction": predicted if decision.sentiment else None,
    }
    body: dict[str, Any] = {
        "decision_id": decision_id,
        "message_id": f"m-{decision_id}",
        "conversation_id": conversation,
        "bundle": bundle,
        **fields_of(decision, tuple(f"e{n}" for n in range(len(decision.effects)))),
    }
    connection.execute(
        sa.insert(decisions).values(
            message_id=f"m-{decision_id}",
            decision_id=decision_id,
            conversation_id=conversation,
            received_at=at,
            recorded_at=at,
            bundle=bundle,
            inputs=to_json(inputs),
            decision=to_json(body),
            program="shop",
            intent=decision.intent or "",
            confidence=decision.confidence,
            decided_by=decision.decided_by.value,
            action=decision.action.value,
            consent=decision.consent and decision.consent.value,
            queue=decision.queue,
        )
    )


def a_draw(
    connection: sa.Connection,
    decision_id: str,
    *,
    place: float = 0.5,
    double: bool = False,
    period: str = PERIOD,
    at: datetime | None = None,
) -> None:
    """Draw a decision for review, decided just now where nothing else is said."""
    decided_at = at or now()
    connection.execute(
        sa.insert(sample_draws).values(
            decision_id=decision_id,
            period=period,
            stratum="model",
            probability=0.5,
            double=double,
            place=place,
            decided_at=decided_at,
            drawn_at=decided_at,
        )
    )


def drawn(engine: sa.Engine, *decision_ids: str, double: bool = False) -> None:
    """Record decisions and draw them, in this order."""
    with writing(engine) as connection:
        for number, decision_id in enumerate(decision_ids):
            a_decision(connection, decision_id, conversation=f"c-{decision_id}")
            a_draw(connection, decision_id, place=number / 100, double=double)


def held(
    engine: sa.Engine, user_id: str, *decision_ids: str, at: datetime = NOON
) -> list[str]:
    """Try to hold decisions; return those that are held."""
    with writing(engine) as connection:
        return hold(connection, user_id, decision_ids, at, most=len(decision_ids))


def reviewed(
    engine: sa.Engine,
    user_id: str,
    decision_id: str,
    finding: Finding = RIGHT,
    *,
    kind: ReviewKind = ReviewKind.DRAWN,
    at: datetime = NOON,
) -> Review:
    """Review a decision, held first where it was drawn."""
    reviewing = Reviewing(new_id(), decision_id, user_id, kind, at)
    with writing(engine) as connection:
        if kind is ReviewKind.DRAWN:
            hold(connection, user_id, [decision_id], at, most=1)
        return record(connection, reviewing, finding, CHOICES)


def emptied(engine: sa.Engine) -> None:
    """Remove whatever the functions above have written."""
    with writing(engine) as connection:
        for table in (review_holds, reviews, sample_draws, decisions, contacts):
            connection.execute(sa.delete(table))


def forgotten(engine: sa.Engine, decision_id: str) -> None:
    """Empty a decision as the retention of texts does."""
    table = decisions.c
    with writing(engine) as connection:
        wanted = sa.select(table.inputs).where(table.decision_id == decision_id)
        inputs = json.loads(connection.scalar(wanted) or "{}")
        emptied = inputs | {"text": "", "forgotten": True}
        connection.execute(
            sa.update(decisions)
            .where(table.decision_id == decision_id)
            .values(inputs=to_json(emptied))
        )
