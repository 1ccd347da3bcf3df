"""Decisions that rest on the classifier."""

from dataclasses import dataclass

from model.prediction import Prediction
from serving.routing.by_rule import suppress_contact
from serving.routing.case import Case, handoff
from serving.routing.decision import (
    Action,
    ConsentChange,
    DecidedBy,
    Decision,
    Effect,
    Priority,
    Reason,
    ReasonCode,
    Words,
)
from serving.routing.policy import Answer, IntentPolicy, Role
from serving.routing.situation import Consent, Owner

ALTERNATIVES = 3
"""So many further intents are shown; below the third all are near zero."""

QUEUE_FROM = 0.5
"""From here the intent's own queue is likelier right than wrong."""


@dataclass(frozen=True, slots=True)
class Course:
    """What is done, before it is written down as a decision."""

    action: Action
    reasons: tuple[Reason, ...]
    decided_by: DecidedBy = DecidedBy.MODEL
    reply: Words | None = None
    queue: str | None = None
    priority: Priority | None = None
    effects: tuple[Effect, ...] = ()
    consent: ConsentChange | None = None


def decide_by_model(case: Case, prediction: Prediction) -> Decision:
    """Decide what the prediction calls for in this case."""
    language = case.language()
    course = (
        _opt_out_by_meaning(case, prediction, language)
        or _held_back(case, prediction)
        or _by_policy(case, prediction, language)
    )
    return Decision(
        intent=prediction.intent,
        confidence=prediction.confidence,
        alternatives=prediction.intents[1 : 1 + ALTERNATIVES],
        sentiment=prediction.sentiment,
        sentiment_confidence=prediction.sentiment_confidence,
        language=language,
        decided_by=course.decided_by,
        action=course.action,
        consent=course.consent,
        reply=course.reply,
        queue=course.queue,
        priority=course.priority,
        effects=course.effects,
        reasons=course.reasons,
    )


def _opt_out_by_meaning(
    case: Case, prediction: Prediction, language: str | None
) -> Course | None:
    policy = case.rules.policy
    intent = policy.intent_with(Role.OPT_OUT)
    probability = next(
        (r.probability for r in prediction.intents if r.label == intent), 0
    )
    if probability >= policy.opt_out.suppress_from:
        limit = policy.opt_out.suppress_from
        detail = f"{probability:.3f} >= {limit:.3f} for {intent}"
        reason = Reason(ReasonCode.OPT_OUT_BY_MEANING, detail)
        if case.situation.consent is Consent.OPTED_OUT:
            # One confirmation is allowed, and it went out (64.1200(a)(12)).
            return Course(
                Action.SILENT,
                (reason, _closed()),
                effects=(suppress_contact(),),
                consent=ConsentChange.OPT_OUT,
            )
        return Course(
            Action.REPLY,
            (reason,),
            reply=case.system_words(policy.system.opt_out, language),
            effects=(suppress_contact(),),
            consent=ConsentChange.OPT_OUT,
        )
    unsure = probability >= policy.opt_out.ask_from
    open_to_ask = (
        case.situation.consent is Consent.SUBSCRIBED
        and case.situation.owner is Owner.AUTOMATIC
        and not case.situation.asked_opt_out
    )
    if unsure and open_to_ask:
        low, high = policy.opt_out.ask_from, policy.opt_out.suppress_from
        detail = f"{low:.3f} <= {probability:.3f} < {high:.3f} for {intent}"
        return Course(
            Action.ASK,
            (Reason(ReasonCode.OPT_OUT_UNSURE, detail),),
            reply=case.system_words(policy.system.ask_opt_out, language),
        )
    return None


def _closed() -> Reason:
    return Reason(ReasonCode.CONSENT_CLOSED, "the contact has opted out")


def _held_back(case: Case, prediction: Prediction) -> Course | None:
    """Hold automatic words back: a person's conversation, closed consent, a loop."""
    situation, policy = case.situation, case.rules.policy
    line = policy.of(prediction.intent)
    if situation.owner is Owner.PERSON:
        reason = Reason(ReasonCode.PERSON_OWNS, "a person answers here")
        return Course(Action.SILENT, (reason,), decided_by=DecidedBy.OWNER)
    asks_back = line.role is Role.OPT_IN and not _doubt(case, prediction, line)
    if situation.consent is Consent.OPTED_OUT and not asks_back:
        reason = _closed()
    elif situation.automatic_replies >= policy.automatic_replies_per_hour:
        detail = f"{situation.automatic_replies} automatic replies within an hour"
        reason = Reason(ReasonCode.LOOP_LIMIT, detail)
    else:
        return None
    if line.answer is Answer.SILENT:
        return Course(Action.SILENT, (reason,), decided_by=DecidedBy.GUARD)
    priority, upset = _priority(case, prediction, line)
    return Course(
        Action.ESCALATE,
        (reason, *upset),
        decided_by=DecidedBy.GUARD,
        queue=line.queue,
        priority=priority,
        effects=(handoff(line.queue, priority, reason.code),),
    )


