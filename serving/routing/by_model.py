"""Decisions that rest on the classifier."""

from dataclasses import replace

from model.prediction import Prediction
from serving.routing.beside import with_rest
from serving.routing.case import Case, handoff
from serving.routing.course import Course, effects_of
from serving.routing.decision import (
    Action,
    AlsoIntent,
    ConsentChange,
    DecidedBy,
    Decision,
    Effect,
    Priority,
    Reason,
    ReasonCode,
)
from serving.routing.heard import Heard, Part, hear
from serving.routing.opt_out import (
    answered_by_meaning,
    closed,
    left_to_do,
    opt_out_by_meaning,
    probability_of,
)
from serving.routing.policy import Answer, IntentPolicy, Role
from serving.routing.situation import Consent, Owner

ALTERNATIVES = 3
"""So many further intents are shown; below the third all are near zero."""

QUEUE_FROM = 0.5
"""From here the intent's own queue is likelier right than wrong."""


def decide_by_model(case: Case, prediction: Prediction) -> Decision:
    """Decide what the prediction calls for in this case."""
    language = case.language()
    heard = hear(prediction, case.rules)
    first, rest = heard.first.also(), heard.rest
    course = answered_by_meaning(case, heard, language) or opt_out_by_meaning(
        case, prediction, heard, language
    )
    if course is None:
        course = _held_back(case, heard) or _by_policy(case, heard, language)
    elif course.consent is ConsentChange.OPT_OUT:
        intent = case.rules.policy.intent_with(Role.OPT_OUT) or first.intent
        first = AlsoIntent(intent, probability_of(prediction))
        rest = heard.besides_opt_out()
        left = left_to_do(case, rest)
        course = replace(course, effects=(*course.effects, *left))
    others = [r for r in prediction.intents if r.label != first.intent]
    return Decision(
        intent=first.intent,
        confidence=first.confidence,
        alternatives=tuple(others[:ALTERNATIVES]),
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
        also=tuple(part.also() for part in rest),
    )


def _held_back(case: Case, heard: Heard) -> Course | None:
    """Hold automatic words back: a person's conversation, closed consent, a loop."""
    situation, policy = case.situation, case.rules.policy
    part = heard.first
    if situation.owner is Owner.PERSON:
        reason = Reason(ReasonCode.PERSON_OWNS, "a person answers here")
        effects = _alarms(heard)
        return Course(
            Action.SILENT, (reason,), decided_by=DecidedBy.OWNER, effects=effects
        )
    asks_back = part.line.role is Role.OPT_IN and part.sure and not heard.rest
    if situation.consent is Consent.OPTED_OUT and not asks_back:
        reason = closed()
    elif situation.automatic_replies >= policy.automatic_replies_per_hour:
        detail = f"{situation.automatic_replies} automatic replies within an hour"
        reason = Reason(ReasonCode.LOOP_LIMIT, detail)
    else:
        return None
    if part.line.answer is Answer.SILENT and part.sure:
        return Course(Action.SILENT, (reason,), decided_by=DecidedBy.GUARD)
    line = _line_of_queue(case, part)
    priority, upset = _priority(case, part, line)
    return Course(
        Action.ESCALATE,
        (reason, *upset),
        decided_by=DecidedBy.GUARD,
        queue=line.queue,
        priority=priority,
        effects=(*_alarms(heard), handoff(line.queue, priority, reason.code)),
    )


def _alarms(heard: Heard) -> tuple[Effect, ...]:
    """Return what danger calls for on mere suspicion, whoever may be answered."""
    urgent = (part for part in heard.parts if part.urgent)
    return tuple(Effect(kind, {}) for part in urgent for kind in part.line.effects)


def _line_of_queue(case: Case, part: Part) -> IntentPolicy:
    """Return the line whose queue takes the part: no queue of its own for a guess."""
    known = part.sure or part.urgent or part.reading.confidence >= QUEUE_FROM
    return part.line if known else case.rules.policy.fallback


def _by_policy(case: Case, heard: Heard, language: str | None) -> Course:
    first = heard.first
    course = _alone(case, first, language)
    if heard.unsure and course.action is not Action.ESCALATE:
        detail = f"{first.reading.confidence:.3f} for {first.intent}, and more was said"
        reason = Reason(ReasonCode.PART_UNSURE, detail)
        course = _escalated(case, first, (reason,), language, first.line)
    return with_rest(case, course, heard.rest)


