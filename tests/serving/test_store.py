import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.engine import make_url

from model.errors import RowRefused, StoreError
from serving.routing.situation import Consent
from serving.store.contacts import Contact, ContactKey, load_contacts, save_contacts
from serving.store.database import (
    MIGRATIONS,
    answers,
    engine_of,
    migrate,
    open_store,
    reading,
    writing,
)
from serving.store.every_table import metadata
from serving.store.tables import decisions, outbox
from tests.databases import KINDS, administrator, database, postgres
from tests.databases import store as store_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONTACT = Contact(
    key=ContactKey("+15550100", "+15550199"),
    conversation_id="c1",
    consent=Consent.OPTED_OUT,
    consent_changed_at=NOON,
    asked_opt_out=True,
    hour_began_at=datetime(2026, 11, 23, 13, tzinfo=timezone(timedelta(hours=1))),
    hour_replies=3,
    asked_opt_out_at=NOON,
)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with store_of(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    engine = open_store(url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite(store: Path) -> Iterator[sa.Engine]:
    engine = open_store(f"sqlite:///{store}")
    yield engine
    engine.dispose()


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[sa.Engine]:
    with store_of("postgresql", tmp_path) as url:
        engine = open_store(url)
        yield engine
        engine.dispose()


def test_migrations_make_the_tables_that_the_code_uses(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_server_default": True}
        )

        assert compare_metadata(context, metadata) == []


def test_migrations_make_no_table_beside(engine: sa.Engine) -> None:
    made = set(sa.inspect(engine).get_table_names())

    assert made == {*metadata.tables, "alembic_version"}


def test_a_store_opens_again_with_what_it_holds(engine: sa.Engine, url: str) -> None:
    with engine.begin() as connection:
        save_contacts(connection, [CONTACT])
    engine.dispose()

    again = open_store(url)
    with again.connect() as connection:
        found = load_contacts(connection, [CONTACT.key])
    again.dispose()

    assert found == {CONTACT.key: CONTACT}


def test_a_contact_is_saved_over_itself(engine: sa.Engine) -> None:
    other = replace(CONTACT, conversation_id="c2", consent=Consent.SUBSCRIBED)
    with engine.begin() as connection:
        save_contacts(connection, [CONTACT])
        save_contacts(connection, [other])
        found = load_contacts(connection, [CONTACT.key])[CONTACT.key]

    assert found.consent is Consent.SUBSCRIBED
    assert found.conversation_id == "c1"


def test_only_the_contacts_that_were_asked_for_are_loaded(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        save_contacts(connection, [CONTACT])

        assert load_contacts(connection, [ContactKey("+15550100", "+1")]) == {}
        assert load_contacts(connection, []) == {}


def test_a_commit_is_on_disk_before_it_returns(sqlite: sa.Engine) -> None:
    with sqlite.connect() as connection:
        told = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous")
        ]

    full = 2
    assert told == ["wal", full]


def test_a_store_that_is_read_waits_for_no_writer(engine: sa.Engine) -> None:
    with engine.begin():
        assert answers(engine)


def test_a_store_without_its_tables_does_not_answer(engine: sa.Engine) -> None:
    assert answers(engine)

    with writing(engine) as connection:
        connection.exec_driver_sql("DROP TABLE contacts")

    assert not answers(engine)


def test_writers_wait_for_each_other_and_see_what_was_written(
    engine: sa.Engine,
) -> None:
    def count_up() -> None:
        with writing(engine) as connection:
            known = load_contacts(connection, [CONTACT.key])[CONTACT.key]
            more = replace(known, hour_replies=known.hour_replies + 1)
            save_contacts(connection, [more])

    with writing(engine) as connection:
        save_contacts(connection, [replace(CONTACT, hour_replies=0)])
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(count_up) for _ in range(40)]:
            done.result()

    with reading(engine) as connection:
        found = load_contacts(connection, [CONTACT.key])[CONTACT.key]
    assert found.hour_replies == 40


def test_a_reader_sees_the_store_as_of_one_moment(engine: sa.Engine) -> None:
    with reading(engine) as connection:
        before = load_contacts(connection, [CONTACT.key])
        with writing(engine) as other:
            save_contacts(other, [CONTACT])

        assert load_contacts(connection, [CONTACT.key]) == before == {}


def test_a_writer_who_fails_leaves_nothing_behind(engine: sa.Engine) -> None:
    def write() -> None:
        with writing(engine) as connection:
            save_contacts(connection, [CONTACT])
            raise KeyError

    with pytest.raises(KeyError):
        write()

    with reading(engine) as connection:
        assert load_contacts(connection, [CONTACT.key]) == {}


def test_a_failure_is_told_without_the_row(engine: sa.Engine) -> None:
    twin = replace(CONTACT, key=ContactKey("+15550111", "+15550199"))

    with pytest.raises(StoreError) as told, writing(engine) as connection:
        save_contacts(connection, [CONTACT, twin])

    kind = r"IntegrityError (SQLITE_CONSTRAINT_UNIQUE|23505)"
    assert re.fullmatch(f"the store cannot be written: {kind}", str(told.value))
    assert told.value.__suppress_context__


def test_a_row_that_cannot_be_held_is_told_from_a_store_that_cannot_be_written(
    postgresql: sa.Engine,
) -> None:
    twin = replace(CONTACT, key=ContactKey("+15550111", "+15550199"))
    for rows in ([CONTACT, twin], [replace(CONTACT, conversation_id="c\0")]):
        with pytest.raises(RowRefused), writing(postgresql) as connection:
            save_contacts(connection, rows)

    with pytest.raises(StoreError) as told, writing(postgresql) as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    assert not isinstance(told.value, RowRefused)


def test_a_transaction_that_reads_writes_nothing_on_postgresql(
    postgresql: sa.Engine,
) -> None:
    with pytest.raises(StoreError), reading(postgresql) as connection:
        save_contacts(connection, [CONTACT])


def test_a_commit_of_postgresql_is_on_disk_where_the_server_is_set_to_hurry(
    postgresql: sa.Engine,
) -> None:
    name = postgresql.url.database
    with administrator(postgresql.url) as connection:
        connection.exec_driver_sql(
            f"ALTER DATABASE {name} SET synchronous_commit = off"
        )
    postgresql.dispose()

    with reading(postgresql) as connection:
        told = connection.exec_driver_sql("SHOW synchronous_commit").scalar()

    assert told == "on"


def test_a_writer_sees_what_was_written_whatever_isolation_the_server_is_set_to(
    postgresql: sa.Engine,
) -> None:
    name = postgresql.url.database
    with administrator(postgresql.url) as connection:
        connection.exec_driver_sql(
            f"ALTER DATABASE {name} SET default_transaction_isolation = "
            "'repeatable read'"
        )
    postgresql.dispose()

    test_writers_wait_for_each_other_and_see_what_was_written(postgresql)


def test_a_writer_gives_up_waiting_with_a_store_error(postgresql: sa.Engine) -> None:
    quick = postgresql.url.update_query_dict({"options": "-c lock_timeout=50ms"})
    other = engine_of(quick.render_as_string(hide_password=False))

    with (
        writing(postgresql),
        pytest.raises(StoreError, match="cannot be written"),
        writing(other),
    ):
        pass
    other.dispose()


def test_a_connection_that_breaks_fails_one_transaction_and_no_more(
    postgresql: sa.Engine,
) -> None:
    def write() -> None:
        with writing(postgresql) as connection:
            save_contacts(connection, [CONTACT])
            mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with administrator(postgresql.url) as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({mine})")
            load_contacts(connection, [CONTACT.key])

    with pytest.raises(StoreError):
        write()

    with writing(postgresql) as connection:
        assert load_contacts(connection, [CONTACT.key]) == {}
        save_contacts(connection, [CONTACT])


def test_service_goes_on_by_itself_when_the_server_is_back(
    postgresql: sa.Engine,
) -> None:
    name = postgresql.url.database
    assert answers(postgresql)

    with administrator(postgres()) as server:
        server.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = :name"
            ),
            {"name": name},
        )
        gone = answers(postgresql)
        with pytest.raises(StoreError), writing(postgresql):
            pass
        server.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    assert not gone
    assert answers(postgresql)
    with writing(postgresql) as connection:
        save_contacts(connection, [CONTACT])


