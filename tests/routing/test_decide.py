from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from model.prediction import Prediction, Ranked
from serving.routing.decide import decide, needs_prediction
from serving.routing.decision import (
    Action,
    ConsentChange,
    DecidedBy,
    Decision,
    ReasonCode,
)
from serving.routing.responses import Template, Variants
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Consent, Owner, Reply, Situation

MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
SUBSCRIBED = Situation()
PERSON = Situation(owner=Owner.PERSON)
OUT = Situation(consent=Consent.OPTED_OUT)
LOOP = Situation(automatic_replies=5)
EVERYTHING = Situation(Consent.OPTED_OUT, Owner.PERSON, automatic_replies=99)


@dataclass(frozen=True, slots=True)
class Row:
    """One situation, and what must come of it: who, what, and the codes in order."""

    text: str
    decided_by: DecidedBy
    action: Action
    codes: str
    intent: str | None = None
    situation: Situation = SUBSCRIBED
    confidence: float = 0.95
    sentiment: str = "neutral"
    opt_out: float = 0.01
    clauses: tuple[tuple[str, float], ...] = ()

    def prediction(self) -> Prediction | None:
        if self.intent is None:
            return None
        return Prediction(
            intents=(Ranked(self.intent, 0.9), Ranked("other", 0.1)),
            confidence=self.confidence,
            sentiments=(Ranked(self.sentiment, 0.9),),
            opt_out=self.opt_out,
            clauses=tuple(
                Prediction((Ranked(intent, 0.9),), sure, (Ranked(self.sentiment, 0.9),))
                for intent, sure in self.clauses
            ),
        )


GUARD, KEYWORD, MODEL = DecidedBy.GUARD, DecidedBy.KEYWORD, DecidedBy.MODEL
OWNER = DecidedBy.OWNER
REPLY, ASK, ESCALATE = Action.REPLY, Action.ASK, Action.ESCALATE
SILENT = Action.SILENT
ASKED = Situation(asked_opt_out=True)
THANKS_AND_HOURS = (("thanks", 0.95), ("store_info", 0.95))
HOURS_AND_STOCK = (("store_info", 0.95), ("stock_availability", 0.85))
PROVIDER_STOPPED = Situation(provider_verdict="STOP")
ECHO = Situation(last_message="Sale ends today. Reply STOP to end")

TABLE = [
    Row("  ", GUARD, SILENT, "empty_text"),
    Row("Liked “Reply STOP”", GUARD, SILENT, "reaction"),
    Row("Out of office until Monday", GUARD, SILENT, "auto_reply"),
    Row("Sale ends today. Reply STOP to end", GUARD, SILENT, "echo", situation=ECHO),
    Row("STOP", KEYWORD, REPLY, "keyword"),
    Row("help", KEYWORD, REPLY, "keyword"),
    Row("start", KEYWORD, REPLY, "keyword"),
    Row("yes", GUARD, ESCALATE, "consent_closed", situation=OUT),
    Row("cancel", KEYWORD, REPLY, "keyword ambiguous_keyword"),
    Row("stopp", KEYWORD, SILENT, "provider_answers", situation=PROVIDER_STOPPED),
    Row("leave", MODEL, REPLY, "opt_out_by_meaning", "refund", opt_out=0.9),
    Row(
        "enough",
        MODEL,
        REPLY,
        "opt_out_by_meaning opt_out_presumed",
        "refund",
        opt_out=0.5,
    ),
    Row("hm", MODEL, ASK, "opt_out_unsure", "refund", opt_out=0.3),
    Row("hm again", MODEL, ESCALATE, "opt_out_unsure", "refund", ASKED, opt_out=0.3),
    Row("yes", KEYWORD, REPLY, "opt_out_answer", situation=ASKED),
    Row(
        "thx, hours",
        MODEL,
        REPLY,
        "above_threshold also_said",
        "store_info",
        clauses=THANKS_AND_HOURS,
    ),
    Row(
        "hours, stock",
        MODEL,
        ESCALATE,
        "also_said above_threshold",
        "store_info",
        clauses=HOURS_AND_STOCK,
    ),
    Row(
        "thx, hours, and what",
        MODEL,
        ESCALATE,
        "part_unsure also_said",
        "store_info",
        confidence=0.5,
        clauses=(*THANKS_AND_HOURS, ("refund", 0.3)),
    ),
    Row("join", MODEL, ASK, "opt_in_needs_keyword above_threshold", "opt_in"),
    Row("again", MODEL, ASK, "opt_in_needs_keyword above_threshold", "opt_in", OUT),
    Row("hours", OWNER, SILENT, "person_owns", "store_info", PERSON),
    Row("hours", GUARD, ESCALATE, "consent_closed", "store_info", OUT),
    Row("thx", GUARD, SILENT, "consent_closed", "thanks", OUT),
    Row("thx?", GUARD, ESCALATE, "consent_closed", "thanks", OUT, confidence=0.4),
    Row("hours", GUARD, ESCALATE, "loop_limit", "store_info", LOOP),
    Row("thx", GUARD, SILENT, "loop_limit", "thanks", LOOP),
    Row("hours", MODEL, REPLY, "above_threshold", "store_info"),
    Row("hm", MODEL, ESCALATE, "below_threshold", "store_info", confidence=0.4),
    Row("price", MODEL, ESCALATE, "no_threshold", "price_discount"),
    Row("joke", MODEL, ESCALATE, "out_of_scope", "other"),
    Row("bill", MODEL, ESCALATE, "policy_escalates above_threshold", "billing_problem"),
    Row("thx", MODEL, SILENT, "policy_silent above_threshold", "thanks"),
    Row(
        "late",
        MODEL,
        ESCALATE,
        "negative_sentiment above_threshold",
        "order_status",
        sentiment="negative",
    ),
    Row("yes", MODEL, ESCALATE, "no_open_question above_threshold", "confirm"),
    Row("status", MODEL, REPLY, "above_threshold safe_variant", "order_status"),
    Row("buy", MODEL, ESCALATE, "missing_variable above_threshold", "purchase"),
    Row(
        "wann kommt das",
        MODEL,
        ESCALATE,
        "no_words_in_language above_threshold",
        "store_info",
    ),
]


