import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from model.prediction import Prediction, Ranked
from serving.live import LiveBundle
from serving.replay.page import Candidate, Page, decide_page
from serving.replay.rows import Span, pages
from serving.routing.flips import FlipKind
from serving.routing.situation import Owner
from serving.store.tables import decisions
from tests.routing.test_decide_laws import WORDS
from tests.serving.parrot import READ, Parrot
from tests.serving.replay.logbook import BEGAN, Logbook

ALL = Span(BEGAN, BEGAN + timedelta(days=365))
QUESTION = "what are your opening hours"


class Hearing(Parrot):
    """Hears what it is told to in some texts; counts what it is asked."""

    def __init__(self, heard: dict[str, Prediction]) -> None:
        self.heard = heard
        self.asked: list[str] = []

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        self.asked += texts
        return [self.heard.get(text, READ) for text in texts]


def hearing(live: LiveBundle, heard: dict[str, Prediction]) -> LiveBundle:
    bundle = replace(live.bundle, bundle_id="sha256:new", classifier=Hearing(heard))
    return replace(live, bundle=bundle)


def replayed(logbook: Logbook, live: LiveBundle, *same_model: str) -> Page:
    [page] = pages(logbook.engine, ALL)
    return decide_page(Candidate.of(live, frozenset(same_model)), page)


def test_the_same_bundle_flips_nothing_whatever_went_before(
    logbook: Logbook, answering: LiveBundle
) -> None:
    # Few people who say much: opt-outs, returns, loops, questions of ours, hands full.
    draw = Random(5)  # noqa: S311 - it guards nothing
    doubt = replace(READ, opt_out=0.3)
    logbook.live = hearing(
        answering, {"hm": doubt, "leave me": replace(doubt, opt_out=0.95)}
    )
    for _ in range(200):
        logbook.say(
            draw.choice([*WORDS, "hm", "leave me", QUESTION]),
            number=f"+141555501{draw.randrange(10, 30)}",
            owner=draw.choice([Owner.AUTOMATIC] * 4 + [Owner.PERSON]),
            language=draw.choice([None, "en", "es"]),
            provider="twilio",
            provider_verdict=draw.choice([None] * 9 + ["STOP", "START", "HELP"]),
            # Some come late, after what is dated later.
            received_at=logbook.moment - draw.choice([0, 0, 1]) * timedelta(hours=2),
        )

    page = replayed(logbook, logbook.live)

    assert page.actions.total() == 200
    assert {after for _, _, after in page.actions} == {
        "reply",
        "ask",
        "escalate",
        "silent",
    }
    assert page.flips == ()


def test_words_that_the_ledger_withheld_stay_withheld(
    logbook: Logbook, answering: LiveBundle
) -> None:
    told = {"number": "+14155550100", "provider": "twilio"}
    logbook.say("STOP", **told)
    logbook.say("STOP", **told)

    page = replayed(logbook, answering)

    reasons = [
        [reason["code"] for reason in json.loads(row.decision)["reasons"]]
        for row in next(pages(logbook.engine, ALL))
    ]
    assert "withheld" in reasons[1]
    assert page.flips == ()


def test_another_reading_flips_what_it_changes(
    logbook: Logbook, answering: LiveBundle
) -> None:
    logbook.log([QUESTION, "enough of this", "STOP"])
    heard = {"enough of this": replace(READ, opt_out=0.99)}

    page = replayed(logbook, hearing(answering, heard))

    [flip] = page.flips
    assert flip.kind is FlipKind.OPT_OUT
    assert flip.change == "nothing → opt_out"
    assert flip.text == "enough of this"
    assert (flip.before.outcome.action, flip.after.outcome.action) == ("reply", "reply")
    assert flip.before.outcome.template == "store_info@1"
    assert flip.after.reasons[0] == "opt_out_by_meaning: 0.990 for opting out"
    assert page.actions == {("fernhill", "reply", "reply"): 3}


def test_a_lost_opt_out_costs_what_the_law_asks(
    logbook: Logbook, answering: LiveBundle
) -> None:
    logbook.live = hearing(answering, {"enough": replace(READ, opt_out=0.99)})
    logbook.log(["enough"])

    [flip] = replayed(logbook, answering).flips

    assert flip.change == "opt_out → nothing"
    assert flip.cost == 500


@pytest.mark.parametrize(("same_model", "asked"), [((), 2), (("sha256:parrot",), 0)])
def test_a_reading_by_the_same_model_stands(
    logbook: Logbook, answering: LiveBundle, same_model: tuple[str, ...], asked: int
) -> None:
    logbook.log([QUESTION, "and on sunday"])
    stricter = replace(answering.rules, thresholds={"store_info": 0.95})
    candidate = hearing(replace(answering, rules=stricter), {})

    page = replayed(logbook, candidate, *same_model)

    assert [flip.change for flip in page.flips] == ["reply → escalate"] * 2
    assert page.read_anew == asked
    assert isinstance(candidate.bundle.classifier, Hearing)
    assert len(candidate.bundle.classifier.asked) == asked


def test_a_text_is_read_once_however_often_it_came(
    logbook: Logbook, answering: LiveBundle
) -> None:
    logbook.log([QUESTION] * 5)
    candidate = hearing(answering, {})

    page = replayed(logbook, candidate)

    assert page.read_anew == 5
    assert isinstance(candidate.bundle.classifier, Hearing)
    assert candidate.bundle.classifier.asked == [QUESTION]


def test_a_keyword_rule_that_is_new_needs_what_was_not_read(
    logbook: Logbook, answering: LiveBundle
) -> None:
    # The bundle of that day did not read it; this one knows no keywords.
    logbook.log(["STOP"])
    rules = answering.rules
    unheard = replace(rules, keywords=replace(rules.keywords, table={}, skeletons={}))
    candidate = hearing(replace(answering, rules=unheard), {})

    page = replayed(logbook, candidate, "sha256:parrot")

    assert page.read_anew == 1
    assert [flip.change for flip in page.flips] == ["opt_out → nothing"]


def test_what_is_forgotten_or_unreadable_is_counted_and_left_out(
    logbook: Logbook, answering: LiveBundle
) -> None:
    logbook.log([QUESTION, QUESTION, QUESTION, QUESTION])
    table = decisions.c
    ids = [row.decision_id for row in next(pages(logbook.engine, ALL))]
    with logbook.engine.begin() as connection:
        for decision_id, name, value in (
            (ids[0], "inputs", json.dumps({"forgotten": True, "text": ""})),
            (ids[1], "inputs", "{}"),
            (ids[2], "decision", '{"action": "reply"}'),
        ):
            connection.execute(
                sa.update(decisions)
                .where(table.decision_id == decision_id)
                .values({name: value})
            )

    page = replayed(logbook, answering)

    assert (page.erased, page.unreadable, page.actions.total()) == (1, 2, 1)


def test_an_intent_alone_is_the_least_of_flips(
    logbook: Logbook, answering: LiveBundle
) -> None:
    logbook.log([QUESTION], owner=Owner.PERSON)
    other = replace(READ, intents=(Ranked("order_status", 0.9),))

    [flip] = replayed(logbook, hearing(answering, {QUESTION: other})).flips

    assert flip.kind is FlipKind.INTENT
    assert flip.change == "store_info → order_status"
    assert flip.cost == 0
