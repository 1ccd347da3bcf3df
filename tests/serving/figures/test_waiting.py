from datetime import timedelta

import pytest
import sqlalchemy as sa

from serving.figures.waiting import Queue, queues, settle, touched, waiting_since
from serving.store.database import reading, writing
from serving.store.moments import HOUR
from tests.serving.figures.making import (
    MONDAY,
    Row,
    chance,
    decided,
    record,
    some,
    tell,
)

NOW = MONDAY + 24 * HOUR
HANDED = {"action": "escalate", "queue": "support"}
OWNED = {"action": "silent", "decided_by": "owner"}


def at(hours: float, **fields: object) -> Row:
    return decided(MONDAY + timedelta(hours=hours), **fields)


def settled(engine: sa.Engine, rows: list[Row]) -> None:
    record(engine, rows)
    with writing(engine) as connection:
        settle(connection, touched(rows))


def since(engine: sa.Engine, conversation: str = "c1") -> float | None:
    with reading(engine) as connection:
        found = waiting_since(connection, conversation)
    return (found - MONDAY) / HOUR if found else None


@pytest.mark.parametrize(
    ("rows", "waits"),
    [
        ([at(1)], None),
        ([at(1, **HANDED)], 1),
        ([at(1, **HANDED), at(2, **HANDED)], 1),
        ([at(1, **HANDED), at(2)], 1),
        ([at(1, **HANDED), at(2, **OWNED)], None),
        ([at(1, **HANDED), at(2, **OWNED), at(3, **HANDED)], 3),
        ([at(1, **OWNED), at(2, **HANDED)], 2),
        ([at(1, **HANDED), at(2, **OWNED, conversation_id="c2")], 1),
    ],
)
def test_a_conversation_waits_since_it_was_handed_over(
    sqlite: sa.Engine, rows: list[Row], waits: float | None
) -> None:
    settled(sqlite, rows)

    assert since(sqlite) == waits


@pytest.mark.parametrize("kind", ["taken", "closed"])
def test_one_that_was_taken_waits_no_longer(engine: sa.Engine, kind: str) -> None:
    settled(engine, [at(1, **HANDED), at(5, **HANDED)])
    tell(engine, kind, MONDAY + 3 * HOUR)

    with writing(engine) as connection:
        settle(connection, ["c1"])
    assert since(engine) == 5

    tell(engine, kind, MONDAY + 5 * HOUR)
    with writing(engine) as connection:
        settle(connection, ["c1"])
    assert since(engine) is None


def test_the_others_are_left_alone(sqlite: sa.Engine) -> None:
    settled(sqlite, [at(1, **HANDED)])
    settled(sqlite, [at(2, **HANDED, conversation_id="c2")])
    with writing(sqlite) as connection:
        settle(connection, [])

    assert (since(sqlite), since(sqlite, "c2")) == (1, 2)


def test_queues_tell_who_waits_the_longest(engine: sa.Engine) -> None:
    billing = {"action": "escalate", "queue": "billing", "program": "visits"}
    settled(
        engine,
        [at(n, **HANDED, conversation_id=f"c{n}") for n in (1, 4, 20)]
        + [
            at(2, **billing, conversation_id="c7"),
            at(6, **billing, conversation_id="c8"),
        ],
    )

    with reading(engine) as connection:
        assert queues(connection, NOW) == [
            Queue("support", 3, oldest=23 * HOUR, median=20 * HOUR),
            Queue("billing", 2, oldest=22 * HOUR, median=20 * HOUR),
        ]
        assert queues(connection, NOW, "visits") == [
            Queue("billing", 2, oldest=22 * HOUR, median=20 * HOUR)
        ]
        assert queues(connection, NOW, "nobody") == []


def test_many_wait_as_the_record_says(engine: sa.Engine) -> None:
    rows = some(chance(), MONDAY, NOW, 500)
    for start in range(0, 500, 50):
        settled(engine, rows[start : start + 50])

    with reading(engine) as connection:
        found = {f"c{n}": waiting_since(connection, f"c{n}") for n in range(60)}
    assert {c: moment for c, moment in found.items() if moment} == plainly(rows)


def plainly(rows: list[Row]) -> dict[object, object]:
    found: dict[object, object] = {}
    for row in rows:
        if row["decided_by"] == "owner":
            found.pop(row["conversation_id"], None)
        elif row["action"] == "escalate":
            found.setdefault(row["conversation_id"], row["recorded_at"])
    return found
