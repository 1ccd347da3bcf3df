"""What the shipped bundle must get right, whatever its scores.

The tables are short and plain on purpose: a bundle that fails here is not shipped.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from model.bundle import DEFAULT
from serving.live import LiveBundle, load_live
from serving.routing.decide import decide
from serving.routing.decision import Action, ConsentChange, DecidedBy, Decision
from serving.routing.situation import Reply, Situation

MONDAY = datetime(2026, 11, 23, 17, tzinfo=UTC)


@pytest.fixture(scope="module")
def shipped() -> LiveBundle:
    return load_live(DEFAULT)


def decided(live: LiveBundle, text: str) -> Decision:
    return decide(Reply(text, MONDAY), Situation(), live.rules, live.read(text))


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "Stop.",
        "ＳＴＯＰ",
        "S T O P",
        "ЅТОР",
        "please stop texting me",
        "Stop. Thank you",
        "STOP. also cancel my 3pm",
        "🛑",
        "sotp",
        "quit texting me",
        "take me off your list pls",
        "no more texts please",
        "lose my number",
        "I do not wish to be contacted",
        "I revoke my consent",
        "unsubscribe me from this",
        "ARRÊT",
        "baja",
        "ya no me manden mensajes",
    ],
)
def test_opts_out(shipped: LiveBundle, text: str) -> None:
    assert decided(shipped, text).consent is ConsentChange.OPT_OUT


@pytest.mark.parametrize(
    "text",
    [
        "Liked “20% off! Reply STOP to opt out”",
        "cancel my order",
        "when does the sale end?",
        "can't stop wearing these!",
        "stop by the store tomorrow?",
        "STOP shipping to my old address",
        "please don't cancel my order",
        "I'm driving with Do Not Disturb While Driving turned on",
        "remove the onions",
        "is there parking at the bus stop side",
    ],
)
def test_does_not_opt_out(shipped: LiveBundle, text: str) -> None:
    assert decided(shipped, text).consent is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("hey wheres my stuff its been 2 weeks", "order_status"),
        ("where is my order", "order_status"),
        ("i want my money back", "refund"),
        ("package says delivered but its not here", "delivery_problem"),
        ("can i talk to a real person", "talk_to_human"),
        ("who is this", "who_is_this"),
        ("wrong number, im not maria", "wrong_person"),
        ("what time do you close today", "store_info"),
        ("do you ship to canada", "shipping_info"),
        ("yes please", "confirm"),
        ("no thanks", "decline"),
        ("need to reschedule my appointment", "reschedule_appointment"),
        ("cancel my subscription", "cancel_subscription"),
        ("cancel my order", "cancel_order"),
        ("i forgot my password", "account_access"),
        ("love this brand so much 😍", "praise"),
        ("my skin is burning after using your cream", "legal_or_safety"),
        ("do these run small", "sizing_help"),
        ("is the blue one back in stock", "stock_availability"),
        ("why was i charged twice", "billing_problem"),
    ],
)
def test_reads_plain_replies(shipped: LiveBundle, text: str, intent: str) -> None:
    assert shipped.bundle.classifier.predict([text])[0].intent == intent


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("this is ridiculous, worst service ever 😡", "negative"),
        ("omg i love it thank you so much 😍", "positive"),
        ("what time do you open", "neutral"),
        ("are you kidding me?? THIRD TIME", "negative"),
    ],
)
def test_hears_how_people_feel(shipped: LiveBundle, text: str, sentiment: str) -> None:
    assert shipped.bundle.classifier.predict([text])[0].sentiment == sentiment


@pytest.mark.parametrize(
    "text", ["where is my order", "i want a refund", "what time do you close"]
)
@pytest.mark.parametrize(
    "change",
    [str.upper, str.title, lambda t: t + "?", lambda t: t + "  ", lambda t: f" {t}!"],
    ids=["upper", "title", "question", "spaces", "exclamation"],
)
def test_is_not_moved_by_how_it_is_typed(
    shipped: LiveBundle, text: str, change: Callable[[str], str]
) -> None:
    changed = change(text)

    plain, typed = shipped.bundle.classifier.predict([text, changed])

    assert typed.intent == plain.intent


@pytest.mark.parametrize(
    "text",
    [
        "asdkjh qwe",
        "did u see the game last night lol",
        "the mitochondria is the powerhouse of the cell",
        "🍕🍕🎉",
        "lorem ipsum dolor sit amet",
    ],
)
def test_leaves_what_is_out_of_scope_to_people(shipped: LiveBundle, text: str) -> None:
    decision = decided(shipped, text)

    assert decision.action is Action.ESCALATE
    assert decision.reply is not None


def test_an_injury_is_urgent_for_people(shipped: LiveBundle) -> None:
    decision = decided(shipped, "my daughter broke out in hives after using ur lotion")

    assert (decision.action, decision.priority) == (Action.ESCALATE, "urgent")


def test_a_reaction_is_left_alone(shipped: LiveBundle) -> None:
    decision = decided(shipped, "Loved an image")

    assert (decision.action, decision.decided_by) == (Action.SILENT, DecidedBy.GUARD)
