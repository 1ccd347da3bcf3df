"""Decisions that need no model: guards first, then keywords."""

from model.text import folded
from serving.routing.case import Case
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
from serving.routing.keywords import Keyword, KeywordRole
from serving.routing.policy import Role
from serving.routing.reactions import is_reaction
from serving.routing.situation import Consent

CERTAIN = 1.0
"""The confidence of a rule: it does what it says, there is nothing to be unsure of."""


def decide_by_rule(case: Case) -> Decision | None:
    """Settle the case by guard or keyword, or return None: the model is asked."""
    guard = guarded(case)
    if guard is not None:
        return _left_alone(case, guard)
    keyword = case.rules.keywords.match(
        case.reply.text, opted_out=case.situation.consent is Consent.OPTED_OUT
    )
    return _by_keyword(case, keyword) if keyword else None


def guarded(case: Case) -> Reason | None:
    """Return why the reply is left alone, or None: a person wrote it to us."""
    text = case.reply.text
    if is_reaction(text):
        return Reason(ReasonCode.REACTION, "a phone's reaction to a message")
    if not text.strip() or not any(c.isprintable() and c != " " for c in text):
        return Reason(ReasonCode.EMPTY_TEXT, "no text in the message")
    words = folded(text)
    if case.rules.keywords.is_auto_reply(words):
        return Reason(ReasonCode.AUTO_REPLY, "opens like a machine's answer")
    ours = case.situation.last_message
    # A one-word message of ours ("STOP?") must not swallow the answer to it.
    if ours and " " in words and words == folded(ours):
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


def _by_keyword(case: Case, keyword: Keyword) -> Decision:
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
    )


def suppress_contact() -> Effect:
    """Return the effect that stops every further message to the contact."""
    return Effect("suppress_contact", {"scope": "all"})
