"""Opening the store: engine, durability, migrations."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from model.errors import StoreError
from serving.store.tables import contacts

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def open_store(url: str) -> sa.Engine:
    """Open the store at `url`, made or migrated to this version's tables.

    Raises:
        StoreError: it cannot be opened, written or migrated.
    """
    try:
        engine = sa.create_engine(url)
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _prepare_sqlite)
            sa.event.listen(engine, "begin", _begin_to_write)
        migrate(engine)
    except (SQLAlchemyError, ImportError, CommandError) as error:
        raise StoreError(
            f"store: {_cause(error)}; is it there and writable?"
        ) from error
    return engine


def answers(engine: sa.Engine) -> bool:
    """Return whether the store can be read; never waits for a writer."""
    try:
        with engine.connect().execution_options(read_only=True) as connection:
            connection.execute(sa.select(contacts.c.number).limit(1))
    except SQLAlchemyError:
        return False
    return True


def migrate(engine: sa.Engine) -> None:
    """Bring the tables to this version; a store of this version is left alone."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _prepare_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined] # the DB-API's
    # Readers never wait for the writer, and a commit is on disk before it returns.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()
    # SQLAlchemy begins transactions itself, see _begin_to_write.
    connection.isolation_level = None  # type: ignore[attr-defined] # sqlite3's


def _begin_to_write(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later may fail half-way when another
    # process writes in between; taking the lock at once it waits its turn.
    reads = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _cause(error: Exception) -> str:
    """Return the driver's own words, without SQLAlchemy's statement and values."""
    if isinstance(error, CommandError | ImportError | NoSuchModuleError):
        return str(error)
    return str(getattr(error, "orig", None) or type(error).__name__)
