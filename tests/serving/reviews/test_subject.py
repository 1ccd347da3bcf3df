from datetime import timedelta

import pytest
import sqlalchemy as sa

from serving.reviews.refusal import ReviewUnknown
from serving.reviews.subject import AFTER, BEFORE, around, subject
from serving.store.database import reading, writing
from tests.serving.reviews.making import ESCALATED, NOON, a_decision, forgotten

MINUTE = timedelta(minutes=1)


def test_a_decision_is_read_with_what_it_was_about(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        a_decision(connection, "d1", ESCALATED, text="wo?", last_message="Sale!")
        about = subject(connection, "d1")

    assert (about.text, about.last_message, about.forgotten) == ("wo?", "Sale!", False)
    assert about.received_at == NOON
    assert about.ranking == (("order_status", 0.97), ("refund", 0.02))
    assert about.decision.queue == "orders"
    assert about.bundle == "sha256:ab"
    assert "wo?" not in repr(about)


def test_erased_words_are_told_to_be(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        a_decision(connection, "d1")
    forgotten(engine, "d1")

    with reading(engine) as connection:
        about = subject(connection, "d1")

    assert (about.text, about.forgotten) == ("", True)


def test_what_is_not_there_is_told(engine: sa.Engine) -> None:
    with reading(engine) as connection, pytest.raises(ReviewUnknown):
        subject(connection, "d1")


def test_a_conversation_is_told_in_order_and_no_other(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        for name, minute in (("b", 1), ("a", 0), ("d", 2), ("c", 1)):
            a_decision(connection, name, at=NOON + minute * MINUTE)
        a_decision(connection, "x", conversation="c2")
        found = around(connection, subject(connection, "b"))

    assert [one.decision_id for one in found] == ["a", "b", "c", "d"]


def test_a_long_conversation_is_told_around_the_decision(engine: sa.Engine) -> None:
    names = [f"d{n:03}" for n in range(60)]
    with writing(engine) as connection:
        for number, name in enumerate(names):
            a_decision(connection, name, at=NOON + number * MINUTE)
        found = around(connection, subject(connection, "d030"))

    told = [one.decision_id for one in found]
    assert told == names[30 - BEFORE : 30 + AFTER + 1]
