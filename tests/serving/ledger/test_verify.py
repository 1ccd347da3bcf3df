from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC

import pytest
import sqlalchemy as sa

from serving.ledger import verify as verification
from serving.ledger.chain import GENESIS, Head, row_hash
from serving.ledger.event import Kind
from serving.ledger.verify import FLAWS, Finding, Flaw, Verdict, verify
from serving.store.database import reading, writing
from serving.store.tables import consent_events, ledger_head
from tests.serving.ledger.making import event, recorded

EMPTIED = "SET number = NULL, personal = NULL, salt = NULL"


@contextmanager
def behind_the_guards(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction of someone who may do everything, triggers dropped."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            for table in ("consent_events", "ledger_head"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            names = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).scalars()
            for name in names.all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield connection


def tampered(engine: sa.Engine, *statements: str) -> Verdict:
    with behind_the_guards(engine) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    return verdict_on(engine)


def verdict_on(engine: sa.Engine, *anchors: Head) -> Verdict:
    with reading(engine) as connection:
        return verify(connection, anchors=anchors)


@pytest.fixture
def ledger(engine: sa.Engine) -> sa.Engine:
    """Return a store with five entries."""
    kinds = (Kind.OPT_IN, Kind.OPT_OUT, Kind.HONORED, Kind.OPT_IN, Kind.NOTE)
    for minute, kind in enumerate(kinds):
        recorded(engine, event(kind, minute, text=f"message {minute}"))
    return engine


def test_a_ledger_that_nobody_touched_is_whole(ledger: sa.Engine) -> None:
    verdict = verdict_on(ledger)

    assert verdict.whole
    assert (verdict.entries, verdict.erased, verdict.head.sequence) == (5, 0, 5)


def test_an_empty_ledger_is_whole(engine: sa.Engine) -> None:
    assert verdict_on(engine) == Verdict(0, 0, Head(0, GENESIS), (), 0)


@pytest.mark.parametrize(
    "column",
    [c.name for c in consent_events.c if c.name not in {"sequence", "row_hash"}],
)
def test_any_change_of_any_column_is_found(ledger: sa.Engine, column: str) -> None:
    other = {
        "occurred_at": "'2026-11-23 12:00:00.000001'",
        "recorded_at": "'2026-11-23 12:00:00.000001'",
        "number": "'+15550111'",
    }.get(column, "'x'")

    verdict = tampered(
        ledger,
        f"UPDATE consent_events SET {column} = {other} WHERE sequence = 2",  # noqa: S608 - ours
    )

    flaws = {
        "number": [Flaw.PERSONAL_CHANGED],
        "personal": [Flaw.PERSONAL_CHANGED],
        "salt": [Flaw.PERSONAL_CHANGED],
        "personal_digest": [Flaw.CHANGED, Flaw.PERSONAL_CHANGED],
        "prev_hash": [Flaw.MISPLACED, Flaw.CHANGED],
    }.get(column, [Flaw.CHANGED])
    assert verdict.findings == tuple(Finding(2, flaw) for flaw in flaws)


def test_a_change_with_its_hash_made_new_is_found_at_the_next(
    ledger: sa.Engine,
) -> None:
    with behind_the_guards(ledger) as connection:
        table = consent_events.c
        connection.execute(
            sa.update(consent_events).where(table.sequence == 2).values(kind="opt_in")
        )
        row = connection.execute(
            sa.select(consent_events).where(table.sequence == 2)
        ).mappings()
        values = dict(row.one())
        for name in ("occurred_at", "recorded_at"):
            moment = values[name]
            values[name] = moment.replace(tzinfo=moment.tzinfo or UTC)
        connection.execute(
            sa.update(consent_events)
            .where(table.sequence == 2)
            .values(row_hash=row_hash(values))
        )

    assert verdict_on(ledger).findings == (Finding(3, Flaw.MISPLACED),)


def test_a_row_that_is_gone_is_missed(ledger: sa.Engine) -> None:
    verdict = tampered(ledger, "DELETE FROM consent_events WHERE sequence = 2")

    assert verdict.findings == (Finding(3, Flaw.MISSING),)


def test_the_first_row_is_missed_as_well(ledger: sa.Engine) -> None:
    verdict = tampered(ledger, "DELETE FROM consent_events WHERE sequence = 1")

    assert verdict.findings == (Finding(2, Flaw.MISSING),)


def test_rows_that_closed_a_gap_do_not_follow(ledger: sa.Engine) -> None:
    verdict = tampered(
        ledger,
        "DELETE FROM consent_events WHERE sequence = 2",
        "UPDATE consent_events SET sequence = 2 WHERE sequence = 3",
        "UPDATE consent_events SET sequence = 3 WHERE sequence = 4",
        "UPDATE consent_events SET sequence = 4 WHERE sequence = 5",
    )

    assert {found.flaw for found in verdict.findings} == {
        Flaw.MISPLACED,
        Flaw.CHANGED,
        Flaw.TAIL_CUT,
    }


def test_rows_that_changed_places_are_found(ledger: sa.Engine) -> None:
    verdict = tampered(
        ledger,
        "UPDATE consent_events SET sequence = 99 WHERE sequence = 2",
        "UPDATE consent_events SET sequence = 2 WHERE sequence = 3",
        "UPDATE consent_events SET sequence = 3 WHERE sequence = 99",
    )

    assert [f.sequence for f in verdict.findings if f.flaw is Flaw.CHANGED] == [2, 3]


def test_a_row_put_in_is_found(ledger: sa.Engine) -> None:
    table = consent_events.c
    with behind_the_guards(ledger) as connection:
        last = connection.execute(sa.select(consent_events).where(table.sequence == 5))
        forged = {**last.one()._mapping, "sequence": 6, "event_id": "forged"}  # noqa: SLF001 - SQLAlchemy's own name for it
        connection.execute(sa.insert(consent_events).values(forged))

    verdict = verdict_on(ledger)

    assert verdict.findings == (
        Finding(6, Flaw.MISPLACED),
        Finding(6, Flaw.CHANGED),
        Finding(6, Flaw.HEAD_DIFFERS),
    )


def test_a_tail_cut_off_is_missed(ledger: sa.Engine) -> None:
    verdict = tampered(ledger, "DELETE FROM consent_events WHERE sequence > 3")

    assert verdict.findings == (Finding(5, Flaw.TAIL_CUT),)


def test_a_ledger_that_was_emptied_is_found(ledger: sa.Engine) -> None:
    assert tampered(ledger, "DELETE FROM consent_events").findings == (
        Finding(5, Flaw.TAIL_CUT),
    )


def test_a_head_that_is_gone_is_missed(ledger: sa.Engine) -> None:
    verdict = tampered(ledger, "DELETE FROM ledger_head")

    assert verdict.findings == (Finding(5, Flaw.HEAD_MISSING),)


def test_words_that_were_emptied_without_an_erasure_are_found(
    ledger: sa.Engine,
) -> None:
    with writing(ledger) as connection:  # The triggers let this through.
        connection.exec_driver_sql(
            f"UPDATE consent_events {EMPTIED} WHERE sequence = 2"
        )

    verdict = verdict_on(ledger)

    assert verdict.findings == (Finding(2, Flaw.ERASED_WITHOUT_RECORD),)
    assert verdict.erased == 1


def test_an_anchor_shows_a_ledger_that_was_rewritten_as_a_whole(
    ledger: sa.Engine,
) -> None:
    noted = verdict_on(ledger).head
    with behind_the_guards(ledger) as connection:
        connection.execute(sa.delete(consent_events))
        connection.execute(sa.update(ledger_head).values(sequence=0, row_hash=GENESIS))
    for minute in range(6):
        recorded(ledger, event(Kind.OPT_IN, minute))

    assert verdict_on(ledger).whole
    assert verdict_on(ledger, noted).findings == (Finding(5, Flaw.ANCHOR_MISSED),)


def test_anchors_along_the_way_are_passed(ledger: sa.Engine) -> None:
    noted = verdict_on(ledger).head
    recorded(ledger, event(Kind.NOTE, 9))

    assert verdict_on(ledger, Head(0, GENESIS), noted).whole
    assert not verdict_on(ledger, Head(99, noted.row_hash)).whole


def test_more_is_counted_than_told(engine: sa.Engine) -> None:
    recorded(engine, *(event(Kind.NOTE, minute) for minute in range(150)))

    verdict = tampered(engine, "UPDATE consent_events SET kind = 'opt_in'")

    assert verdict.flaws == 150
    assert len(verdict.findings) == verification.MOST_FINDINGS


def test_a_ledger_longer_than_a_page_is_read_to_its_end(engine: sa.Engine) -> None:
    recorded(engine, *(event(Kind.NOTE, minute) for minute in range(2_500)))

    assert verdict_on(engine).whole
    assert not tampered(
        engine, "UPDATE consent_events SET scope = 'x' WHERE sequence = 2499"
    ).whole


@pytest.mark.parametrize("flaw", Flaw)
def test_a_flaw_is_explained(flaw: Flaw) -> None:
    assert FLAWS[flaw].endswith(".")
