from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from serving.ledger.history import history
from serving.ledger.texts import (
    Forgotten,
    forget_conversations,
    forget_messages_in,
    forget_messages_out,
    forget_texts,
)
from serving.store.database import reading, writing
from serving.store.tables import messages_in, messages_out, outbox
from tests.serving.ledger.making import NOON, NUMBER, event, recorded
from tests.serving.ledger.record import (
    a_contact,
    a_decision,
    a_message,
    decision_row,
    message_texts,
)

DAY = timedelta(days=1)


def test_words_go_and_the_shape_of_the_decision_stays(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        old = a_decision(connection, NUMBER, text="I live at 1 Elm St", at=NOON)
        forgotten = forget_texts(connection, before=NOON + DAY)
        row = decision_row(connection, old)
        payload = connection.scalar(sa.select(outbox.c.payload))

    assert forgotten == Forgotten(1, None)
    assert "Elm" not in str(row)
    assert NUMBER not in str(row)
    assert row["inputs"]["text"] == ""
    assert row["inputs"]["forgotten"] is True
    assert row["inputs"]["situation"]["consent"] == "subscribed"
    assert row["decision"]["reply"] == {"template": "t@1", "text": ""}
    assert payload == "{}"


def test_younger_decisions_keep_their_words(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        young = a_decision(connection, NUMBER, at=NOON)

        assert forget_texts(connection, before=NOON) == Forgotten(0, None)
        assert decision_row(connection, young)["inputs"]["text"] == "where is it"


def test_an_effect_that_is_still_owed_is_kept_until_it_is_delivered(
    engine: sa.Engine,
) -> None:
    payload = sa.select(outbox.c.payload)
    with writing(engine) as connection:
        a_decision(connection, NUMBER, delivered=False)
        forget_texts(connection, before=NOON + DAY)

        assert "where is it" in str(connection.scalar(payload))

        connection.execute(sa.update(outbox).values(delivered_at=NOON))
        forget_texts(connection, before=NOON + DAY)

        assert connection.scalar(payload) == "{}"


def test_what_is_emptied_is_not_emptied_again(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        a_decision(connection, NUMBER)
        forget_texts(connection, before=NOON + DAY)
        a_decision(connection, NUMBER, at=NOON + timedelta(hours=1))

        assert forget_texts(connection, before=NOON + DAY) == Forgotten(1, None)


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8])
def test_many_go_in_parts_and_each_once(engine: sa.Engine, rows: int) -> None:
    with writing(engine) as connection:
        for number in range(7):
            # The second and third of the same moment.
            at = NOON + timedelta(hours=max(number, 2))
            a_decision(connection, NUMBER, at=at)
    parts: list[Forgotten] = []
    after = None
    while not parts or parts[-1].until:
        with writing(engine) as connection:
            parts.append(
                forget_texts(connection, before=NOON + DAY, after=after, rows=rows)
            )
        after = parts[-1].until

    assert sum(part.emptied for part in parts) == 7


def test_messages_lose_their_words_once_they_are_old_and_decided(
    engine: sa.Engine,
) -> None:
    with writing(engine) as connection:
        a_message(connection, "m1", NUMBER, "old")
        a_message(connection, "m2", NUMBER, "waits", decided=False)
        a_message(connection, "m3", NUMBER, "young", at=NOON + DAY)

        came = forget_messages_in(connection, before=NOON + DAY)
        went = forget_messages_out(connection, before=NOON + DAY)

        assert (came, went) == (Forgotten(1, None), Forgotten(2, None))
        assert message_texts(connection) == [
            "",
            "",
            "",
            "about young",
            "waits",
            "young",
        ]


@pytest.mark.parametrize("forget", [forget_messages_in, forget_messages_out])
def test_messages_go_in_parts_and_no_part_passes_those_before_it(
    engine: sa.Engine, forget: Callable[..., Forgotten]
) -> None:
    first, second = NOON, NOON + timedelta(hours=1)
    with writing(engine) as connection:
        for key, at in (("m1", first), ("m2", second), ("m3", second)):
            a_message(connection, key, NUMBER, "old", at=at)

        def part(after: datetime | None) -> Forgotten:
            return forget(connection, NOON + DAY, after, rows=1)

        # m1 is emptied already, and counts as a part all the same.
        assert [part(None), part(None)] == [Forgotten(1, first), Forgotten(0, first)]
        assert [part(first), part(second)] == [
            Forgotten(2, second),
            Forgotten(0, None),
        ]


def test_old_messages_are_found_by_an_index_of_their_moment(engine: sa.Engine) -> None:
    found = {
        table.name: [each["column_names"] for each in indexes]
        for table in (messages_in, messages_out)
        for indexes in [sa.inspect(engine).get_indexes(table.name)]
    }

    assert ["received_at"] in found["messages_in"]
    assert ["checked_at"] in found["messages_out"]


def test_one_person_is_forgotten_alone(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        for number in (NUMBER, "+15550111"):
            a_contact(connection, number)
        mine = a_decision(connection, NUMBER)
        others = a_decision(connection, "+15550111")

        assert forget_conversations(connection, NUMBER, NOON) == 1
        assert decision_row(connection, mine)["inputs"]["text"] == ""
        assert decision_row(connection, others)["inputs"]["text"] == "where is it"


def test_the_ledger_keeps_the_words_of_a_revocation(engine: sa.Engine) -> None:
    recorded(engine, event(text="please stop"))
    with writing(engine) as connection:
        forget_texts(connection, before=NOON + 3650 * DAY)

    with reading(engine) as connection:
        assert history(connection, NUMBER)[0].event.text == "please stop"
