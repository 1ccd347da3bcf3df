"""`replywise users`."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from model.errors import SettingsError
from serving.access.audit import entries
from serving.console.passwords import fits
from serving.console.users import User, by_name
from serving.console.users_commands import users
from serving.console.viewer import Role
from serving.store.database import reading

PHRASE = "a horse, a battery"
Run = Callable[..., Result]

app = typer.Typer()
app.add_typer(users, name="users")


@pytest.fixture
def run(url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs a command on the store of the test."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, typed: str = "") -> Result:
        whole = ["users", *arguments, "--database-url", url]
        return CliRunner().invoke(app, whole, input=typed)

    return run


def found(engine: sa.Engine, name: str) -> User:
    with reading(engine) as connection:
        user = by_name(connection, name)
    assert user is not None
    return user


def test_a_user_is_added_with_a_password_from_the_input(
    run: Run, engine: sa.Engine
) -> None:
    result = run("add", "Ann", "--role", "admin", typed=f"{PHRASE}\n")

    user = found(engine, "ann")
    assert result.exit_code == 0, result.output
    assert "ann may sign in at /console as admin" in result.stderr
    assert PHRASE not in result.output
    assert user.role is Role.ADMIN
    assert fits(PHRASE, user.password)
    with reading(engine) as connection:
        [entry] = entries(connection)
    assert entry.action == "user.added"
    assert entry.actor.startswith("operator")


def test_a_reviewer_is_what_one_is_at_first(run: Run, engine: sa.Engine) -> None:
    run("add", "bob", typed=PHRASE)

    assert found(engine, "bob").role is Role.QA


def test_a_password_is_no_argument_and_not_empty(run: Run) -> None:
    assert run("add", "ann", PHRASE, typed=PHRASE).exit_code == 2
    empty = run("add", "ann")
    short = run("add", "ann", typed="short\n")

    for result, problem in ((empty, "got none"), (short, "15 to 256")):
        assert isinstance(result.exception, SettingsError)
        assert problem in str(result.exception)


def test_everybody_is_listed_without_secrets(run: Run, engine: sa.Engine) -> None:
    run("add", "ann", "--role", "admin", typed=PHRASE)
    run("add", "bob", typed=PHRASE)
    run("disable", "bob")

    listed = run("list").stdout
    assert "ann" in listed
    assert "disabled" in listed
    assert str(found(engine, "ann").password)[:9] not in listed


def test_role_password_and_state_are_changed(run: Run, engine: sa.Engine) -> None:
    run("add", "bob", typed=PHRASE)

    assert run("role", "bob", "analyst").exit_code == 0
    assert run("password", "bob", typed="another horse altogether\n").exit_code == 0
    assert run("disable", "bob").exit_code == 0

    bob = found(engine, "bob")
    assert bob.role is Role.ANALYST
    assert fits("another horse altogether", bob.password)
    assert bob.disabled_at is not None
    assert run("enable", "bob").exit_code == 0
    assert found(engine, "bob").disabled_at is None


def test_the_only_admin_stays(run: Run) -> None:
    run("add", "ann", "--role", "admin", typed=PHRASE)

    result = run("disable", "ann")
    assert isinstance(result.exception, SettingsError)
    assert "only admin" in str(result.exception)
