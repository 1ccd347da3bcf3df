from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from model.errors import StoreError
from serving.routing.situation import Consent
from serving.store.contacts import Contact, ContactKey, load_contacts, save_contacts
from serving.store.database import answers, open_store
from serving.store.tables import metadata
from tests.serving.phone import change, rows

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


@pytest.fixture
def engine(store: Path) -> Iterator[sa.Engine]:
    engine = open_store(f"sqlite:///{store}")
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


def test_an_old_store_opens_again_with_what_it_holds(
    engine: sa.Engine, store: Path
) -> None:
    with engine.begin() as connection:
        save_contacts(connection, [CONTACT])
    engine.dispose()

    again = open_store(f"sqlite:///{store}")
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


def test_a_commit_is_on_disk_before_it_returns(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        told = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous")
        ]

    full = 2
    assert told == ["wal", full]


def test_a_store_that_is_read_waits_for_no_writer(engine: sa.Engine) -> None:
    with engine.begin():
        assert answers(engine)


def test_a_store_without_its_tables_does_not_answer(
    engine: sa.Engine, store: Path
) -> None:
    assert answers(engine)

    change(store, "DROP TABLE contacts")

    assert not answers(engine)


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


@pytest.mark.usefixtures("engine")
def test_a_store_of_a_later_version_is_refused(store: Path) -> None:
    change(store, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match="9999"):
        open_store(f"sqlite:///{store}")

    assert rows(store, "SELECT version_num FROM alembic_version") == [("9999",)]
