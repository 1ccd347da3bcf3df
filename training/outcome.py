"""What the whole policy makes of labelled replies: rules, guards, thresholds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from model.prediction import Prediction, Ranked
from serving.routing.decide import decide
from serving.routing.decision import Action, ConsentChange, Decision
from serving.routing.policy import Role
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Reply, Situation
from training.evaluation import Outcome

_MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)


def judge_policy(
    texts: Sequence[str],
    truth: Sequence[str],
    feelings: Sequence[str | None],
    predictions: Sequence[Prediction],
    rules: RuleSet,
) -> Outcome:
    """Count up what the policy does with labelled replies of new contacts.

    Args:
        texts: the replies.
        truth: their intents.
        feelings: their sentiments, None where a reply names none.
        predictions: what the model says of each.
        rules: the policy, with its keywords, words and thresholds.
    """
    decisions = decided(texts, predictions, rules)
    opt_out = rules.policy.intent_with(Role.OPT_OUT)
    pairs = list(zip(decisions, truth, strict=True))
    automatic = [pair for pair in pairs if pair[0].action is not Action.ESCALATE]
    # An opt-out of somebody who named a wrong number is as it should be.
    closing = {i for i, p in rules.policy.intents.items() if p.closes_consent}
    closing |= {opt_out} if opt_out else set()
    return Outcome(
        replies=len(pairs),
        by_action=dict(Counter(decision.action.value for decision in decisions)),
        automatic=len(automatic) / len(pairs),
        reachable=_reachable(texts, truth, feelings, predictions, rules),
        wrong_automatic=sum(d.intent != t for d, t in automatic)
        / max(len(automatic), 1),
        missed_opt_outs=sum(t == opt_out and not _closed(d) for d, t in pairs),
        false_opt_outs=sum(t not in closing and _closed(d) for d, t in pairs),
    )


def decided(
    texts: Sequence[str], predictions: Sequence[Prediction], rules: RuleSet
) -> list[Decision]:
    """Decide about every reply as if a new contact had sent it on a Monday at noon."""
    situation = Situation()
    return [
        decide(Reply(text, _MONDAY_NOON), situation, rules, prediction)
        for text, prediction in zip(texts, predictions, strict=True)
    ]


def _reachable(
    texts: Sequence[str],
    truth: Sequence[str],
    feelings: Sequence[str | None],
    predictions: Sequence[Prediction],
    rules: RuleSet,
) -> float:
    """Return the share settled if every prediction were right, and sure of it."""
    opt_out = rules.policy.intent_with(Role.OPT_OUT)
    faultless = [
        replace(
            prediction,
            intents=(Ranked(intent, 1.0),),
            confidence=1.0,
            sentiments=(Ranked(feeling, 1.0),) if feeling else prediction.sentiments,
            opt_out=float(intent == opt_out),
            clauses=(),
        )
        for prediction, intent, feeling in zip(
            predictions, truth, feelings, strict=True
        )
    ]
    every = replace(rules, thresholds=dict.fromkeys(rules.policy.intents, 0.0))
    decisions = decided(texts, faultless, every)
    return sum(d.action is not Action.ESCALATE for d in decisions) / len(decisions)


def _closed(decision: Decision) -> bool:
    return decision.consent is ConsentChange.OPT_OUT
