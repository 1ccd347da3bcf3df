"""One logged reply decided again, in the situation that was logged with it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from model.prediction import Prediction
from serving.recording.logged import Logged
from serving.routing.decide import decide
from serving.routing.decision import Action, Decision, Reason, ReasonCode
from serving.routing.ruleset import RuleSet

_OF_CONSENT = frozenset({"suppress_contact", "resume_contact"})


def decide_again(
    logged: Logged,
    before: Mapping[str, Any],
    rules: RuleSet,
    prediction: Prediction | None,
) -> Decision:
    """Return what `rules` make of a logged reply.

    What the ledger did to the recorded decision (`before`, in the shape of the
    contract) is done to this one: the same kind of words is withheld, and a change of
    consent that came too late is none. The ledger of that moment is not asked again,
    so words that only this decision would send count as sent.
    """
    after = decide(logged.reply, logged.situation, rules, prediction)
    done = {
        reason["code"]: Reason(ReasonCode(reason["code"]), reason["detail"])
        for reason in before["reasons"]
        if reason["code"] in _BY_THE_LEDGER
    }
    late = done.get(ReasonCode.SUPERSEDED)
    late = late if before["consent"] is None else None
    withheld = done.get(ReasonCode.WITHHELD)
    if withheld and (late or after.consent == before["consent"]):
        after = _withheld(after, withheld)
    return _without_consent(after, late) if late else after


_BY_THE_LEDGER = frozenset({ReasonCode.WITHHELD, ReasonCode.SUPERSEDED})


def _withheld(after: Decision, reason: Reason) -> Decision:
    if after.reply is None:
        return after
    silent = after.action in (Action.REPLY, Action.ASK)
    return replace(
        after,
        action=Action.SILENT if silent else after.action,
        reply=None,
        reasons=(*after.reasons, reason),
    )


def _without_consent(after: Decision, reason: Reason) -> Decision:
    if after.consent is None:
        return after
    return replace(
        after,
        consent=None,
        effects=tuple(e for e in after.effects if e.type not in _OF_CONSENT),
        reasons=tuple(dict.fromkeys((*after.reasons, reason))),
    )
