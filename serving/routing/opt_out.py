"""The opt-out by meaning: a decision of its own, whatever else the reply is about.

Three bands of the probability, from `policy.yaml`: sure, we stop and confirm; likely,
we stop and say what we understood and how to come back; in doubt, we ask once. A person
looks instead where we have asked already, and where something else was said that our
question would leave unanswered. A plain yes to our question stops, a plain no keeps.

A clause is read without what stands around it ("im so over this", of an app). Where the
whole hears no opt-out, one that is sure is likely, and at one that is likely a person
looks; on a train part of hard cases every second sure one was right. Words that deny
or undo an opt-out (`denial.py`) are at most a doubt.
"""

from enum import IntEnum

from model.prediction import Prediction
from serving.routing.case import Case, handoff
from serving.routing.course import Course, suppress_contact
from serving.routing.decision import (
    Action,
    ConsentChange,
    Effect,
    Priority,
    Reason,
    ReasonCode,
    Words,
)
from serving.routing.denial import denies_stopping
from serving.routing.folded_once import folded_once
from serving.routing.heard import Heard, Part
from serving.routing.policy import Answer, OptOutPolicy, Role
from serving.routing.situation import Consent, Owner


class Band(IntEnum):
    """How sure it is that the person asks for the messages to stop."""

    NO = 0
    DOUBT = 1
    LIKELY = 2
    SURE = 3


def probability_of(prediction: Prediction) -> float:
    """Return the highest probability (0 to 1) of the reply and of its clauses."""
    return max(prediction.opt_out, _of_clauses(prediction))


def band_of(prediction: Prediction, policy: OptOutPolicy) -> Band:
    """Return the band; it never falls where a probability rises."""
    whole, clause = prediction.opt_out, _of_clauses(prediction)
    doubtful, sure = whole >= policy.ask_from, clause >= policy.sure_from
    if whole >= policy.sure_from or (sure and doubtful):
        return Band.SURE
    if whole >= policy.suppress_from or sure:
        return Band.LIKELY
    if doubtful or clause >= policy.suppress_from:
        return Band.DOUBT
    return Band.NO


def opt_out_by_meaning(
    case: Case, prediction: Prediction, heard: Heard, language: str | None
) -> Course | None:
    """Return what is done about an opt-out in these words, or None: it is none."""
    policy = case.rules.policy
    band = band_of(prediction, policy.opt_out)
    if denies_stopping(folded_once(case.reply.text)):
        band = min(band, Band.DOUBT)
    detail = f"{probability_of(prediction):.3f} for opting out"
    if band is Band.NO or (band is Band.DOUBT and _seen_to(case, heard)):
        return None
    if band is Band.DOUBT:
        reason = Reason(ReasonCode.OPT_OUT_UNSURE, detail)
        whole = prediction.opt_out >= policy.opt_out.ask_from
        if not case.situation.asked_opt_out and whole and not heard.several:
            return _asked(case, reason, language)
        return _read_by_person(case, reason, language)
    reason = Reason(ReasonCode.OPT_OUT_BY_MEANING, detail)
    if band is Band.SURE:
        words = case.system_words(policy.system.opt_out, language)
        return _stopped(case, (reason,), words)
    presumed = f"below {policy.opt_out.sure_from:.3f}, from which it is sure"
    words = case.system_words(policy.system.opt_out_presumed, language)
    return _stopped(
        case, (reason, Reason(ReasonCode.OPT_OUT_PRESUMED, presumed)), words
    )


def question_is_open(case: Case) -> bool:
    """Return whether the reply may be the answer to our question whether to stop.

    Not where a person or another message of ours has spoken since: a "yes" is theirs.
    """
    situation = case.situation
    return (
        situation.asked_opt_out
        and not situation.question_closed
        and situation.consent is Consent.SUBSCRIBED
        and situation.owner is Owner.AUTOMATIC
        and (situation.last_message is None or _is_question(case))
    )


