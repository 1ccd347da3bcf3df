import pytest

from model.text import folded
from serving.routing.case import Case
from serving.routing.decide import decide
from serving.routing.decision import Action, ReasonCode
from serving.routing.denial import denies_stopping
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Reply, Situation
from tests.routing.test_decide import MONDAY_NOON, Row

DENIED = [
    "dont stop texting me lol",
    "Please do not unsubscribe me!",
    "omg never stop sending these",
    "i don't want to opt out, just fewer pics",
    "i didnt mean to text stop",
    "im not unsubscribing dont worry",
    "that STOP was a mistake",
    "ignore my last stop, it was my kid",
    "keep me on the list pls",
    "why would i ever unsubscribe",
    "still want ur texts",
    "pls dont remove me",
    "un-unsubscribe me",
    "i never want these to end",
    "theres no reason to take me off",
    "stop emailing me, texts are fine",
    "quit calling, just text me",
    "aint nobody asked yall to quit texting",
    "my grandson had my phone and wrote STOP",
    "STOPALL was my cat",
    "someone else typed stop, ignore it. stop was not for you",
]
NOT_DENIED = [
    "if you dont stop texting me ill call a lawyer",
    "why dont you stop",
    "you never stop texting",
    "i dont want these, unsubscribe",
    "do not text me again",
    "dont you people ever quit",
    "u keep texting my daughter",
    "stop, i mean it",
    "take me off and dont call either",
    "no need to keep texting",
    "nobody asked for this garbage, remove me",
    "my son has epilepsy, please remove me",
    "im not asking anymore. STOP",
    "its illegal to keep texting me",
    "i keep getting these, make them stop",
]


@pytest.mark.parametrize("text", DENIED)
def test_it_says_that_messages_should_go_on(text: str) -> None:
    assert denies_stopping(folded(text))


@pytest.mark.parametrize("text", NOT_DENIED)
def test_a_no_that_denies_no_opt_out_is_none(text: str) -> None:
    assert not denies_stopping(folded(text))


def test_what_is_denied_is_asked_about_however_sure_the_model_is(
    rules: RuleSet,
) -> None:
    row = Row("dont stop texting me", "", Action.ASK, "", "refund", opt_out=0.99)  # type: ignore[arg-type] # only its prediction is asked for

    decision = decide(
        Reply(row.text, MONDAY_NOON), Situation(), rules, row.prediction()
    )

    assert decision.consent is None
    assert decision.reasons[0].code is ReasonCode.OPT_OUT_UNSURE


def test_a_keyword_of_its_own_stands_beside_a_denial(rules: RuleSet) -> None:
    case = Case(
        Reply("giving u my number was a mistake. STOP", MONDAY_NOON), Situation(), rules
    )

    assert case.rules.keywords.by_itself(case.reply.text) is not None
