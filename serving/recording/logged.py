"""What was logged, read back: the inputs of a decision.

The inverse of `record.inputs_body`. Rows of earlier versions lack what those did not
know; it is what `decide()` takes where nothing is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model.prediction import Prediction, Ranked
from serving.routing.situation import Consent, Owner, Reply, Situation


@dataclass(frozen=True, slots=True)
class Logged:
    """What `decide()` was given.

    Attributes:
        reply: what came in.
        situation: what was known when it came.
        prediction: what the bundle of that day read in it; None where a rule settled
            the reply.
    """

    reply: Reply
    situation: Situation
    prediction: Prediction | None


def logged_inputs(body: Mapping[str, Any]) -> Logged | None:
    """Read what `inputs_body` wrote; None where the person's words are gone.

    Raises:
        KeyError, TypeError, ValueError: it is nothing that this version can read.
    """
    if body.get("forgotten"):
        return None
    predicted = body.get("prediction")
    return Logged(
        reply=Reply(body["text"], datetime.fromisoformat(body["received_at"])),
        situation=_situation(body.get("situation") or {}),
        prediction=_prediction(predicted) if predicted else None,
    )


def _situation(body: Mapping[str, Any]) -> Situation:
    told = {name: body[name] for name in Situation.__slots__ if name in body}
    told["consent"] = Consent(body.get("consent", Consent.SUBSCRIBED))
    told["owner"] = Owner(body.get("owner", Owner.AUTOMATIC))
    return Situation(**told)


def _prediction(body: Mapping[str, Any]) -> Prediction:
    return Prediction(
        intents=_ranked(body["intents"]),
        confidence=body["confidence"],
        sentiments=_ranked(body["sentiments"]),
        opt_out=body.get("opt_out", 0.0),
        clauses=tuple(_prediction(clause) for clause in body.get("clauses", ())),
    )


def _ranked(pairs: Sequence[Sequence[Any]]) -> tuple[Ranked, ...]:
    return tuple(Ranked(label, probability) for label, probability in pairs)
