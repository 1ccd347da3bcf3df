"""`replywise keys …` and `replywise audit`."""

import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table

from serving.access.api_key import ApiKey
from serving.access.audit import MOST, entries
from serving.access.key_ring import HOLDS_SECONDS
from serving.access.keys import all_keys, create, revoke, rotate
from serving.access.new_key import MOST_PER_MINUTE, PER_MINUTE, NewKey
from serving.access.scope import Scope
from serving.access.secret import Token
from serving.ids import new_id, now
from serving.settings import Settings
from serving.store.database import open_store, reading, writing

_LONGEST_ACTOR = 128

keys = typer.Typer(
    help="Keys of those who may call. The first one closes the service to all others.",
    no_args_is_help=True,
)

DatabaseUrl = Annotated[
    str | None, typer.Option("--database-url", help="SQLAlchemy URL of the store.")
]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where the SQLite store lies.")
]
KeyId = Annotated[
    str, typer.Argument(metavar="KEY_ID", help="As `replywise keys list` shows it.")
]


@keys.command("create")
def create_key(
    name: Annotated[
        str, typer.Argument(help="Whose it is, for people who read lists.")
    ],
    scope: Annotated[list[Scope], typer.Option(help="A kind of call; repeatable.")],
    program: Annotated[
        list[str] | None,
        typer.Option(help="A program it is for; repeatable; all where left out."),
    ] = None,
    per_minute: Annotated[
        int, typer.Option(min=1, max=MOST_PER_MINUTE, help="Calls a minute.")
    ] = PER_MINUTE,
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Days until it ends.")
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key and print it: the only time that it is shown."""
    wanted = NewKey(
        name=name,
        scopes=frozenset(scope),
        programs=frozenset(program or ()),
        per_minute=per_minute,
        lifetime=timedelta(days=expires_days) if expires_days else None,
    )
    with _store(database_url, data_dir) as engine:
        with writing(engine) as connection:
            token = create(
                connection, wanted, actor=_operator(), now=now, new_id=new_id
            )
        _show(token, f"Key {token.key_id} is made in {_place(engine)}.")


@keys.command("list")
def list_keys(database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Show every key, the revoked ones too; never a secret."""
    with _store(database_url, data_dir) as engine, reading(engine) as connection:
        found = all_keys(connection)
    table = Table("key id", "name", "may", "programs", "a minute", "state", "last used")
    moment = now()
    for key in found:
        table.add_row(
            key.key_id,
            key.name,
            " ".join(sorted(key.scopes)),
            " ".join(sorted(key.programs)) or "all",
            str(key.per_minute),
            _state(key, moment),
            _minute(key.last_used_at) if key.last_used_at else "never",
        )
    Console(markup=False).print(table)


@keys.command("rotate")
def rotate_key(
    key_id: KeyId,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=720, help="How long the old secret opens.")
    ] = 24,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Give a key a new secret and print it: the only time that it is shown."""
    with _store(database_url, data_dir) as engine, writing(engine) as connection:
        token = rotate(
            connection,
            key_id,
            actor=_operator(),
            now=now,
            new_id=new_id,
            overlap=timedelta(hours=overlap_hours),
        )
    _show(
        token,
        f"Key {key_id} has a new secret. The old one opens for {overlap_hours} h more.",
    )


@keys.command("revoke")
def revoke_key(
    key_id: KeyId, database_url: DatabaseUrl = None, data_dir: DataDir = None
) -> None:
    """End a key for good."""
    with _store(database_url, data_dir) as engine, writing(engine) as connection:
        revoke(connection, key_id, actor=_operator(), now=now, new_id=new_id)
    _tell(f"Key {key_id} is revoked; within {HOLDS_SECONDS:g} s it opens nothing.")


def audit(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="From then, UTC."),
    ] = None,
    action: Annotated[
        str | None, typer.Option(help="Only these, such as key.created.")
    ] = None,
    most: Annotated[
        int, typer.Option(min=1, help="At most the latest so many.")
    ] = MOST,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Print who changed what, one JSON object a line, oldest first."""
    since = since.replace(tzinfo=UTC) if since else None
    with _store(database_url, data_dir) as engine, reading(engine) as connection:
        found = entries(connection, since=since, action=action, most=most)
    for entry in found:
        typer.echo(json.dumps({**asdict(entry), "at": entry.at.isoformat()}))


@contextmanager
def _store(database_url: str | None, data_dir: Path | None) -> Iterator[sa.Engine]:
    settings = Settings.from_environment(os.environ)
    settings = replace(
        settings,
        database_url=database_url or settings.database_url,
        data_dir=data_dir or settings.data_dir,
    )
    engine = open_store(settings.store_url())
    try:
        yield engine
    finally:
        engine.dispose()


def _show(token: Token, told: str) -> None:
    """Print the token alone on stdout, what there is to know of it beside."""
    _tell(f"{told}\nThis is the only time that it is shown; it is kept as a digest.")
    typer.echo(token.reveal())


def _tell(text: str) -> None:
    Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(text)


def _operator() -> str:
    try:
        return f"operator:{getpass.getuser()}"[:_LONGEST_ACTOR]
    except (KeyError, OSError, ImportError):  # A container's user may have no name.
        return "operator"


def _place(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _state(key: ApiKey, moment: datetime) -> str:
    if key.revoked_at:
        return f"revoked {_minute(key.revoked_at)}"
    if key.expired(moment):
        return "expired"
    return f"until {_minute(key.expires_at)}" if key.expires_at else "live"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