def _by_policy(case: Case, prediction: Prediction, language: str | None) -> Course:
    policy = case.rules.policy
    line = policy.of(prediction.intent)
    doubt = _doubt(case, prediction, line)
    if doubt is not None:
        known = line if prediction.confidence >= QUEUE_FROM else policy.fallback
        return _escalated(case, prediction, (doubt,), language, known)
    sure = _sure(case, prediction)
    if line.role is Role.OPT_IN:
        return _asks_for_keyword(case, sure, language)
    if line.answer is Answer.SILENT:
        reason = Reason(ReasonCode.POLICY_SILENT, f"{prediction.intent} rests")
        return Course(
            Action.SILENT,
            (reason, *sure),
            effects=_effects(line),
            consent=_consent(line),
        )
    if line.answer is Answer.ESCALATE:
        detail = f"{prediction.intent} goes to {line.queue}"
        reason = Reason(ReasonCode.POLICY_ESCALATES, detail)
        return _escalated(case, prediction, (reason, *sure), language, line)
    return _answered(case, prediction, sure, language)


def _doubt(case: Case, prediction: Prediction, line: IntentPolicy) -> Reason | None:
    """Return why the intent cannot be acted on, or None."""
    intent, confidence = prediction.intent, prediction.confidence
    if line.role is Role.OUT_OF_SCOPE:
        return Reason(ReasonCode.OUT_OF_SCOPE, f"{intent} at {confidence:.3f}")
    if line.answer is Answer.ESCALATE and line.priority is Priority.URGENT:
        return None  # Waiting to be sure would cost more than a needless look.
    threshold = case.rules.thresholds.get(intent)
    if threshold is None:
        detail = f"no threshold keeps the limit for {intent}"
        return Reason(ReasonCode.NO_THRESHOLD, detail)
    if confidence < threshold:
        detail = f"{confidence:.3f} < {threshold:.3f} for {intent}"
        return Reason(ReasonCode.BELOW_THRESHOLD, detail)
    return None


def _sure(case: Case, prediction: Prediction) -> tuple[Reason, ...]:
    """Return the reason that the threshold is reached; an urgent one need not be."""
    intent = prediction.intent
    threshold = case.rules.thresholds.get(intent)
    if threshold is None or prediction.confidence < threshold:
        return ()
    detail = f"{prediction.confidence:.3f} >= {threshold:.3f} for {intent}"
    return (Reason(ReasonCode.ABOVE_THRESHOLD, detail),)


def _answered(
    case: Case,
    prediction: Prediction,
    sure: tuple[Reason, ...],
    language: str | None,
) -> Course:
    line = case.rules.policy.of(prediction.intent)
    ours = case.situation.last_message
    if line.needs_question and not (ours and "?" in ours):
        reason = Reason(ReasonCode.NO_OPEN_QUESTION, f"{prediction.intent} of what?")
        return _escalated(case, prediction, (reason, *sure), language, line)
    if line.negative_escalates and prediction.sentiment == case.rules.policy.negative:
        _, upset = _priority(case, prediction, line)
        return _escalated(case, prediction, (*upset, *sure), language, line)
    assert line.template is not None  # noqa: S101 - load_rules saw to it
    found = case.words(line.template, language)
    if found.words is None:
        return _escalated(case, prediction, (*found.reasons, *sure), language, line)
    return Course(
        Action.REPLY,
        (*sure, *found.reasons),
        reply=found.words,
        effects=_effects(line),
        consent=_consent(line),
    )


def _asks_for_keyword(
    case: Case, sure: tuple[Reason, ...], language: str | None
) -> Course:
    detail = "consent is opened by START, not by a guess"
    return Course(
        Action.ASK,
        (Reason(ReasonCode.OPT_IN_NEEDS_KEYWORD, detail), *sure),
        reply=case.system_words(case.rules.policy.system.ask_opt_in, language),
    )


def _escalated(
    case: Case,
    prediction: Prediction,
    reasons: tuple[Reason, ...],
    language: str | None,
    line: IntentPolicy,
) -> Course:
    """Hand over to a person, with holding words so that nobody waits in silence."""
    priority, upset = _priority(case, prediction, line)
    # Words that name the matter are for when the intent was sure.
    sure = reasons[0].code is ReasonCode.POLICY_ESCALATES
    holding = (sure and line.template) or case.rules.policy.system.holding
    return Course(
        Action.ESCALATE,
        tuple(dict.fromkeys((*reasons, *upset))),
        reply=case.system_words(holding, language),
        queue=line.queue,
        priority=priority,
        effects=(
            *(_effects(line) if sure else ()),
            handoff(line.queue, priority, reasons[0].code),
        ),
        consent=_consent(line) if sure else None,
    )


def _priority(
    case: Case, prediction: Prediction, line: IntentPolicy
) -> tuple[Priority, tuple[Reason, ...]]:
    if prediction.sentiment != case.rules.policy.negative:
        return line.priority, ()
    detail = f"{prediction.sentiment} at {prediction.sentiment_confidence:.2f}"
    reason = Reason(ReasonCode.NEGATIVE_SENTIMENT, detail)
    return line.priority.raised(), (reason,)


def _consent(line: IntentPolicy) -> ConsentChange | None:
    return ConsentChange.OPT_OUT if line.closes_consent else None


def _effects(line: IntentPolicy) -> tuple[Effect, ...]:
    effects = tuple(Effect(kind, {}) for kind in line.effects)
    return (suppress_contact(), *effects) if line.closes_consent else effects
