"""An explanation as callers have it: JSON, computed when asked for, never recorded."""

from model.explain import Explanation
from serving.schemas import DecisionOut


def explanation_body(told: Explanation) -> dict[str, object]:
    """Return why the classifier read a reply as it did, numbers to four places."""
    return {
        "intent": told.intent,
        "confidence": round(told.confidence, 4),
        "rule": None,
        "words": [
            {
                "word": word.text,
                "start": word.start,
                "end": word.end,
                "weight": round(word.weight, 4),
            }
            for word in told.words
        ],
        "neighbours": [
            {
                "id": near.reply_id,
                "text": near.text,
                "intent": near.intent,
                "similarity": round(near.similarity, 4),
            }
            for near in told.neighbours
        ],
        "signals": [
            {
                "name": signal.name,
                "effect": round(signal.effect, 4),
                "says": signal.says,
            }
            for signal in told.signals
        ],
    }


def rule_body(decision: DecisionOut) -> dict[str, object]:
    """Return the explanation of a decision by rule: which one, and nothing to weigh."""
    rule = decision.reasons[0]
    return {
        "intent": decision.intent,
        "confidence": decision.confidence,
        "rule": {"code": rule.code.value, "detail": rule.detail},
        "words": [],
        "neighbours": [],
        "signals": [],
    }
