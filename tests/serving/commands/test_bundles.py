import getpass
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from model.errors import ReplywiseError, SettingsError, ShelfError
from model.shelf import Shelf
from model.uses import CHALLENGER, CHAMPION, Use, short
from serving.bundles.uses import record_use
from serving.commands.bundles import bundles, challenger, rollback
from serving.store.database import open_store, writing
from tests.model.small_bundle import small_bundle

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Run = Callable[..., Result]

app = typer.Typer()
for command in (bundles, challenger, rollback):
    app.command(command.__name__)(command)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs a command on the shelf and store of the test."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("REPLYWISE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [*map(str, arguments)])

    return run


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "data" / "shelf")


@pytest.fixture
def ids(shelf: Shelf, tmp_path: Path) -> list[str]:
    """Put two bundles on the shelf and promote one after the other."""
    ids = []
    for number in range(2):
        small_bundle(tmp_path / f"{number}", f"bundle {number}")
        ids.append(shelf.add(tmp_path / f"{number}", {"passed": not number}, at=NOON))
        shelf.promote(
            ids[-1],
            role=CHAMPION,
            actor="bob",
            reason=f"try {number}",
            at=NOON + number * HOUR,
        )
    return ids


def refused(result: Result) -> ReplywiseError:
    assert isinstance(result.exception, ReplywiseError), result.output
    return result.exception


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    body: dict[str, Any] = json.loads(result.stdout)
    return body


def test_an_empty_shelf_says_how_it_is_filled(run: Run, tmp_path: Path) -> None:
    result = run("bundles")

    assert result.exit_code == 0
    assert "replywise promote BUNDLE --reason WHY" in " ".join(result.stdout.split())
    assert not (tmp_path / "data").exists()


def test_the_shelf_and_its_history_are_shown(run: Run, ids: list[str]) -> None:
    lines = run("bundles").stdout.splitlines()

    def line(*words: str) -> bool:
        return any(all(word in line for word in words) for line in lines)

    assert line(short(ids[1]), "champion", "failed", "2026-11-23 12:00")
    assert line(short(ids[0]), "passed")
    assert line("champion", short(ids[0]), "2026-11-23 12:00", "bob", "try 0")
    assert line("champion", short(ids[1]), "2026-11-23 13:00", "bob", "try 1")


def test_programs_get_the_same(run: Run, ids: list[str], shelf: Shelf) -> None:
    body = told(run("bundles", "--json"))

    assert body["shelf"] == str(shelf.root)
    assert body["live"]["champion"]["bundle_id"] == ids[1]
    assert {b["bundle_id"]: b["passed"] for b in body["bundles"]} == {
        ids[0]: True,
        ids[1]: False,
    }
    assert [use["reason"] for use in body["history"]] == ["try 0", "try 1"]


def test_rolling_back_names_who_decides_now(
    run: Run, ids: list[str], shelf: Shelf
) -> None:
    once = run("rollback", "--reason", "it answers too much")
    champion = shelf.live()[CHAMPION]
    twice = run("rollback", "--reason", "so does this")

    assert once.stdout == f"the champion is {short(ids[0])} again\n"
    assert (champion.bundle_id, champion.actor) == (ids[0], "operator:ann")
    assert champion.reason == "it answers too much"
    assert twice.stdout == "the champion is (the service's own) again\n"
    assert "there is no champion" in str(refused(run("rollback", "--reason", "again")))


def test_rolling_back_needs_a_reason(run: Run, ids: list[str], shelf: Shelf) -> None:
    assert run("rollback").exit_code == 2
    assert "expected a reason" in str(refused(run("rollback", "--reason", " ")))
    assert shelf.live()[CHAMPION].bundle_id == ids[1]


def test_a_challenger_is_named_by_its_id_or_its_folder(
    run: Run, ids: list[str], shelf: Shelf, tmp_path: Path
) -> None:
    new = small_bundle(tmp_path / "new", "new")

    by_id = run("challenger", short(ids[0])[:8])
    first = shelf.live()[CHALLENGER].bundle_id
    by_folder = run("challenger", tmp_path / "new", "--reason", "fewer opt-outs missed")
    second = shelf.live()[CHALLENGER]
    run("challenger", tmp_path / "0")

    assert (by_id.exit_code, by_folder.exit_code) == (0, 0)
    assert (first, second.bundle_id) == (ids[0], new)
    assert second.reason == "fewer opt-outs missed"
    # Named by its folder a bundle of the shelf keeps what the gate found.
    assert shelf.find(ids[0]).passed


def test_nobody_decides_beside_the_champion_any_more(
    run: Run, ids: list[str], shelf: Shelf
) -> None:
    run("challenger", ids[0])
    done = run("challenger", "--none")

    assert done.stdout == "there is no challenger any more\n"
    assert CHALLENGER not in shelf.live()
    assert isinstance(refused(run("challenger", "--none")), ShelfError)


@pytest.mark.parametrize("arguments", [(), ("abc", "--none")])
def test_a_challenger_is_named_or_nobody(run: Run, arguments: tuple[str, ...]) -> None:
    error = refused(run("challenger", *arguments))

    assert isinstance(error, SettingsError)
    assert "expected a bundle, or --none" in str(error)


def test_who_was_live_at_a_moment_is_told_by_shelf_and_store(
    run: Run, ids: list[str], tmp_path: Path
) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'data' / 'replywise.db'}")
    with writing(engine) as connection:
        for number, bundle in enumerate(ids):
            since = NOON + number * HOUR + timedelta(seconds=2)
            use = Use(bundle, CHAMPION, since, "bob", f"try {number}")
            record_use(connection, use, f"{number}")
    engine.dispose()

    def at(moment: str) -> tuple[str, str]:
        body = told(run("bundles", "--json", "--at", moment))
        sources = (body["shelf"], body["services"])
        first, second = (s.get("champion", {}).get("bundle_id", "") for s in sources)
        return first, second

    assert at("2026-11-23T11:59") == ("", "")
    assert at("2026-11-23T12:30") == (ids[0], ids[0])
    # The shelf names it before the service has loaded it.
    assert at("2026-11-23T13:00:01") == (ids[1], ids[0])
    assert at("2026-11-24") == (ids[1], ids[1])
    shown = run("bundles", "--at", "2026-11-23T12:30").stdout
    assert "2026-11-23 12:30 UTC" in shown
    assert shown.count(short(ids[0])) == 2


def test_without_a_store_none_is_made_to_ask_it(
    run: Run, ids: list[str], tmp_path: Path
) -> None:
    body = told(run("bundles", "--json", "--at", "2026-11-24"))

    assert body["shelf"]["champion"]["bundle_id"] == ids[1]
    assert body["services"] == {}
    assert not (tmp_path / "data" / "replywise.db").exists()


def test_a_shelf_elsewhere_is_named(run: Run, ids: list[str], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"

    run("challenger", tmp_path / "0", "--shelf", elsewhere)

    assert Shelf(elsewhere).live()[CHALLENGER].bundle_id == ids[0]
