import hashlib
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from serving.drift.draw import draw, first_day, replies_of
from serving.store.tables import decisions
from tests.serving.drift.store import FIRST, Calendar

DAY = timedelta(days=1)


def test_a_day_is_drawn_whole_where_it_is_small(calendar: Calendar) -> None:
    calendar.usual(FIRST, 40)
    calendar.usual(FIRST + DAY, 5)

    drawn = draw(calendar.engine, FIRST, 100)

    assert drawn.replies == 40
    assert sorted(drawn.ids) == [f"d{n:06d}" for n in range(1, 41)]


def test_a_smaller_draw_is_the_beginning_of_a_larger_one(calendar: Calendar) -> None:
    calendar.usual(FIRST, 60)

    drawn = draw(calendar.engine, FIRST, 50)

    assert draw(calendar.engine, FIRST, 20).ids == drawn.ids[:20]
    assert len(set(drawn.ids)) == 50


def test_every_reply_is_as_likely_to_be_drawn() -> None:
    """See that the digest favours neither early nor late ids."""
    calendar_ids = [f"d{n:06d}" for n in range(4000)]
    chosen = sorted(calendar_ids, key=_lot)[:1000]

    early = sum(one < "d002000" for one in chosen)
    assert early == pytest.approx(500, abs=70)


def _lot(decision_id: str) -> bytes:
    return hashlib.blake2b(decision_id.encode(), digest_size=8).digest()


def test_replies_come_as_they_are_on_record(calendar: Calendar) -> None:
    calendar.put(FIRST, ["where is it"], decided_by="model", action="escalate")
    calendar.put(FIRST, ["STOP"], decided_by="keyword", language=None)

    asked, stopped = replies_of(calendar.engine, ["d000001", "d000002"])

    assert (asked.text, asked.by_model, asked.answered) == ("where is it", True, False)
    assert (stopped.text, stopped.by_model, stopped.language) == ("STOP", False, None)
    assert asked.person != stopped.person


def test_a_reply_whose_words_are_gone_is_left_out(calendar: Calendar) -> None:
    calendar.put(FIRST, ["one", "two", "three"])
    with calendar.engine.begin() as connection:
        gone = json.dumps({"text": "", "forgotten": True})
        connection.execute(
            sa.update(decisions)
            .where(decisions.c.decision_id == "d000002")
            .values(inputs=gone)
        )

    found = replies_of(calendar.engine, ["d000003", "d000002", "d000001", "nobody"])

    assert [reply.text for reply in found] == ["three", "one"]


def test_the_first_day_is_that_of_the_first_decision(calendar: Calendar) -> None:
    assert first_day(calendar.engine) is None

    calendar.usual(FIRST + DAY, 1)
    calendar.usual(FIRST, 1)

    assert first_day(calendar.engine) == FIRST
