"""What `replywise promote` leaves behind, whether the bundle passes or not."""

import json
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from model.bundle import read_manifest
from model.errors import BundleMissing, InputError, ShelfError
from model.shelf import Shelf
from model.uses import CHAMPION
from tests.training.released import NOON, Released
from training import release_cli
from training.gate.run import GateRequest
from training.gate_commands import Clocks, Wanted, run_promote

pytestmark = [
    pytest.mark.integration,
    # MLflow's own imports warn.
    pytest.mark.filterwarnings("default"),
]


def id_of(folder: Path) -> str:
    return read_manifest(folder).bundle_id


def test_a_bundle_that_passes_decides(released: Released) -> None:
    first, last = released.steps[0], released.steps[-1]

    assert (first.code, last.code) == (0, 0)
    assert first.live == {"champion": id_of(released.folder / "good")}
    assert last.live["champion"] == id_of(released.folder / "other")
    assert "is the champion now" in last.told


def test_one_that_fails_is_named_line_by_line_and_does_not(released: Released) -> None:
    refused = released.steps[1]

    assert refused.code == 1
    assert refused.live == released.steps[0].live
    assert (
        "failed  accuracy of intents, intent refund: right in 0 of 12, the champion in "
        "12 of 12; 12 lost, 0 won"
    ) in refused.told
    assert "is not promoted; it lies on the shelf as a candidate" in refused.told


def test_by_force_it_does_and_that_is_recorded(released: Released) -> None:
    forced, broken = released.steps[2], id_of(released.folder / "broken")

    assert forced.code == 0
    assert forced.live["challenger"] == broken
    use = next(u for u in released.shelf.history() if u.bundle_id == broken)
    assert (use.actor, use.reason) == ("ada", "forced: to see")
    report = released.shelf.find(broken).report
    assert (report["passed"], report["forced"]) == (False, True)
    assert (report["outcome"], report["reason"]) == ("forced", "to see")


def test_reports_lie_beside_the_bundles_and_where_they_were_asked_for(
    released: Released,
) -> None:
    last = released.shelf.live()[CHAMPION].bundle_id

    kept = released.shelf.find(last)

    asked = json.loads((released.folder / "gate.json").read_text(encoding="utf-8"))
    assert kept.passed
    assert kept.report == asked
    assert asked["at"] == "2026-11-23T17:00:00+00:00"


def test_the_champion_is_refused_before_any_work(
    released: Released, tmp_path: Path
) -> None:
    with pytest.raises(ShelfError, match="is the champion already"):
        run_promote(
            GateRequest(released.folder / "other", tmp_path, None),
            Wanted("champion", "ada", "again", force=False),
            *(released.shelf, Clocks(lambda: NOON, lambda: 0.0)),
            tracking=tmp_path,
            json=None,
            console=Console(quiet=True),
        )

    assert list(tmp_path.iterdir()) == []


def called(*arguments: str | Path) -> tuple[int, str]:
    app = typer.Typer()
    for command in (release_cli.gate, release_cli.promote, release_cli.registry):
        app.command()(command)
    done = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=True)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_the_gate_judges_and_changes_nothing(
    released: Released, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLYWISE_SHELF", str(released.shelf.root))
    before = released.shelf.history()
    gate = released.folder / "gate.yaml"
    report = tmp_path / "gate.json"

    code, told = called(
        *("gate", released.folder / "broken", "--gate", gate, "--json", report)
    )

    assert code == 1
    assert "fails on 3 of 21 lines" in told
    body = json.loads(report.read_text(encoding="utf-8"))
    assert body["champion"] == released.shelf.live()[CHAMPION].bundle_id
    assert body["passed"] is False
    assert released.shelf.history() == before


def test_the_registry_lists_what_was_judged(
    released: Released, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(released.folder)

    code, told = called("registry")

    assert code == 0
    assert [told.count(word) for word in ("passed", "forced", "champion")] == [2, 1, 1]


def test_a_bundle_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing):
        called("promote", tmp_path / "gone", "--reason", "x", "--shelf", tmp_path)


def test_a_reason_must_be_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--reason: expected words"):
        called("promote", tmp_path, "--reason", " ", "--shelf", tmp_path)

    assert Shelf(tmp_path).history() == []
