import pytest
import sqlalchemy as sa

from model.errors import SettingsError
from serving.ledger.event import Kind, Scope
from serving.ledger.history import consent_of, histories, keyed_digest
from serving.ledger.state import Standing
from serving.store.database import reading
from tests.serving.ledger.making import NUMBER, PEPPER, event, recorded

OTHER = "+15550111"


def test_each_number_gets_its_own_events_in_the_order_of_the_chain(
    engine: sa.Engine,
) -> None:
    first, other, last = recorded(
        engine, event(minutes=5), event(number=OTHER), event(Kind.NOTE, 1)
    )

    with reading(engine) as connection:
        found = histories(connection, [NUMBER, OTHER, "+15550122"])

    assert found == {NUMBER: [first, last], OTHER: [other], "+15550122": []}


def test_no_numbers_ask_nothing(engine: sa.Engine) -> None:
    with reading(engine) as connection:
        assert histories(connection, []) == {}


def test_current_consent_is_one_query_by_index(engine: sa.Engine) -> None:
    recorded(engine, event())
    asked: list[str] = []
    sa.event.listen(
        engine,
        "before_cursor_execute",
        lambda *call: asked.append(call[2]) if "consent_events" in call[2] else None,
    )

    with reading(engine) as connection:
        found = consent_of(
            connection, NUMBER, brand="acme", program="alerts", pepper=PEPPER
        )

    assert found.of(Scope.ALL).standing is Standing.OPTED_OUT
    assert len(asked) == 1


def test_the_query_reads_both_indexes_and_not_the_table(engine: sa.Engine) -> None:
    query = "SELECT 1 FROM consent_events WHERE number = 'a' OR number_digest = 'b'"
    with reading(engine) as connection:
        if engine.dialect.name == "postgresql":
            # A table of one page is quicker read as a whole.
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {query}")
        else:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")
        steps = "\n".join(str(row) for row in plan)

    assert "ix_consent_events_number" in steps
    assert "ix_consent_events_number_digest" in steps


def test_a_digest_hangs_on_number_and_pepper() -> None:
    digest = keyed_digest(NUMBER, PEPPER)

    assert len(digest) == 64
    assert digest == keyed_digest(NUMBER, PEPPER)
    assert digest != keyed_digest(OTHER, PEPPER)
    assert digest != keyed_digest(NUMBER, PEPPER[::-1])


def test_a_pepper_that_can_be_guessed_is_refused_and_not_told() -> None:
    with pytest.raises(SettingsError, match="expected 16 bytes or more, got 6") as told:
        keyed_digest(NUMBER, b"secret")

    assert "secret;" not in str(told.value)
    assert NUMBER not in str(told.value)
