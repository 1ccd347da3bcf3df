"""From a reviewed reply to a bundle that decides it right, as docs/loop.md walks it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
import typer
from playwright.sync_api import Browser, expect
from rich.console import Console
from typer.testing import CliRunner

from model.bundle import read_manifest
from model.shelf import Shelf
from serving.bundles.watcher import Watched
from serving.commands.labels import export_labels
from serving.live import load_live
from serving.routing.ruleset import load_rules
from serving.store.database import open_store
from tests.browser import listening, visit
from tests.serving.console.desk import console_app
from tests.training.gate.small_bundles import judged_on
from tests.training.word_bag import bag_replies, word_bag
from training.cli import train as train_command
from training.progress import Steps
from training.recipe import train
from training.release_cli import promote
from training.writing import rules_files, write_bundle

pytestmark = [
    pytest.mark.integration,
    # MLflow's own imports warn.
    pytest.mark.filterwarnings("default"),
]

ROOT = Path(__file__).parent.parent.parent
HELD_OUT = 12
"""Replies of each intent that the gate judges on."""
EACH = 60
WORDS = "want it today"
"""The words of refunds, of somebody who waits for an order."""
PATIENCE = 30
"""Seconds until a bundle is taken up, on a machine that is busy."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with labelled replies, a bundle of them, and a gate."""
    replies = bag_replies(EACH)
    numbers = replies["id"].str.split("-").str[1].astype(int)
    replies = replies[numbers >= HELD_OUT].reset_index(drop=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "gate").mkdir()
    replies.drop(columns=["file", "row"]).to_csv(
        tmp_path / "data" / "replies.csv", index=False
    )
    judged_on(tmp_path / "gate")
    rules = rules_files(ROOT / "data")
    steps = Steps(Console(quiet=True))
    cache = tmp_path / "cache"
    made = train(replies, None, word_bag(), load_rules(rules), cache, steps)
    at = datetime(2026, 11, 2, tzinfo=UTC)
    write_bundle(made, replies, rules=rules, out=tmp_path / "own", created_at=at)
    return tmp_path


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Serve the bundle of the folder, and what is promoted on its shelf."""
    own, data = folder / "own", folder / "replywise-data"
    watched = Watched(Shelf(data / "shelf"), own, every=0.1)
    with listening(
        console_app(load_live(own), store_of(folder), watched=watched)
    ) as at:
        yield at


def store_of(folder: Path) -> str:
    data = folder / "replywise-data"
    data.mkdir(exist_ok=True)
    return f"sqlite:///{data / 'replywise.db'}"


def replywise(*arguments: str) -> str:
    """Call the command, and return what it printed."""
    commands = typer.Typer()
    for command in (export_labels, train_command, promote):
        name = command.__name__.replace("_", "-")
        commands.command(name)(command)
    done = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def decided(address: str, message_id: str) -> dict[str, Any]:
    """Send the reply, and return what was decided."""
    message = {"message_id": message_id, "from": f"+1555010{message_id[-1]}"}
    body = {**message, "to": "+15550199", "text": WORDS}
    answer = httpx2.post(f"{address}/v1/route", json=body, timeout=PATIENCE)
    assert answer.status_code == httpx2.codes.OK, answer.text
    decision: dict[str, Any] = answer.json()
    return decision


def review(browser: Browser, address: str, engine: sa.Engine, message_id: str) -> None:
    """Open the decision in the console, and say what the person wanted."""
    with visit(browser, address, engine=engine, role="qa") as page:
        page.goto("/console/review")
        page.get_by_label("Open by number or id").fill(message_id)
        page.keyboard.press("Enter")
        expect(page.locator("#case")).to_contain_text(WORDS)
        page.keyboard.press("w")
        page.keyboard.type("order st")
        page.keyboard.press("Enter")
        expect(page.locator("#case")).to_contain_text("You found")


def wait_for(address: str, bundle_id: str) -> None:
    """Wait until the service says that a bundle decides."""
    deadline = monotonic() + PATIENCE
    while httpx2.get(f"{address}/readyz").json()["bundle"] != bundle_id:
        assert monotonic() < deadline, "the service did not take it up"
        sleep(0.1)


def test_what_was_reviewed_is_decided_right_in_five_steps(
    browser: Browser, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    engine = open_store(store_of(folder))
    with running(folder) as address:
        before = decided(address, "m-1")
        assert before["intent"] == "refund"

        review(browser, address, engine, "m-1")
        replywise("export-labels", "--out", "reviewed.csv")
        learned = ["train", "data/replies.csv", "reviewed.csv", "--out", "candidate"]
        replywise(*learned, "--encoder", "own", "--no-track")
        told = replywise(
            *("promote", "candidate", "--reason", "learned from reviews"),
            *("--reviewed", "reviewed.csv", "--gate", "gate/gate.yaml"),
            *("--champion", "own"),
        )
        promoted = read_manifest(folder / "candidate").bundle_id
        wait_for(address, promoted)
        after = decided(address, "m-2")

    engine.dispose()
    assert "is the champion now" in told
    assert after["intent"] == "order_status"
    assert (before["bundle"], after["bundle"]) == (
        read_manifest(folder / "own").bundle_id,
        promoted,
    )
