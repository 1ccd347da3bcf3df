import getpass
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from model.errors import SettingsError
from serving.access import commands
from serving.access.api_key import ApiKey
from serving.access.keys import all_keys
from serving.access.scope import Scope
from serving.access.secret import Token
from serving.store.database import reading

Run = Callable[..., Result]

app = typer.Typer()
app.add_typer(commands.keys, name="keys")
app.command("audit")(commands.audit)


@pytest.fixture
def run(url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs a command on the store of the test."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--database-url", url])

    return run


def created(run: Run, *arguments: str) -> Token:
    result = run("keys", "create", "app", "--scope", "route", *arguments)
    assert result.exit_code == 0, result.output
    token = Token.read(result.stdout.strip())
    assert token
    return token


def only_key(engine: sa.Engine) -> ApiKey:
    with reading(engine) as connection:
        [key] = all_keys(connection)
    return key


def test_a_key_is_made_and_shown_once(run: Run, engine: sa.Engine) -> None:
    result = run(
        *("keys", "create", "Billing of acme", "--scope", "route"),
        *("--scope", "ledger", "--program", "acme", "--program", "other"),
        *("--per-minute", "60", "--expires-days", "30"),
    )

    key = only_key(engine)
    token = Token.read(result.stdout.strip())
    assert token
    assert key.opens_with(token.secret, datetime.now(UTC))
    assert key.name == "Billing of acme"
    assert key.scopes == {Scope.ROUTE, Scope.LEDGER}
    assert key.programs == {"acme", "other"}
    assert key.per_minute == 60
    assert key.expires_at == key.created_at + timedelta(days=30)
    assert "only time that it is shown" in result.stderr
    assert token.secret not in result.stderr
    assert token.secret not in run("keys", "list").output
    assert token.secret not in run("audit").output


def test_what_is_shown_names_the_store_without_its_password(
    run: Run, engine: sa.Engine
) -> None:
    result = run("keys", "create", "app", "--scope", "route")

    assert engine.url.render_as_string(hide_password=True) in result.stderr


def test_nothing_is_logged(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        token = created(run)

    assert token.secret not in caplog.text


def test_keys_are_listed_with_their_state(run: Run) -> None:
    live, gone = created(run), created(run)
    ending = created(run, "--expires-days", "3", "--program", "acme")
    run("keys", "revoke", gone.key_id)

    listed = run("keys", "list").stdout

    lines = {
        token.key_id: next(x for x in listed.splitlines() if token.key_id in x)
        for token in (live, gone, ending)
    }
    assert "live" in lines[live.key_id]
    assert "all" in lines[live.key_id]
    assert "never" in lines[live.key_id]
    assert "revoked 2" in lines[gone.key_id]
    assert "until 2" in lines[ending.key_id]
    assert "acme" in lines[ending.key_id]


def test_a_key_is_rotated(run: Run, engine: sa.Engine) -> None:
    old = created(run)
    result = run("keys", "rotate", old.key_id, "--overlap-hours", "2")

    key = only_key(engine)
    new = Token.read(result.stdout.strip())
    moment = datetime.now(UTC)
    assert new
    assert key.opens_with(new.secret, moment)
    assert key.opens_with(old.secret, moment + timedelta(minutes=119))
    assert not key.opens_with(old.secret, moment + timedelta(minutes=121))
    assert "for 2 h more" in result.stderr


def test_a_key_is_revoked(run: Run, engine: sa.Engine) -> None:
    token = created(run)
    result = run("keys", "revoke", token.key_id)

    assert only_key(engine).revoked_at
    assert result.stdout == ""
    assert f"Key {token.key_id} is revoked; within 3 s" in result.stderr


def test_an_unknown_key_is_complained_about(run: Run) -> None:
    result = run("keys", "revoke", "nobody")

    assert isinstance(result.exception, SettingsError)


@pytest.mark.parametrize(
    "arguments",
    [
        ("keys", "create", "app"),
        ("keys", "create", "app", "--scope", "everything"),
        ("keys", "create", "app", "--scope", "route", "--per-minute", "0"),
        ("keys", "rotate", "0123456789ab", "--overlap-hours", "721"),
    ],
)
def test_what_cannot_be_meant_ends_in_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_the_audit_is_a_json_object_a_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")
    token = created(run)
    run("keys", "revoke", token.key_id)

    told = [json.loads(line) for line in run("audit").stdout.splitlines()]

    assert [entry["action"] for entry in told] == ["key.created", "key.revoked"]
    assert {entry["actor"] for entry in told} == {"operator:ann"}
    assert {entry["details"]["key_id"] for entry in told} == {token.key_id}
    assert re.fullmatch(r"\d{4}-.*\+00:00", told[0]["at"])
    only = run("audit", "--action", "key.revoked", "--since", "2020-01-01")
    assert len(only.stdout.splitlines()) == 1
    assert run("audit", "--since", "2999-01-01").stdout == ""
    assert len(run("audit", "--most", "1").stdout.splitlines()) == 1


def test_an_operator_without_a_name_is_an_operator(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    created(run)

    assert json.loads(run("audit").stdout)["actor"] == "operator"


def test_the_store_is_found_as_the_service_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLYWISE_DATABASE_URL", raising=False)
    monkeypatch.setenv("REPLYWISE_DATA_DIR", str(tmp_path / "by_environment"))
    arguments = ["keys", "create", "app", "--scope", "route"]

    CliRunner().invoke(app, arguments)
    CliRunner().invoke(app, [*arguments, "--data-dir", str(tmp_path / "by_option")])

    for folder in ("by_environment", "by_option"):
        assert (tmp_path / folder / "replywise.db").exists()