def test_two_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    def start(url: str, together: Event) -> None:
        together.wait(30)
        open_store(url).dispose()

    for kind in KINDS:
        together = Event()
        with database(kind, tmp_path) as url, ThreadPoolExecutor(3) as pool:
            started = [pool.submit(start, url, together) for _ in range(3)]
            together.set()
            for done in started:
                done.result()


RECORDED = {
    "contacts": {
        "number": "+15550100",
        "sender": "+15550199",
        "conversation_id": "c1",
        "consent": "opted_out",
        "consent_changed_at": NOON,
        "asked_opt_out": True,
        "hour_began_at": NOON,
        "hour_replies": 3,
    },
    "decisions": {
        "message_id": "m1",
        "decision_id": "d1",
        "conversation_id": "c1",
        "received_at": NOON,
        "recorded_at": NOON,
        "bundle": "sha256:ab",
        "inputs": '{"text":"STOP"}',
        "decision": "{}",
    },
    "outbox": {
        "effect_id": "e1",
        "decision_id": "d1",
        "type": "suppress_contact",
        "payload": "{}",
        "created_at": NOON,
        "delivered_at": None,
    },
}
"""What a store of the first version holds; later ones add to it."""


@pytest.mark.parametrize(
    ("revision", "more"),
    [("0001", {}), ("0002", {"contacts": {"asked_opt_out_at": NOON}})],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_store_of_an_earlier_version_goes_up_with_what_it_holds(
    kind: str,
    revision: str,
    more: dict[str, dict[str, object]],
    tmp_path: Path,
) -> None:
    held = {name: row | more.get(name, {}) for name, row in RECORDED.items()}
    with database(kind, tmp_path) as url:
        old = engine_of(url)
        migrate(old, revision)
        with old.begin() as connection:
            for name, row in held.items():
                table = sa.Table(name, sa.MetaData(), autoload_with=connection)
                connection.execute(sa.insert(table).values(row))
        old.dispose()

        engine = open_store(url)
        with reading(engine) as connection:
            found = load_contacts(connection, [CONTACT.key])[CONTACT.key]
            decision = connection.execute(sa.select(decisions)).one()
            effect = connection.execute(sa.select(outbox)).one()
            made = compare_metadata(MigrationContext.configure(connection), metadata)
        engine.dispose()

    asked = NOON if revision == "0002" else None
    assert found == replace(CONTACT, asked_opt_out_at=asked, hour_began_at=NOON)
    assert decision.inputs == '{"text":"STOP"}'
    assert (effect.effect_id, effect.delivered_at) == ("e1", None)
    assert made == []


@pytest.mark.parametrize("kind", KINDS)
def test_migrations_go_down_again(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as url:
        engine = open_store(url)
        migrate_down(engine)
        left = sa.inspect(engine).get_table_names()
        migrate(engine)
        made = sa.inspect(engine).get_table_names()
        engine.dispose()

    assert left == ["alembic_version"]
    assert set(made) == {*metadata.tables, "alembic_version"}


def migrate_down(engine: sa.Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")


def test_a_server_that_is_not_there_is_refused() -> None:
    nowhere = make_url("postgresql+psycopg://me:hunter2@127.0.0.1:1/name")

    with pytest.raises(StoreError, match="onnection") as told:
        open_store(nowhere.render_as_string(hide_password=False))

    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("sqlite:////nowhere/to/be/found.db", "unable to open database file"),
        ("nosuch://host/name", "nosuch"),
        ("sqlite+nosuch://", "nosuch"),
    ],
)
def test_a_store_that_cannot_be_had_is_refused(url: str, cause: str) -> None:
    with pytest.raises(StoreError, match=cause):
        open_store(url)


def test_a_store_whose_driver_is_not_installed_names_it() -> None:
    with pytest.raises(StoreError, match="No module named"):
        open_store("oracle+cx_oracle://me:hunter2@host/name")


def test_a_file_in_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="unable to open database file"):
        open_store(f"sqlite:///{tmp_path}/file/replywise.db")


def test_a_file_that_is_no_database_is_refused_and_kept(store: Path) -> None:
    store.write_text("my memoirs, chapter one" * 100, encoding="utf-8")

    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{store}")

    assert store.read_text(encoding="utf-8").startswith("my memoirs")


def test_a_store_of_a_later_version_is_refused(engine: sa.Engine, url: str) -> None:
    told = "SELECT version_num FROM alembic_version"
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match="9999"):
        open_store(url)

    with reading(engine) as connection:
        assert connection.exec_driver_sql(told).scalars().all() == ["9999"]
