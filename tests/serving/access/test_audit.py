from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from model.errors import StoreError
from serving.access.audit import AuditEntry, entries, record
from serving.ids import new_id
from serving.store.access_tables import api_keys, audit
from serving.store.database import engine_of, migrate, reading, writing
from serving.store.tables import contacts
from tests.databases import KINDS, database
from tests.serving.access.making import NOON

HOUR = timedelta(hours=1)
DIGEST = "ab" * 32


def noted(engine: sa.Engine, hours: float = 0, action: str = "consent.lifted") -> None:
    with writing(engine) as connection:
        record(
            connection,
            actor="key:0123456789ab",
            action=action,
            now=lambda: NOON + hours * HOUR,
            new_id=new_id,
            subject_kind="contact",
            subject_digest=DIGEST,
            details={"program": "alerts", "scopes": ["all"], "again": True},
        )


def test_an_entry_is_read_as_it_was_written(engine: sa.Engine) -> None:
    noted(engine)

    with reading(engine) as connection:
        [entry] = entries(connection)
    assert entry == AuditEntry(
        audit_id=entry.audit_id,
        at=NOON,
        actor="key:0123456789ab",
        action="consent.lifted",
        subject_kind="contact",
        subject_digest=DIGEST,
        details={"program": "alerts", "scopes": ["all"], "again": True},
    )


def test_entries_are_chosen_by_time_and_action(engine: sa.Engine) -> None:
    for hours in range(4):
        noted(engine, hours, "key.created" if hours % 2 else "key.revoked")

    with reading(engine) as connection:

        def hours_of(**wanted: object) -> list[float]:
            found = entries(connection, **wanted)  # type: ignore[arg-type] # as named
            return [(entry.at - NOON) / HOUR for entry in found]

        assert hours_of() == [0, 1, 2, 3]
        assert hours_of(since=NOON + HOUR) == [1, 2, 3]
        assert hours_of(action="key.created") == [1, 3]
        assert hours_of(since=NOON + 2 * HOUR, action="key.created") == [3]
        assert hours_of(most=2) == [2, 3]


@pytest.mark.parametrize("digest", ["+15550100", "15550100", "AB" * 32, ""])
def test_a_subject_in_clear_is_refused(engine: sa.Engine, digest: str) -> None:
    with writing(engine) as connection, pytest.raises(ValueError) as told:  # noqa: PT011 - its words are looked at
        record(
            connection,
            actor="x",
            action="y",
            now=lambda: NOON,
            new_id=new_id,
            subject_digest=digest,
        )

    assert digest not in str(told.value) or digest == ""


def test_a_number_in_details_is_refused(engine: sa.Engine) -> None:
    with writing(engine) as connection, pytest.raises(ValueError, match="personal"):
        record(
            connection,
            actor="x",
            action="y",
            now=lambda: NOON,
            new_id=new_id,
            details={"who": ["+15550100"]},
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'somebody else'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit",
        "TRUNCATE audit",
    ],
)
def test_an_entry_stays_as_it_is(engine: sa.Engine, statement: str) -> None:
    noted(engine)
    with reading(engine) as connection:
        before = entries(connection)

    # Where a database does not know the statement, it refuses it all the same.
    with pytest.raises(StoreError), writing(engine) as connection:
        connection.exec_driver_sql(statement)

    with reading(engine) as connection:
        assert entries(connection) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_of_the_version_before_is_migrated_with_what_it_holds(
    kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with database(kind, tmp_path_factory.mktemp("old")) as url:
        engine = engine_of(url)
        migrate(engine, "0003")
        with writing(engine) as connection:
            connection.execute(
                sa.insert(contacts).values(
                    number="+15550100",
                    sender="+15550199",
                    conversation_id="c1",
                    consent="opted_out",
                    asked_opt_out=False,
                    hour_began_at=NOON,
                    hour_replies=0,
                )
            )
        migrate(engine)
        with reading(engine) as connection:
            kept = connection.scalar(sa.select(contacts.c.consent))
        noted(engine)
        engine.dispose()

    assert kept == "opted_out"


def test_the_migration_makes_the_tables_that_the_code_uses(engine: sa.Engine) -> None:
    tables = sa.MetaData()
    for table in (api_keys, audit):
        table.to_metadata(tables)

    def ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
        return kind != "table" or name in tables.tables

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_server_default": True, "include_object": ours}
        )

        assert compare_metadata(context, tables) == []
