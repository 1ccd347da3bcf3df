from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from serving.figures.containment import WINDOW, count_containment
from serving.figures.hours import SLACK
from serving.store.database import reading
from serving.store.figure_tables import daily_containment
from serving.store.moments import DAY, HOUR
from tests.serving.figures.making import (
    MONDAY,
    Row,
    chance,
    decided,
    record,
    some,
    tell,
    writer,
)

NOON = MONDAY + 12 * HOUR
LATER = MONDAY + DAY + WINDOW + SLACK
LONG_AFTER = MONDAY + 12 * DAY
FLAGS = ("came_back", "handed_over", "opted_out", "contained")

OTHER = {"intent": "refund"}
HANDED = {"action": "escalate", **OTHER}
OWNED = {"action": "silent", "decided_by": "owner", **OTHER}
OUT = {"consent": "opt_out", "intent": "opt_out"}
REACTION = {"action": "silent", "decided_by": "guard", "intent": ""}


def after(hours: float, **fields: object) -> Row:
    return decided(NOON + timedelta(hours=hours), **fields)


def judged(engine: sa.Engine, rows: Sequence[Row]) -> dict[str, int]:
    """Return what became of the answers about orders, those of Monday alone."""
    record(engine, rows)
    assert count_containment(engine, writer(engine), LATER)
    with reading(engine) as connection:
        found = connection.execute(
            sa.select(daily_containment).where(
                daily_containment.c.intent == "order_status",
                daily_containment.c.day == MONDAY.date(),
            )
        ).mappings()
        return {name: row[name] for row in found for name in ("answered", *FLAGS)}


@pytest.mark.parametrize(
    ("then", "flags"),
    [
        ([], {"contained"}),
        ([after(1, **OTHER)], {"contained"}),
        ([after(1, **REACTION)], {"contained"}),
        ([after(1, action="silent")], {"came_back"}),
        ([after(72, action="silent")], {"came_back"}),
        ([after(72.01, action="silent")], {"contained"}),
        ([after(1, action="silent", conversation_id="c2")], {"contained"}),
        ([after(-1, **HANDED)], {"contained"}),
        ([after(1, **HANDED)], {"handed_over"}),
        ([after(72.01, **HANDED)], {"contained"}),
        ([after(1, **OWNED)], {"handed_over"}),
        ([after(1, **OUT)], {"opted_out"}),
        ([after(1, **OUT), after(2, **HANDED)], {"opted_out", "handed_over"}),
        ([after(1, action="escalate")], {"came_back", "handed_over"}),
    ],
)
def test_an_answer_is_judged_by_what_came_after(
    sqlite: sa.Engine, then: list[Row], flags: set[str]
) -> None:
    found = judged(sqlite, [decided(NOON), *then])

    assert {name for name in FLAGS if found[name]} == flags


def test_the_answer_to_our_question_is_no_return(sqlite: sa.Engine) -> None:
    asked = decided(NOON, action="ask")

    assert judged(sqlite, [asked, after(1, action="silent")])["contained"] == 1


def test_a_second_reply_to_our_question_is_one(sqlite: sa.Engine) -> None:
    asked = decided(NOON, action="ask")
    then = [after(1, action="silent"), after(2, action="silent")]

    assert judged(sqlite, [asked, *then])["came_back"] == 1


@pytest.mark.parametrize(("hours", "handed"), [(1, 1), (-1, 0), (73, 0)])
def test_whom_the_team_took_was_handed_over(
    engine: sa.Engine, hours: int, handed: int
) -> None:
    tell(engine, "taken", NOON + timedelta(hours=hours))

    assert judged(engine, [decided(NOON)])["handed_over"] == handed


def test_a_change_of_consent_is_no_answer(sqlite: sa.Engine) -> None:
    record(sqlite, [decided(NOON, consent="opt_out", decided_by="keyword")])
    record(sqlite, [decided(NOON, action="escalate", conversation_id="c9")])

    assert judged(sqlite, [decided(NOON, conversation_id="c3")])["answered"] == 1


def test_a_day_is_judged_when_its_last_window_is_over(sqlite: sa.Engine) -> None:
    record(sqlite, [decided(NOON)])
    moment = LATER - timedelta(seconds=1)

    assert not count_containment(sqlite, writer(sqlite), moment)
    assert count_containment(sqlite, writer(sqlite), LATER)
    assert not count_containment(sqlite, writer(sqlite), LATER)


def test_days_are_those_of_the_decisions(engine: sa.Engine) -> None:
    """Held to loops over the rows, day by day."""
    rows = some(chance(3), MONDAY, MONDAY + 5 * DAY, 400)
    record(engine, rows)
    while count_containment(engine, writer(engine), LONG_AFTER):
        pass

    with reading(engine) as connection:
        found = {
            (row["day"], row["program"], row["intent"]): (
                row["answered"],
                *(row[name] for name in FLAGS),
            )
            for row in connection.execute(sa.select(daily_containment)).mappings()
        }
    assert found == plainly(rows)


def plainly(rows: list[Row]) -> dict[tuple[object, ...], tuple[int, ...]]:
    found: dict[tuple[object, ...], tuple[int, ...]] = {}
    for place, row in enumerate(rows):
        if row["action"] not in ("reply", "ask") or row["consent"]:
            continue
        later = [
            r
            for r in rows[place + 1 :]
            if r["conversation_id"] == row["conversation_id"]
            and r["recorded_at"] - row["recorded_at"] <= WINDOW
        ]
        again = [r for r in later if row["intent"] and r["intent"] == row["intent"]]
        came_back = len(again) > (row["action"] == "ask")
        handed = any(
            r["action"] == "escalate" or r["decided_by"] == "owner" for r in later
        )
        opted_out = any(r["consent"] == "opt_out" for r in later)
        flags = (came_back, handed, opted_out, not (came_back or handed or opted_out))
        key = (row["recorded_at"].date(), row["program"], row["intent"])
        before = found.get(key, (0, 0, 0, 0, 0))
        found[key] = tuple(
            n + more for n, more in zip(before, (1, *flags), strict=True)
        )
    return found
