from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from model.errors import RowRefused, StoreError
from serving.ids import new_id
from serving.live import LiveBundle
from serving.recording.arrival import Arrival, Read
from serving.recording.intake import Intake, Recorded
from serving.recording.recorder import MAX_BATCH, Recorder
from serving.store.database import open_store
from tests.serving.phone import change, rows

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Gate:
    """A clock that stands still until it is opened: the recorder waits in its batch."""

    def __init__(self) -> None:
        self.reached, self.opened = Event(), Event()

    def __call__(self) -> datetime:
        self.reached.set()
        assert self.opened.wait(30)
        return NOON


@pytest.fixture
def engine(store: Path) -> Iterator[sa.Engine]:
    engine = open_store(f"sqlite:///{store}")
    yield engine
    engine.dispose()


@pytest.fixture
def read(parrot: LiveBundle) -> Callable[[str], Read]:
    """Return how a STOP with a message id of its own is made."""

    def make(message_id: str) -> Read:
        arrival = Arrival(message_id, f"+1555{message_id}", "+15550199", "STOP", NOON)
        return Read(arrival, parrot, prediction=None)

    return make


def behind_the_gate(
    recorder: Recorder, gate: Gate, reads: list[Read]
) -> list["Future[Recorded]"]:
    """Submit so that all but the first wait together."""
    first = recorder.submit(reads[0])
    assert gate.reached.wait(30)
    return [first, *(recorder.submit(read) for read in reads[1:])]


def test_those_that_wait_share_a_commit_and_keep_their_order(
    engine: sa.Engine, store: Path, read: Callable[[str], Read]
) -> None:
    commits = count()
    sa.event.listen(engine, "commit", lambda _: next(commits))
    gate = Gate()
    recorder = Recorder(engine, Intake(gate, new_id))
    ids = [f"{number:03}" for number in range(MAX_BATCH + 10)]

    futures = behind_the_gate(recorder, gate, [read(i) for i in ids])
    gate.opened.set()
    bodies = [future.result(30).body for future in futures]
    recorder.close()

    found = rows(store, "SELECT message_id, decision FROM decisions ORDER BY rowid")
    assert found == list(zip(ids, bodies, strict=True))
    # The one at the gate, 64, and the nine that are left.
    assert next(commits) == 3


