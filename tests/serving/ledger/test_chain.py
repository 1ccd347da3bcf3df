from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from model.errors import StoreError
from serving.ids import new_id
from serving.ledger.chain import GENESIS, Head, append, head_of
from serving.ledger.event import Kind
from serving.ledger.history import history
from serving.ledger.verify import verify
from serving.store.database import reading, writing
from serving.store.tables import ledger_head
from tests.serving.ledger.making import NOON, NUMBER, event, recorded

ERASE = "UPDATE consent_events SET number = NULL, salt = NULL, personal = NULL"
HASH = "457c641818dfd34fbebe533975a5e622efcf50a0c5e34c90ff0c4a5022d30a58"
"""Recorded once: a change of the canonical bytes would break every ledger there is."""


def test_the_chain_begins_with_zeros_and_grows_by_one(engine: sa.Engine) -> None:
    with reading(engine) as connection:
        before = head_of(connection)

    first, second = recorded(engine, event(), event(Kind.OPT_IN, 1))
    (third,) = recorded(engine, event(Kind.NOTE, 2))

    assert before == Head(0, GENESIS)
    assert [e.sequence for e in (first, second, third)] == [1, 2, 3]
    assert first.prev_hash == GENESIS
    assert [second.prev_hash, third.prev_hash] == [first.row_hash, second.row_hash]
    with reading(engine) as connection:
        assert head_of(connection) == Head(3, third.row_hash)


def test_an_entry_is_told_as_it_is_read_again(engine: sa.Engine) -> None:
    east = timezone(timedelta(hours=10))
    entries = recorded(
        engine,
        event(text="STOP", occurred_at=NOON.astimezone(east)),
        now=lambda: NOON.astimezone(east),
    )

    with reading(engine) as connection:
        assert history(connection, NUMBER) == entries
    assert entries[0].recorded_at == NOON
    assert len(entries[0].event_id) == 36


def test_the_hash_is_the_same_on_every_database(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        (entry,) = append(
            connection,
            [event(text="STOP", event_id="e1", score=0.1)],
            now=lambda: NOON,
            new_id=new_id,
            new_salt=lambda: "00" * 32,
        )

    assert entry.row_hash == HASH


def test_an_event_keeps_the_id_that_it_was_given(engine: sa.Engine) -> None:
    (entry,) = recorded(engine, event(event_id="chosen"))

    assert entry.event_id == "chosen"


def test_nothing_to_append_takes_nothing(engine: sa.Engine) -> None:
    assert recorded(engine) == []


def test_a_transaction_that_fails_appends_nothing(engine: sa.Engine) -> None:
    recorded(engine, event(event_id="once"))

    with pytest.raises(StoreError):
        recorded(engine, event(Kind.NOTE), event(event_id="once"))

    with reading(engine) as connection:
        assert head_of(connection).sequence == 1
        assert verify(connection).whole


def test_an_event_about_nobody_is_refused(engine: sa.Engine) -> None:
    with pytest.raises(ValueError, match="opt_out: expected the number"):
        recorded(engine, event(number=None))


def test_those_who_append_at_once_wait_for_each_other(engine: sa.Engine) -> None:
    def write(writer: int) -> None:
        for number in range(10):
            recorded(engine, event(Kind.NOTE, number=f"+1555{writer}{number}"))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))

    with reading(engine) as connection:
        verdict = verify(connection)
    assert verdict.whole
    assert verdict.entries == 60


def test_a_head_that_somebody_moved_is_not_overtaken(engine: sa.Engine) -> None:
    def now_while_another_writes() -> datetime:
        other.execute(sa.update(ledger_head).values(sequence=9))
        return NOON

    with pytest.raises(StoreError, match="its head moved"), writing(engine) as other:
        append(other, [event()], now=now_while_another_writes, new_id=new_id)


def test_a_ledger_without_its_head_takes_nothing(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE ledger_head")
        ledger_head.create(connection)

    with pytest.raises(StoreError, match="its head is missing"):
        recorded(engine, event())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_events SET kind = 'opt_in'",
        "UPDATE consent_events SET number = '+15550111'",
        "UPDATE consent_events SET number = NULL",
        "UPDATE consent_events SET number = NULL, salt = NULL, personal = '{}'",
        f"{ERASE}, scope = 'marketing'",
        f"{ERASE}, number_digest = 'x'",
        "DELETE FROM consent_events",
    ],
)
def test_the_database_itself_refuses_to_change_events(
    engine: sa.Engine, statement: str
) -> None:
    recorded(engine, event())

    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        engine.begin() as connection,
    ):
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_head SET sequence = 0",
        "UPDATE ledger_head SET row_hash = 'x'",
        "DELETE FROM ledger_head",
    ],
)
def test_the_database_itself_refuses_to_turn_the_head_back(
    engine: sa.Engine, statement: str
) -> None:
    recorded(engine, event())

    with (
        pytest.raises(sa.exc.DBAPIError, match="only moves forward"),
        engine.begin() as connection,
    ):
        connection.exec_driver_sql(statement)


def test_no_other_way_to_remove_events_is_open(engine: sa.Engine) -> None:
    recorded(engine, event())
    ways = {
        "sqlite": "INSERT OR REPLACE INTO consent_events SELECT * FROM consent_events",
        "postgresql": "TRUNCATE consent_events",
    }

    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        engine.begin() as connection,
    ):
        connection.exec_driver_sql(ways[engine.dialect.name])
