"""Decisions that need no model: guards first, then keywords."""

from model.prediction import Prediction
from serving.routing.case import Case
from serving.routing.course import suppress_contact
from serving.routing.decision import (
    Action,
    ConsentChange,
    DecidedBy,
    Decision,
    Effect,
    Priority,
    Reason,
    ReasonCode,
)
from serving.routing.folded_once import folded_once
from serving.routing.heard import Part, hear
from serving.routing.keywords import Answer, Keyword, KeywordRole
from serving.routing.machine_answers import is_machine_answer
from serving.routing.opt_out import answered, left_to_do, question_is_open
from serving.routing.policy import Role
from serving.routing.reactions import is_reaction
from serving.routing.situation import Consent

CERTAIN = 1.0
"""The confidence of a rule: it does what it says, there is nothing to be unsure of."""


def decide_by_rule(case: Case, prediction: Prediction | None = None) -> Decision | None:
    """Settle the case by guard or keyword, or return None: the model is asked.

    `prediction` tells what else is said around an opt-out that stands by itself; the
    opt-out does not depend on it.
    """
    guard = guarded(case)
    if guard is not None:
        return _left_alone(case, guard)
    text, keywords = case.reply.text, case.rules.keywords
    opted_out = case.situation.consent is Consent.OPTED_OUT
    if keyword := keywords.whole(text, opted_out=opted_out):
        return _by_keyword(case, keyword, ())
    if keyword := keywords.by_itself(text):
        heard = hear(prediction, case.rules) if prediction else None
        return _by_keyword(case, keyword, heard.besides_opt_out() if heard else ())
    answer = keywords.answer(text) if question_is_open(case) else None
    return _by_answer(case, answer) if answer else None


def guarded(case: Case) -> Reason | None:
    """Return why the reply is left alone, or None: a person wrote it to us."""
    text = case.reply.text
    if is_reaction(text):
        return Reason(ReasonCode.REACTION, "a phone's reaction to a message")
    if not text.strip() or not any(c.isprintable() and c != " " for c in text):
        return Reason(ReasonCode.EMPTY_TEXT, "no text in the message")
    if is_machine_answer(text, case.rules.keywords):
        return Reason(ReasonCode.AUTO_REPLY, "opens like a machine's answer")
    words, ours = folded_once(text), case.situation.last_message
    # A one-word message of ours ("STOP?") must not swallow the answer to it.
    if ours and " " in words and words == folded_once(ours):
        return Reason(ReasonCode.ECHO, "the text is our own last message")
    return None


def _left_alone(case: Case, reason: Reason) -> Decision:
    wrote = reason.code is not ReasonCode.EMPTY_TEXT
    return Decision(
        intent=case.rules.policy.intent_with(Role.MACHINE) if wrote else None,
        confidence=CERTAIN,
        alternatives=(),
        sentiment=None,
        sentiment_confidence=None,
        language=None,
        decided_by=DecidedBy.GUARD,
        action=Action.SILENT,
        consent=None,
        reply=None,
        queue=None,
        priority=None,
        effects=(),
        reasons=(reason,),
    )


def _by_keyword(case: Case, keyword: Keyword, rest: tuple[Part, ...]) -> Decision:
    system = case.rules.policy.system
    role, template, consent, effects = {
        KeywordRole.OPT_OUT: (
            Role.OPT_OUT,
            system.opt_out,
            ConsentChange.OPT_OUT,
            (suppress_contact(),),
        ),
        KeywordRole.HELP: (Role.HELP, system.help, None, ()),
        KeywordRole.OPT_IN: (
            Role.OPT_IN,
            system.opt_in,
            ConsentChange.OPT_IN,
            (Effect("resume_contact", {}),),
        ),
    }[keyword.role]
    reasons = [Reason(ReasonCode.KEYWORD, f"{keyword.word} ({keyword.language})")]
    if keyword.ambiguous:
        detail = f"{keyword.word} may have meant an order or a visit"
        reasons.append(Reason(ReasonCode.AMBIGUOUS_KEYWORD, detail))
        queue = case.rules.policy.fallback.queue
        task = {"queue": queue, "priority": Priority.NORMAL.value, "why": detail}
        effects = (*effects, Effect("create_task", task))
    if rest:
        detail = f"also {', '.join(part.intent for part in rest)}"
        reasons.append(Reason(ReasonCode.ALSO_SAID, detail))
        effects = (*effects, *left_to_do(case, rest))
    return Decision(
        intent=case.rules.policy.intent_with(role),
        confidence=CERTAIN,
        alternatives=(),
        sentiment=None,
        sentiment_confidence=None,
        language=keyword.language,
        decided_by=DecidedBy.KEYWORD,
        action=Action.REPLY,
        consent=consent,
        reply=case.system_words(template, keyword.language),
        queue=None,
        priority=None,
        effects=effects,
        reasons=tuple(reasons),
        also=tuple(part.also() for part in rest),
    )


def _by_answer(case: Case, answer: Answer) -> Decision:
    """Decide by a plain yes or no to our question whether to stop."""
    language = case.situation.language or answer.language
    course = answered(case, stop=answer.stop, language=language)
    role = Role.OPT_OUT if answer.stop else Role.DECLINES
    return Decision(
        intent=case.rules.policy.intent_with(role),
        confidence=CERTAIN,
        alternatives=(),
        sentiment=None,
        sentiment_confidence=None,
        language=language,
        decided_by=DecidedBy.KEYWORD,
        action=course.action,
        consent=course.consent,
        reply=course.reply,
        queue=None,
        priority=None,
        effects=course.effects,
        reasons=course.reasons,
    )