def test_a_commit_waits_for_company_that_is_coming(
    engine: sa.Engine,
    read: Callable[[str], Read],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("serving.recording.recorder.LINGER_SECONDS", 30)
    commits = count()
    sa.event.listen(engine, "commit", lambda _: next(commits))
    taken = Event()

    def coming() -> bool:
        taken.set()
        return True

    recorder = Recorder(engine, Intake(lambda: NOON, new_id), coming)
    first = recorder.submit(read("100"))
    assert taken.wait(30)
    others = [recorder.submit(read(str(100 + n))) for n in range(1, MAX_BATCH)]
    first.result(20)
    recorder.close()

    assert all(future.done() for future in others)
    assert next(commits) == 1


def test_closing_finishes_what_was_submitted(
    engine: sa.Engine, store: Path, read: Callable[[str], Read]
) -> None:
    recorder = Recorder(engine, Intake(lambda: NOON, new_id))
    futures = [recorder.submit(read(str(number))) for number in range(200)]

    recorder.close()

    assert all(future.done() for future in futures)
    assert rows(store, "SELECT count(*) FROM decisions") == [(200,)]


def test_a_transaction_that_fails_is_told_to_all_and_records_none(
    engine: sa.Engine, store: Path, read: Callable[[str], Read]
) -> None:
    gate = Gate()
    recorder = Recorder(engine, Intake(gate, new_id))
    change(
        store,
        # No fault of a row: one that breaks a rule of the store fails alone, see below.
        "CREATE TRIGGER refuse BEFORE INSERT ON decisions WHEN new.message_id = '13' "
        "BEGIN SELECT json(new.message_id || '{'); END",
    )

    futures = behind_the_gate(recorder, gate, [read(str(i)) for i in range(10, 16)])
    gate.opened.set()
    first, *others = futures
    failures = [future.exception(30) for future in others]
    last = recorder.submit(read("16")).result(30)
    recorder.close()

    assert not first.result().duplicate
    assert [type(failure) for failure in failures] == [StoreError] * 5
    assert not last.duplicate
    recorded = rows(store, "SELECT message_id FROM decisions ORDER BY 1")
    assert recorded == [("10",), ("16",)]
    assert rows(store, "SELECT count(*) FROM contacts") == [(2,)]
    assert rows(store, "SELECT count(*) FROM outbox") == [(2,)]


def test_a_failure_of_the_store_is_told_without_the_row(
    engine: sa.Engine, store: Path, read: Callable[[str], Read]
) -> None:
    recorder = Recorder(engine, Intake(lambda: NOON, new_id))
    change(store, "DROP TABLE outbox")

    failure = recorder.submit(read("0142")).exception(30)
    recorder.close()

    assert isinstance(failure, StoreError)
    assert str(failure) == "the store cannot be written: OperationalError SQLITE_ERROR"
    assert failure.__cause__ is None
    assert failure.__suppress_context__


def test_what_nobody_foresaw_is_told_as_well(
    engine: sa.Engine, read: Callable[[str], Read]
) -> None:
    recorder = Recorder(engine, Intake(lambda: NOON, new_id))
    whole = read("1")
    unread = replace(whole, arrival=replace(whole.arrival, text="where is it"))

    failure = recorder.submit(unread).exception(30)
    after = recorder.submit(whole).result(30)
    recorder.close()

    assert isinstance(failure, ValueError)
    assert not after.duplicate


def test_who_no_longer_waits_is_recorded_all_the_same(
    engine: sa.Engine, store: Path, read: Callable[[str], Read]
) -> None:
    gate = Gate()
    recorder = Recorder(engine, Intake(gate, new_id))

    futures = behind_the_gate(recorder, gate, [read("1"), read("2"), read("3")])
    futures[1].cancel()
    gate.opened.set()
    recorder.close()

    assert futures[2].result(0).body
    assert rows(store, "SELECT count(*) FROM decisions") == [(3,)]


def test_one_message_twice_in_a_batch_is_decided_once(
    engine: sa.Engine, store: Path, read: Callable[[str], Read]
) -> None:
    gate = Gate()
    recorder = Recorder(engine, Intake(gate, new_id))

    futures = behind_the_gate(recorder, gate, [read("1"), read("2"), read("2")])
    gate.opened.set()
    _, one, two = (future.result(30) for future in futures)
    recorder.close()

    assert one.body == two.body
    assert [one.duplicate, two.duplicate] == [False, True]
    assert rows(store, "SELECT count(*) FROM outbox") == [(2,)]


def test_one_that_cannot_be_written_costs_the_others_nothing(
    engine: sa.Engine, store: Path, read: Callable[[str], Read]
) -> None:
    gate = Gate()
    recorder = Recorder(engine, Intake(gate, new_id))
    whole = read("2")
    unread = replace(whole, arrival=replace(whole.arrival, text="where is it"))

    futures = behind_the_gate(recorder, gate, [read("1"), unread, read("3")])
    gate.opened.set()
    failure = futures[1].exception(30)
    recorder.close()

    assert isinstance(failure, ValueError)
    assert not futures[2].result(0).duplicate
    recorded = rows(store, "SELECT message_id FROM decisions ORDER BY 1")
    assert recorded == [("1",), ("3",)]


def test_a_row_that_the_store_refuses_costs_the_others_nothing(
    engine: sa.Engine, store: Path, read: Callable[[str], Read]
) -> None:
    gate = Gate()
    recorder = Recorder(engine, Intake(gate, new_id))
    change(
        store,
        "CREATE TRIGGER refuse BEFORE INSERT ON decisions WHEN new.message_id = '2' "
        "BEGIN SELECT RAISE(ABORT, 'unlucky'); END",
    )

    futures = behind_the_gate(recorder, gate, [read("1"), read("2"), read("3")])
    gate.opened.set()
    failure = futures[1].exception(30)
    recorder.close()

    assert isinstance(failure, RowRefused)
    assert not futures[2].result(0).duplicate
    recorded = rows(store, "SELECT message_id FROM decisions ORDER BY 1")
    assert recorded == [("1",), ("3",)]


def test_what_else_is_written_keeps_its_place_among_the_replies(
    engine: sa.Engine, read: Callable[[str], Read]
) -> None:
    gate = Gate()
    recorder = Recorder(engine, Intake(gate, new_id))

    def decided(connection: sa.Connection) -> int:
        found = connection.scalar(sa.text("SELECT count(*) FROM decisions"))
        return int(found or 0)

    first = recorder.submit(read("1"))
    assert gate.reached.wait(30)
    before, second = recorder.write(decided), recorder.submit(read("2"))
    after = recorder.write(decided)
    gate.opened.set()

    assert [before.result(30), after.result(30)] == [1, 2]
    assert not first.result(30).duplicate
    assert not second.result(30).duplicate
    recorder.close()
