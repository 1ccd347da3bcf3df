"""The decision as callers and the record have it: ids added, JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from model.prediction import Prediction
from serving.recording.arrival import Read
from serving.routing.decision import Decision
from serving.routing.situation import Situation

NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids that a decision is recorded under."""

    decision_id: str
    conversation_id: str
    effect_ids: tuple[str, ...]


def decision_body(
    read: Read, decision: Decision, ids: Ids, not_before: datetime | None = None
) -> dict[str, object]:
    """Return the decision in the shape of the contract, ready for JSON."""
    fields = fields_of(decision, ids.effect_ids)
    if isinstance(fields["reply"], dict) and not_before is not None:
        fields["reply"]["not_before"] = not_before.isoformat()
    return {
        "decision_id": ids.decision_id,
        "message_id": read.arrival.message_id,
        "conversation_id": ids.conversation_id,
        "bundle": read.live.bundle_id,
        **fields,
    }


def fields_of(decision: Decision, effect_ids: tuple[str, ...]) -> dict[str, object]:
    """Return what the bundle said, numbers rounded to four places."""
    reply = decision.reply
    return {
        "intent": decision.intent,
        "confidence": round(decision.confidence, 4),
        "alternatives": [
            {"intent": a.label, "probability": round(a.probability, 4)}
            for a in decision.alternatives
        ],
        "sentiment": decision.sentiment,
        "sentiment_confidence": None
        if decision.sentiment_confidence is None
        else round(decision.sentiment_confidence, 4),
        "language": decision.language,
        "decided_by": decision.decided_by.value,
        "action": decision.action.value,
        "consent": decision.consent.value if decision.consent else None,
        "reply": reply
        and {
            "template": reply.template,
            "text": reply.text,
            "segments": reply.segments,
            "encoding": reply.encoding,
        },
        "queue": decision.queue,
        "priority": decision.priority.value if decision.priority else None,
        "effects": [
            {"type": effect.type, "id": effect_id, "payload": dict(effect.payload)}
            for effect, effect_id in zip(decision.effects, effect_ids, strict=True)
        ],
        "reasons": [
            {"code": reason.code.value, "detail": reason.detail}
            for reason in decision.reasons
        ],
        "also": [
            {"intent": a.intent, "confidence": round(a.confidence, 4)}
            for a in decision.also
        ],
    }


def inputs_body(read: Read, situation: Situation) -> dict[str, object]:
    """Return everything that `decide()` was given, so that it can decide again."""
    arrival, prediction = read.arrival, read.prediction
    return {
        "from": arrival.number,
        "to": arrival.sender,
        "channel": arrival.channel,
        "text": arrival.text,
        "received_at": arrival.received_at.isoformat(),
        "situation": {
            "consent": situation.consent.value,
            "owner": situation.owner.value,
            "last_message": situation.last_message,
            "asked_opt_out": situation.asked_opt_out,
            "question_closed": situation.question_closed,
            "automatic_replies": situation.automatic_replies,
            "language": situation.language,
            "provider_verdict": situation.provider_verdict,
            "provider_confirms": situation.provider_confirms,
            "superseded": situation.superseded,
            "open_now": situation.open_now,
            "variables": dict(situation.variables),
        },
        "prediction": prediction and _prediction_body(prediction),
    }


def _prediction_body(prediction: Prediction) -> dict[str, object]:
    return {
        "intents": [[r.label, r.probability] for r in prediction.intents],
        "confidence": prediction.confidence,
        "sentiments": [[r.label, r.probability] for r in prediction.sentiments],
        "opt_out": prediction.opt_out,
        "clauses": [_prediction_body(clause) for clause in prediction.clauses],
    }


def to_json(body: object) -> str:
    """Return compact JSON; lone surrogates and NUL travel as escapes."""
    return json.dumps(body, separators=(",", ":"))