@pytest.fixture(scope="module")
def ready(rules: RuleSet) -> RuleSet:
    """Return the shipped rules with thresholds, and two gaps that the table needs."""
    thresholds = dict.fromkeys(rules.policy.intents, 0.8)
    del thresholds["price_discount"]
    bare = Template("purchase", 1, "nobody", {"en": Variants("Buy: {product_url}")})
    templates = {**rules.templates, "purchase": bare}
    return replace(rules, thresholds=thresholds, templates=templates)


def decided(rules: RuleSet, row: Row) -> Decision:
    return decide(Reply(row.text, MONDAY_NOON), row.situation, rules, row.prediction())


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r.text.strip()}-{r.codes}")
def test_each_situation_has_its_decision(ready: RuleSet, row: Row) -> None:
    decision = decided(ready, row)

    assert " ".join(reason.code for reason in decision.reasons) == row.codes
    assert decision.decided_by is row.decided_by
    assert decision.action is row.action


def test_the_table_leaves_nothing_out() -> None:
    codes = {code for row in TABLE for code in row.codes.split()}

    # These two are of the record, where it stands and when it may be sent.
    assert codes == set(ReasonCode) - {ReasonCode.SUPERSEDED, ReasonCode.WITHHELD}
    assert {row.action for row in TABLE} == set(Action)
    # Menus come with journeys; nothing decides by one yet.
    assert {row.decided_by for row in TABLE} == set(DecidedBy) - {DecidedBy.MENU}


@pytest.mark.parametrize("situation", [PERSON, OUT, LOOP, EVERYTHING])
@pytest.mark.parametrize(
    ("text", "opt_out"), [("STOP", 0.0), ("please leave me in peace", 0.9)]
)
def test_an_opt_out_wins_over_owner_closed_consent_and_loop_limit(
    ready: RuleSet, situation: Situation, text: str, opt_out: float
) -> None:
    row = Row(text, KEYWORD, REPLY, "", "refund", situation, opt_out=opt_out)

    decision = decided(ready, row)

    assert decision.consent is ConsentChange.OPT_OUT
    assert decision.effects[0].type == "suppress_contact"


def test_an_opt_out_by_meaning_is_confirmed_once(ready: RuleSet) -> None:
    row = Row("please leave me in peace", MODEL, REPLY, "", "refund", OUT, opt_out=0.9)

    decision = decided(ready, row)

    assert (decision.action, decision.reply) == (Action.SILENT, None)


def test_stop_wins_over_the_classifier(ready: RuleSet) -> None:
    decision = decided(ready, Row("STOP", KEYWORD, REPLY, "", "praise"))

    assert decision.intent == "opt_out"


def test_a_reaction_to_our_footer_wins_over_an_opt_out_by_meaning(
    ready: RuleSet,
) -> None:
    text = "Loved “Reply STOP to opt out”"

    decision = decided(ready, Row(text, GUARD, SILENT, "", "opt_out", opt_out=0.99))

    assert decision.consent is None


def test_an_owner_wins_over_closed_consent_and_these_over_the_loop_limit(
    ready: RuleSet,
) -> None:
    owned = decided(ready, Row("hi", OWNER, SILENT, "", "refund", EVERYTHING))
    closed = replace(OUT, automatic_replies=99)
    shut = decided(ready, Row("hi", GUARD, ESCALATE, "", "refund", closed))

    assert owned.reasons[0].code is ReasonCode.PERSON_OWNS
    assert shut.reasons[0].code is ReasonCode.CONSENT_CLOSED


def test_the_loop_limit_counts_what_was_sent_before(ready: RuleSet) -> None:
    fifth = Row("hi", MODEL, REPLY, "", "store_info", Situation(automatic_replies=4))

    assert decided(ready, fifth).action is REPLY
    assert decided(ready, replace(fifth, situation=LOOP)).action is ESCALATE


def test_a_needed_prediction_that_is_missing_is_an_error(ready: RuleSet) -> None:
    with pytest.raises(ValueError, match="needs_prediction"):
        decided(ready, Row("where is my order", MODEL, REPLY, ""))


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("STOP", False),
        ("stop please", False),
        ("", False),
        ("yes", True),
        ("where is it", True),
        ("STOP. also cancel my 3pm", True),
    ],
)
def test_the_model_is_asked_only_where_no_rule_settles_it(
    ready: RuleSet, text: str, *, needed: bool
) -> None:
    assert needs_prediction(text, ready) is needed
