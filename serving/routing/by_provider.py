"""What the provider does itself, so that the person is not answered twice.

A provider that took the reply for STOP blocks the number whatever we think of it, so
our record follows. One that sends the confirmation itself sends the only one that is
allowed (47 CFR 64.1200(a)(12)).
"""

from dataclasses import replace

from serving.routing.by_rule import CERTAIN
from serving.routing.case import Case, handoff
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
from serving.routing.policy import Role


def decide_by_provider(case: Case) -> Decision | None:
    """Follow what the provider has done already; None where it let the reply pass."""
    verdict = case.situation.provider_verdict
    if verdict not in _FOLLOWED:
        return None
    role, consent, effects = _FOLLOWED[verdict]
    detail = f"the provider took it for {verdict}"
    reasons = [Reason(ReasonCode.PROVIDER_ANSWERS, detail)]
    if consent is ConsentChange.OPT_OUT and (doubt := _doubt(case)):
        reasons.append(doubt)
        effects = (*effects, _task(case, doubt.detail))
    return Decision(
        intent=case.rules.policy.intent_with(role),
        confidence=CERTAIN,
        alternatives=(),
        sentiment=None,
        sentiment_confidence=None,
        language=case.situation.language,
        decided_by=DecidedBy.KEYWORD,
        action=Action.SILENT,
        consent=consent,
        reply=None,
        queue=None,
        priority=None,
        effects=effects,
        reasons=tuple(reasons),
    )


def left_to_others(case: Case, decision: Decision) -> Decision:
    """Return the decision without what is not ours to do or to say.

    The provider answers its own words and no others: what else is an opt-out to us is
    for us to confirm. What comes after a later change of consent has nothing to
    confirm. A "yes" to anything but our invitation is no opt-in.
    """
    if decision.consent is None:
        return decision
    if _yes_to_something_else(case, decision):
        return _read_by_person(case)
    if case.situation.superseded:
        detail = "what is dated later stands"
        return _unsaid(decision, Reason(ReasonCode.SUPERSEDED, detail))
    if (
        decision.reply is not None
        and case.situation.provider_confirms
        and decision.consent is ConsentChange.OPT_OUT
        and case.reply.text.strip().casefold() in _PROVIDERS_WORDS
    ):
        detail = "the provider confirms an opt-out keyword"
        return _unsaid(decision, Reason(ReasonCode.PROVIDER_ANSWERS, detail))
    return decision


def _doubt(case: Case) -> Reason | None:
    """Return why a person should look at what the provider took for STOP.

    Some take "stop by at 3?" for it, because it begins so (AWS), and all of them a
    bare CANCEL that may have meant a visit.
    """
    keyword = case.rules.keywords.whole(case.reply.text, opted_out=False)
    if keyword is not None and keyword.ambiguous:
        detail = f"{keyword.word} may have meant an order or a visit"
        return Reason(ReasonCode.AMBIGUOUS_KEYWORD, detail)
    if keyword is None and len(case.reply.text.split()) > 1:
        detail = "more than a keyword was said, and the provider stopped at it"
        return Reason(ReasonCode.AMBIGUOUS_KEYWORD, detail)
    return None


def _task(case: Case, why: str) -> Effect:
    queue = case.rules.policy.fallback.queue
    payload = {"queue": queue, "priority": Priority.NORMAL.value, "why": why}
    return Effect("create_task", payload)


def _yes_to_something_else(case: Case, decision: Decision) -> bool:
    """Return whether an opt-in is a "yes" that may not be to our invitation.

    It lifts an opt-out only where our last message is known to have invited to come
    back, or where the provider itself took it for START. A webhook tells nothing of
    our last message, which may as well have been our question whether to stop.
    """
    if decision.consent is not ConsentChange.OPT_IN or case.situation.provider_verdict:
        return False
    keyword = case.rules.keywords.whole(case.reply.text, opted_out=True)
    if keyword is None or not keyword.when_opted_out:
        return False
    ours = folded_once(case.situation.last_message or "")
    template = case.rules.policy.system.ask_opt_in
    invited = (case.system_words(template, code) for code in case.rules.languages)
    return all(words is None or folded_once(words.text) != ours for words in invited)


def _read_by_person(case: Case) -> Decision:
    """Hand a "yes" of a person who has opted out to somebody; say nothing."""
    policy, code = case.rules.policy, ReasonCode.CONSENT_CLOSED
    line = policy.fallback
    return Decision(
        intent=policy.intent_with(Role.AGREES),
        confidence=CERTAIN,
        alternatives=(),
        sentiment=None,
        sentiment_confidence=None,
        language=case.situation.language,
        decided_by=DecidedBy.GUARD,
        action=Action.ESCALATE,
        consent=None,
        reply=None,
        queue=line.queue,
        priority=line.priority,
        effects=(handoff(line.queue, line.priority, code),),
        reasons=(Reason(code, "opted out, and a yes lifts nothing by itself"),),
    )


def _unsaid(decision: Decision, reason: Reason) -> Decision:
    silent = decision.action in (Action.REPLY, Action.ASK)
    return replace(
        decision,
        action=Action.SILENT if silent else decision.action,
        reply=None,
        reasons=(*decision.reasons, reason),
    )


_PROVIDERS_WORDS = frozenset(("stop", "unsubscribe", "cancel", "end", "quit"))
"""What every provider's default list holds, and takes as the whole message only.

"Stop all" is on some of them only. In doubt we confirm: a provider that has stopped the
number lets no second confirmation through.
"""
_FOLLOWED: dict[str | None, tuple[Role, ConsentChange | None, tuple[Effect, ...]]] = {
    "STOP": (Role.OPT_OUT, ConsentChange.OPT_OUT, (suppress_contact(),)),
    "START": (Role.OPT_IN, ConsentChange.OPT_IN, (Effect("resume_contact", {}),)),
    "HELP": (Role.HELP, None, ()),
}
