"""Opening the store: engine, durability, transactions, migrations.

SQLite and PostgreSQL behave alike: a transaction that may write takes the one lock of
writers as it begins, so that what it read stays true until it has written; one that
only reads sees the store as of one moment and waits for nobody.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    NoSuchModuleError,
    SQLAlchemyError,
)

from model.errors import RowRefused, StoreError
from serving.store.tables import contacts

MIGRATIONS = Path(__file__).parent.parent / "migrations"

WAIT_SECONDS = 5
"""How long a lock, a connection of the pool or the server is waited for. Providers
give up after 2 to 15 s; one that is told to come back finds the store free again."""

POOL_SIZE = 5
"""Connections kept to PostgreSQL: one writes, the others read."""

MORE_CONNECTIONS = 10
"""Connections beyond that, while many read at once."""

_RETRY_SECONDS = 0.01

RECYCLE_SECONDS = 1800
"""How old a connection may grow: firewalls forget silent ones."""

_WRITERS = int.from_bytes(b"replywis")
"""The advisory lock that writers take, in a PostgreSQL database that others may use
as well."""

_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "lock_timeout": f"{WAIT_SECONDS}s",
        # A writer that hangs must not hold the lock of all the others for ever.
        "idle_in_transaction_session_timeout": "60s",
    }.items()
)
_NETWORK = {
    "connect_timeout": WAIT_SECONDS,
    # A server that is gone without a word is noticed in half a minute, not in hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}


def open_store(url: str) -> sa.Engine:
    """Open the store at `url`, made or migrated to this version's tables.

    Raises:
        StoreError: it cannot be opened, written or migrated.
    """
    engine: sa.Engine | None = None
    try:
        engine = engine_of(url)
        migrate(engine)
    except (SQLAlchemyError, ImportError, CommandError) as error:
        if engine is not None:
            engine.dispose()
        raise StoreError(
            f"store: {_cause(error)}; is it there and writable?"
        ) from error
    return engine


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction that writes; it is on disk when the block ends.

    Raises:
        StoreError: nothing was written; a RowRefused where that is one row's fault.
            The message names no value of a row.
    """
    with _told_without_values("written"), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction that reads the store as of one moment, and waits for nobody.

    Raises:
        StoreError: it could not be read.
    """
    with (
        _told_without_values("read"),
        engine.connect().execution_options(read_only=True) as connection,
    ):
        yield connection


def wait_to_write(connection: sa.Connection) -> None:
    """Wait until nobody else writes, until this transaction ends.

    Transactions of `open_store` that may write hold the lock from their beginning:
    asking again costs nothing. On SQLite the transaction itself is the lock.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")


def answers(engine: sa.Engine) -> bool:
    """Return whether the store can be read; never waits for a writer."""
    try:
        with engine.connect().execution_options(read_only=True) as connection:
            connection.execute(sa.select(contacts.c.number).limit(1))
    except SQLAlchemyError:
        return False
    return True


def migrate(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the tables to this version; a store of this version is left alone."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def engine_of(url: str) -> sa.Engine:
    """Return the engine of the store at `url`, whatever tables it has.

    SQLAlchemyError and ImportError where the URL or its driver is not known.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        engine = sa.create_engine(parsed)
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _prepare_sqlite)
            sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = sa.create_engine(
        parsed,
        # A writer reads after it has the lock what was committed before; where the
        # server's default is another level, its snapshot could be older than the lock.
        isolation_level="READ COMMITTED",
        pool_size=POOL_SIZE,
        max_overflow=MORE_CONNECTIONS,
        pool_timeout=WAIT_SECONDS,
        pool_recycle=RECYCLE_SECONDS,
        # A connection that the server dropped is replaced before it is used, so that
        # service goes on by itself after a restart; 0.1 ms a transaction.
        pool_pre_ping=True,
        connect_args=_connect_arguments(parsed),
    )
    sa.event.listen(engine, "connect", _prepare_postgresql)
    sa.event.listen(engine, "begin", _begin_postgresql)
    return engine


def _connect_arguments(url: URL) -> dict[str, Any]:
    """Return ours, where the URL does not say otherwise."""
    theirs = url.query.get("options", "")
    ours = {name: value for name, value in _NETWORK.items() if name not in url.query}
    # The last one counts.
    return {**ours, "options": f"{_OPTIONS} {theirs}".strip()}


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={WAIT_SECONDS * 1000}")
    # Readers never wait for the writer, and a commit is on disk before it returns.
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    # What is erased is overwritten, not only forgotten.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
    # SQLAlchemy begins transactions itself, see _begin_sqlite.
    connection.isolation_level = None


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    # Of two that switch a new file at once SQLite refuses one without waiting.
    patience = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > patience:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later may fail half-way when another
    # process writes in between; taking the lock at once it waits its turn.
    connection.exec_driver_sql(
        "BEGIN" if _only_reads(connection) else "BEGIN IMMEDIATE"
    )


def _prepare_postgresql(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined] # the DB-API's
    # A commit is on disk before it returns, also where the server is set to hurry.
    cursor.execute(
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') = 'off'"
    )
    cursor.close()
    connection.commit()  # type: ignore[attr-defined] # the DB-API's


def _begin_postgresql(connection: sa.Connection) -> None:
    if _only_reads(connection):
        connection.exec_driver_sql(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        )
    else:
        wait_to_write(connection)


def _only_reads(connection: sa.Connection) -> bool:
    return bool(connection.get_execution_options().get("read_only", False))


@contextmanager
def _told_without_values(done: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # The driver's message may quote the row; only its kind goes on.
        refused = isinstance(error, DataError | IntegrityError)
        kind = RowRefused if refused else StoreError
        problem = kind(f"the store cannot be {done}: {_kind(error)}")
        problem.__suppress_context__ = True
        raise problem from None


def _kind(error: SQLAlchemyError) -> str:
    """Return what kind of failure it is, with the driver's code where it has one."""
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _cause(error: Exception) -> str:
    """Return the driver's own words, without SQLAlchemy's statement and values."""
    if isinstance(error, ImportError) and error.name == "psycopg":
        return f"{error}: install replywise[postgres]"
    if isinstance(error, CommandError | ImportError | NoSuchModuleError):
        return str(error)
    return str(getattr(error, "orig", None) or type(error).__name__)