def answered_by_meaning(
    case: Case, heard: Heard, language: str | None
) -> Course | None:
    """Return what is done where the words are surely a yes or no to our question."""
    if not question_is_open(case):
        return None
    if any(p.sure and p.line.role is Role.AGREES for p in heard.parts):
        return answered(case, stop=True, language=language)
    if heard.first.sure and heard.first.line.role is Role.DECLINES:
        return answered(case, stop=False, language=language)
    return None


def answered(case: Case, *, stop: bool, language: str | None) -> Course:
    """Return what is done about a plain answer to our question."""
    reason = Reason(ReasonCode.OPT_OUT_ANSWER, "yes, stop" if stop else "no, go on")
    system = case.rules.policy.system
    if stop:
        words = case.system_words(system.opt_out, language)
        return _stopped(case, (reason,), words)
    words = case.system_words(system.opt_out_declined, language)
    return Course(Action.REPLY, (reason,), reply=words)


def left_to_do(case: Case, parts: tuple[Part, ...]) -> tuple[Effect, ...]:
    """Return what must be done about the rest of a reply that opts out.

    No more words may be sent, so a person gets a task for what the policy leaves to
    people, and for what has a queue of its own (a visit, an order, money). What is
    everybody's ("who is this", "thanks") ends with the confirmation.
    """
    effects: list[Effect] = []
    for part in parts:
        line = part.line
        to_people = line.answer is Answer.ESCALATE
        if part.urgent or (part.sure and (to_people or line.closes_consent)):
            effects += [Effect(kind, {}) for kind in line.effects]
        if to_people or (
            line.queue != case.rules.policy.fallback.queue
            and line.answer is Answer.REPLY
            and line.priority is not Priority.LOW
        ):
            effects.append(_task(part))
    return tuple(effects)


def _task(part: Part) -> Effect:
    line = part.line
    why = f"{part.intent} was said beside an opt-out"
    payload = {"queue": line.queue, "priority": line.priority.value, "why": why}
    return Effect("create_task", payload)


def _of_clauses(prediction: Prediction) -> float:
    return max((clause.opt_out for clause in prediction.clauses), default=0.0)


def _stopped(case: Case, reasons: tuple[Reason, ...], words: Words | None) -> Course:
    action = Action.REPLY
    if case.situation.consent is Consent.OPTED_OUT:
        # One confirmation is allowed, and it went out (64.1200(a)(12)).
        action, words = Action.SILENT, None
        reasons = (*reasons, closed())
    return Course(
        action,
        reasons,
        reply=words,
        effects=(suppress_contact(),),
        consent=ConsentChange.OPT_OUT,
    )


def closed() -> Reason:
    """Return the reason that the contact has opted out."""
    return Reason(ReasonCode.CONSENT_CLOSED, "the contact has opted out")


def _seen_to(case: Case, heard: Heard) -> bool:
    """Return whether a doubt needs no step of its own.

    Somebody reads the reply anyway, or the contact is suppressed as a wrong number.
    """
    situation = case.situation
    return (
        situation.consent is Consent.OPTED_OUT
        or situation.owner is Owner.PERSON
        or heard.first.urgent
        or any(part.sure and part.line.closes_consent for part in heard.parts)
    )


def _asked(case: Case, reason: Reason, language: str | None) -> Course:
    words = case.system_words(case.rules.policy.system.ask_opt_out, language)
    return Course(Action.ASK, (reason,), reply=words)


def _read_by_person(case: Case, reason: Reason, language: str | None) -> Course:
    policy = case.rules.policy
    line = policy.of(policy.intent_with(Role.OPT_OUT) or "")
    return Course(
        Action.ESCALATE,
        (reason,),
        reply=case.system_words(policy.system.holding, language),
        queue=line.queue,
        priority=line.priority,
        effects=(
            *(Effect(kind, {}) for kind in line.effects),
            handoff(line.queue, line.priority, reason.code),
        ),
    )


def _is_question(case: Case) -> bool:
    ours = folded_once(case.situation.last_message or "")
    policy, rules = case.rules.policy, case.rules
    asked = (
        case.system_words(policy.system.ask_opt_out, language)
        for language in rules.languages
    )
    return any(words and folded_once(words.text) == ours for words in asked)
