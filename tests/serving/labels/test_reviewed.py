from dataclasses import replace

import sqlalchemy as sa

from serving.labels.label import Lesson, lesson_of
from serving.labels.nameless import Nameless
from serving.labels.reviewed import reviewed as read
from serving.recording.setup import built_in
from serving.reviews.verdict import ReviewKind
from serving.routing.decision import Action, ConsentChange, DecidedBy, Decision
from serving.store.database import reading, writing
from tests.serving.reviews.making import (
    ANSWERED,
    a_decision,
    a_draw,
    reviewed,
)

NAMELESS = Nameless(built_in().programs)


def drawn(engine: sa.Engine, decision_id: str, decision: Decision = ANSWERED) -> None:
    with writing(engine) as connection:
        a_decision(connection, decision_id, decision, conversation=decision_id)
        a_draw(connection, decision_id, double=True)


def test_an_own_pick_has_no_probability_though_the_sample_holds_the_reply(
    engine: sa.Engine,
) -> None:
    for decision_id in ("picked", "both"):
        drawn(engine, decision_id)
        reviewed(engine, "ann", decision_id, kind=ReviewKind.PICKED)
    reviewed(engine, "bob", "both")

    with reading(engine) as connection:
        found = list(read(connection, None, None))

    assert {each.decided.decision_id: each.probability for each in found} == {
        "both": 0.5,
        "picked": None,
    }


def test_what_was_found_right_is_known_of_a_lesson(engine: sa.Engine) -> None:
    stopped = replace(ANSWERED, intent="opt_out", consent=ConsentChange.OPT_OUT)
    # A person has the conversation: nothing is said of who should get it.
    owned = replace(ANSWERED, decided_by=DecidedBy.OWNER, action=Action.SILENT)
    for decision_id, decision in (("d1", stopped), ("d2", owned)):
        drawn(engine, decision_id, decision)
        reviewed(engine, "ann", decision_id)

    with reading(engine) as connection:
        found = [lesson_of(each, NAMELESS) for each in read(connection, None, None)]

    assert [each.confirmed for each in found if isinstance(each, Lesson)] == [
        {
            "intent": "opt_out",
            "consent": "opt_out",
            "action": "reply",
            "queue": "none",
        },
        {"intent": "order_status", "consent": "none"},
    ]
