"""`replywise users …`: who may work in the console."""

import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from model.errors import SettingsError
from serving.command_store import (
    DatabaseUrl,
    DataDir,
    opened,
    operator,
    settings_of,
    tell,
)
from serving.console import users as people
from serving.console.by import By
from serving.console.passwords import checked, hashed
from serving.console.users import User, all_users, canonical, set_password
from serving.console.viewer import Role
from serving.ids import new_id, now
from serving.store.database import reading, writing

users = typer.Typer(
    help="People who work in the console, and what they may do there.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What they sign in with.")]
RoleOption = Annotated[
    Role,
    typer.Option(
        help="qa reviews and looks up; analyst releases bundles besides; admin erases "
        "and says who works here besides."
    ),
]


@users.command()
def add(
    name: Name,
    role: RoleOption = Role.QA,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Add somebody; the password is asked for, or read from the standard input."""
    kept = _password(canonical(name))
    with opened(settings_of(database_url, data_dir)) as engine:
        with writing(engine) as connection:
            user = people.add(connection, name, role, _by(), password=kept)
        place = engine.url.render_as_string(hide_password=True)
    tell(f"{user.name} may sign in at /console as {role}; noted in {place}.")


@users.command("list")
def list_users(database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Show everybody, the disabled ones too."""
    settings = settings_of(database_url, data_dir)
    with opened(settings) as engine, reading(engine) as connection:
        found = all_users(connection)
    table = Table("name", "role", "signs in by", "state", "added", "seen")
    for user in found:
        table.add_row(
            user.name,
            user.role,
            _means(user),
            f"disabled {_minute(user.disabled_at)}" if user.disabled_at else "active",
            _minute(user.created_at),
            _minute(user.seen_at) if user.seen_at else "",
        )
    Console(markup=False).print(table)


@users.command()
def role(
    name: Name,
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="qa, analyst or admin.")],
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Give somebody another role; it counts at once."""
    settings = settings_of(database_url, data_dir)
    with opened(settings) as engine, writing(engine) as connection:
        people.set_role(connection, name, role, _by())
    tell(f"{canonical(name)} is {role} now.")


@users.command()
def disable(
    name: Name, database_url: DatabaseUrl = None, data_dir: DataDir = None
) -> None:
    """Let somebody in no more; their sessions end at once, their reviews stay."""
    settings = settings_of(database_url, data_dir)
    with opened(settings) as engine, writing(engine) as connection:
        people.disable(connection, name, _by())
    tell(f"{canonical(name)} is signed out and may not sign in.")


@users.command()
def enable(
    name: Name, database_url: DatabaseUrl = None, data_dir: DataDir = None
) -> None:
    """Let somebody in again who was disabled."""
    settings = settings_of(database_url, data_dir)
    with opened(settings) as engine, writing(engine) as connection:
        people.enable(connection, name, _by())
    tell(f"{canonical(name)} may sign in again.")


@users.command()
def password(
    name: Name, database_url: DatabaseUrl = None, data_dir: DataDir = None
) -> None:
    """Give somebody a new password; they are signed out everywhere.

    It is asked for, or read from the standard input.
    """
    settings = settings_of(database_url, data_dir)
    with opened(settings) as engine:
        with reading(engine) as connection:
            user = people.existing(connection, name)
        kept = _password(user.name)
        with writing(engine) as connection:
            set_password(connection, user.name, kept, _by())
    tell(f"{user.name} has a new password.")


def _by() -> By:
    return By(operator(), now, new_id)


def _password(name: str) -> str:
    """Return what is kept of the password that is typed or piped in.

    Never an argument: others on the machine see those, and shells remember them.
    """
    if sys.stdin.isatty():
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise SettingsError(
                "password: expected one on the standard input, got none"
            )
    return hashed(checked(given, name))


def _means(user: User) -> str:
    means = {"password": user.password, "provider": user.subject}
    return " and ".join(name for name, there in means.items() if there) or "nothing"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