def _alone(case: Case, part: Part, language: str | None) -> Course:
    """Return what the policy wants done with one part."""
    line = part.line
    doubt = _doubt(case, part)
    if doubt is not None:
        return _escalated(case, part, (doubt,), language, _line_of_queue(case, part))
    sure = _sure(case, part)
    if line.role is Role.OPT_IN:
        return _asks_for_keyword(case, sure, language)
    if line.answer is Answer.SILENT:
        reason = Reason(ReasonCode.POLICY_SILENT, f"{part.intent} rests")
        return Course(
            Action.SILENT,
            (reason, *sure),
            effects=effects_of(line),
            consent=_consent(line),
        )
    if line.answer is Answer.ESCALATE:
        detail = f"{part.intent} goes to {line.queue}"
        reason = Reason(ReasonCode.POLICY_ESCALATES, detail)
        return _escalated(case, part, (reason, *sure), language, line)
    return _answered(case, part, sure, language)


def _doubt(case: Case, part: Part) -> Reason | None:
    """Return why the intent cannot be acted on, or None."""
    intent, confidence = part.intent, part.reading.confidence
    if part.line.role is Role.OUT_OF_SCOPE:
        return Reason(ReasonCode.OUT_OF_SCOPE, f"{intent} at {confidence:.3f}")
    if part.sure or part.urgent:
        return None  # Waiting to be sure of danger costs more than a needless look.
    threshold = case.rules.thresholds.get(intent)
    if threshold is None:
        detail = f"no threshold keeps the limit for {intent}"
        return Reason(ReasonCode.NO_THRESHOLD, detail)
    detail = f"{confidence:.3f} < {threshold:.3f} for {intent}"
    return Reason(ReasonCode.BELOW_THRESHOLD, detail)


def _sure(case: Case, part: Part) -> tuple[Reason, ...]:
    """Return the reason that the threshold is reached; an urgent one need not be."""
    if not part.sure:
        return ()
    threshold = case.rules.thresholds[part.intent]
    detail = f"{part.reading.confidence:.3f} >= {threshold:.3f} for {part.intent}"
    return (Reason(ReasonCode.ABOVE_THRESHOLD, detail),)


def _answered(
    case: Case, part: Part, sure: tuple[Reason, ...], language: str | None
) -> Course:
    line = part.line
    if line.needs_question and not case.question_before():
        reason = Reason(ReasonCode.NO_OPEN_QUESTION, f"{part.intent} of what?")
        return _escalated(case, part, (reason, *sure), language, line)
    if line.negative_escalates and part.reading.sentiment == case.rules.policy.negative:
        _, upset = _priority(case, part, line)
        return _escalated(case, part, (*upset, *sure), language, line)
    assert line.template is not None  # noqa: S101 - load_rules saw to it
    found = case.words(line.template, language)
    if found.words is None:
        return _escalated(case, part, (*found.reasons, *sure), language, line)
    return Course(
        Action.REPLY,
        (*sure, *found.reasons),
        reply=found.words,
        effects=effects_of(line),
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
    part: Part,
    reasons: tuple[Reason, ...],
    language: str | None,
    line: IntentPolicy,
) -> Course:
    """Hand over to a person, with holding words so that nobody waits in silence."""
    priority, upset = _priority(case, part, line)
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
            *(effects_of(line) if sure else ()),
            handoff(line.queue, priority, reasons[0].code),
        ),
        consent=_consent(line) if sure else None,
    )


def _priority(
    case: Case, part: Part, line: IntentPolicy
) -> tuple[Priority, tuple[Reason, ...]]:
    reading = part.reading
    if reading.sentiment != case.rules.policy.negative:
        return line.priority, ()
    detail = f"{reading.sentiment} at {reading.sentiment_confidence:.2f}"
    reason = Reason(ReasonCode.NEGATIVE_SENTIMENT, detail)
    return line.priority.raised(), (reason,)


def _consent(line: IntentPolicy) -> ConsentChange | None:
    return ConsentChange.OPT_OUT if line.closes_consent else None
