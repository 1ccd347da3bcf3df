"""The decision: a reply, what is known, the rules and a prediction go in.

Nothing is read or written, no clock and no random number is asked: the same inputs
give the same decision for ever. In this order:

0. what the provider took for STOP, START or HELP and has acted on already;
1. nothing to read, a reaction, a machine's answer, our own words come back;
2. a keyword: opt out, help, opt in; a plain answer to our question whether to stop;
3. an opt-out by meaning, whoever owns the conversation;
4. a person owns the conversation, consent is closed, or the loop limit is reached;
5. the policy for the intent, if the confidence reaches its threshold; of several
   intents the one that is handled first (`heard.py`), then the rest (`beside.py`);
6. otherwise a person, with holding words;
7. no words where the provider sends them, or where a later change of consent stands.
"""

from datetime import UTC, datetime

from model.prediction import Prediction
from serving.routing.by_model import decide_by_model
from serving.routing.by_provider import decide_by_provider, left_to_others
from serving.routing.by_rule import decide_by_rule, guarded
from serving.routing.case import Case
from serving.routing.decision import Decision
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Reply, Situation

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def decide(
    reply: Reply, situation: Situation, rules: RuleSet, prediction: Prediction | None
) -> Decision:
    """Decide about one reply.

    Args:
        reply: what came in.
        situation: what was known of contact and conversation when it came.
        rules: policy, keywords, templates and thresholds of the bundle.
        prediction: the classifier's answer. None is allowed where `needs_prediction`
            says that the model need not be asked, and where a rule settles the reply.

    Raises:
        ValueError: a prediction was needed and not given.
    """
    case = Case(reply, situation, rules)
    settled = decide_by_provider(case) or decide_by_rule(case, prediction)
    if settled is None:
        if prediction is None:
            problem = "this reply needs a prediction; ask needs_prediction() first"
            raise ValueError(problem)
        settled = decide_by_model(case, prediction)
    return left_to_others(case, settled)


def needs_prediction(text: str, rules: RuleSet) -> bool:
    """Return whether the classifier must be asked about `text`.

    False only for a reply that a rule settles whole in every situation, so that the
    caller can leave the classifier out before it knows the contact. A bare STOP does
    not wait; what is said around one ("STOP. also cancel my 3pm") is asked about.
    """
    case = Case(Reply(text, _ANY_TIME), Situation(), rules)
    settled = guarded(case) or rules.keywords.whole(text, opted_out=False)
    return settled is None
