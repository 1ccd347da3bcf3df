"""What a deployment sets: where things are and how large they may grow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from model.bundle import DEFAULT
from model.errors import SettingsError
from serving.programs.deployment import DEFAULT as PROGRAMS

_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Settings:
    """The deployment's settings; nothing here is read at import.

    Attributes:
        bundle: the folder of the bundle that decides while none is promoted.
        data_dir: where the default store lies; created when it is missing.
        database_url: an SQLAlchemy URL; None for SQLite under `data_dir`.
        host: the address that is listened on.
        port: the port that is listened on.
        programs: the folder of `programs.yaml` and `quiet_hours.yaml`.
        pepper: the secret by which erased numbers stay suppressed; None without.
        shelf: the folder where bundles are promoted; None for one under `data_dir`.
    """

    bundle: Path = DEFAULT
    data_dir: Path = Path("replywise-data")
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    programs: Path = PROGRAMS
    pepper: bytes | None = field(default=None, repr=False)
    shelf: Path | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read `REPLYWISE_*`; SettingsError names a value that cannot be meant."""
        return cls(
            bundle=Path(environ.get("REPLYWISE_BUNDLE") or DEFAULT),
            data_dir=Path(environ.get("REPLYWISE_DATA_DIR") or "replywise-data"),
            database_url=environ.get("REPLYWISE_DATABASE_URL") or None,
            host=environ.get("REPLYWISE_HOST") or "127.0.0.1",
            port=_port(environ.get("REPLYWISE_PORT") or "8000"),
            programs=Path(environ.get("REPLYWISE_PROGRAMS") or PROGRAMS),
            pepper=(environ.get("REPLYWISE_PEPPER") or "").encode() or None,
            shelf=Path(shelf) if (shelf := environ.get("REPLYWISE_SHELF")) else None,
        )

    def shelf_folder(self) -> Path:
        """Return where bundles are promoted; nothing is made there."""
        return self.shelf or self.data_dir / "shelf"

    def store_url(self) -> str:
        """Return the URL of the store, its folder made where it is missing.

        Raises:
            SettingsError: the URL is none, or the folder cannot be made.
        """
        if self.database_url:
            try:
                make_url(self.database_url)
            except (ArgumentError, ValueError) as error:
                # The URL may hold a password: it is not repeated.
                raise SettingsError(
                    "--database-url: expected an SQLAlchemy URL like "
                    "sqlite:////var/lib/replywise/store.db"
                ) from error
            return self.database_url
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"data directory {self.data_dir}: {error.strerror}; choose another "
                "with --data-dir or REPLYWISE_DATA_DIR"
            ) from error
        return f"sqlite:///{(self.data_dir / 'replywise.db').resolve()}"


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = 0
    if not 1 <= port <= _LAST_PORT:
        raise SettingsError(
            f"REPLYWISE_PORT: expected a number from 1 to {_LAST_PORT}, got {text!r}"
        )
    return port
