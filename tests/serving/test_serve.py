import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.service import wait_until_ready
from model.shelf import Shelf
from model.uses import CHAMPION
from tests.model.small_bundle import small_bundle
from tests.serving.command import COMMAND, complaint, replywise
from tests.serving.phone import rows

pytestmark = pytest.mark.integration


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def running(
    tiny_bundle: Path, tmp_path: Path, port: int
) -> Iterator[subprocess.Popen[str]]:
    data = tmp_path / "data"
    with subprocess.Popen(
        [
            *(COMMAND, "serve", "--port", str(port)),
            *("--bundle", tiny_bundle, "--data-dir", data),
        ],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "300"},
    ) as process:
        try:
            wait_until_ready(port)
            yield process
        finally:
            process.kill()


def ask(port: int, path: str, body: object = None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data, {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        content: bytes = answer.read()
    return content


def test_answers_over_http_and_stops_when_told(
    running: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    reply = {"message_id": "m1", "from": "+15550142", "to": "+15550199"}

    answer = ask(port, "/v1/route", {**reply, "text": "where is my order"})
    page = ask(port, "/")
    running.send_signal(signal.SIGTERM)
    _, said = running.communicate(timeout=30)

    decision = json.loads(answer)
    assert decision["intent"] == "order_status"
    assert page.startswith(b"<!doctype html>")
    assert running.returncode == 0
    assert f"http://127.0.0.1:{port}/docs" in said
    assert "curl" in said
    assert "Traceback" not in said
    for private in ("5550142", "where is my order"):
        assert private not in said
    store = tmp_path / "data" / "replywise.db"
    recorded = rows(store, "SELECT decision FROM decisions")
    assert recorded == [(answer.decode(),)]


def test_what_was_recorded_outlives_a_crash(
    running: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    reply = {"message_id": "m1", "from": "+15550142", "to": "+15550199"}

    answer = ask(port, "/v1/route", {**reply, "text": "STOP"})
    running.kill()
    running.communicate(timeout=30)

    store = tmp_path / "data" / "replywise.db"
    assert rows(store, "SELECT decision FROM decisions") == [(answer.decode(),)]
    assert rows(store, "SELECT consent FROM contacts") == [("opted_out",)]


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])

        done = replywise("serve", "--port", port, folder=tmp_path)

    assert complaint(done) == (
        f"127.0.0.1:{port}: Address already in use; choose another with --port"
    )
    assert not (tmp_path / "replywise-data").exists()


def test_a_data_directory_that_is_a_file_is_named(
    tiny_bundle: Path, tmp_path: Path, port: int
) -> None:
    # Root may write everywhere, so a file stands for a directory that is read-only.
    (tmp_path / "data").touch()

    done = replywise(
        *("serve", "--port", str(port), "--bundle", tiny_bundle, "--data-dir", "data"),
        folder=tmp_path,
    )

    assert complaint(done).startswith("data directory data: File exists; choose")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("hunter2", "--database-url: expected an SQLAlchemy URL"),
        ("sqlite:////nowhere/x.db", "store: unable to open database file"),
    ],
)
def test_a_store_that_cannot_be_had_is_named(
    tiny_bundle: Path, tmp_path: Path, port: int, url: str, said: str
) -> None:
    done = replywise(
        *("serve", "--port", str(port), "--bundle", tiny_bundle, "--database-url", url),
        folder=tmp_path,
    )

    line = complaint(done)
    assert line.startswith(said)
    assert "hunter2" not in line


def test_a_champion_that_cannot_be_used_is_named_with_the_way_back(
    tmp_path: Path, port: int
) -> None:
    small_bundle(tmp_path / "bundle", "no graph in it")
    shelf = Shelf(tmp_path / "shelf")
    shelf.promote(
        shelf.add(tmp_path / "bundle", {}),
        role=CHAMPION,
        actor="ann",
        reason="why not",
        at=datetime(2026, 11, 23, tzinfo=UTC),
    )

    done = replywise("serve", "--port", str(port), "--shelf", "shelf", folder=tmp_path)

    line = complaint(done)
    assert line.startswith("the champion cannot be used: shelf/bundles/")
    assert line.endswith("`replywise rollback`")


def test_the_champion_of_the_shelf_decides(
    tiny_bundle: Path, tmp_path: Path, port: int
) -> None:
    shelf = Shelf(tmp_path / "data" / "shelf")
    bundle_id = shelf.add(tiny_bundle, {})
    at = datetime(2026, 11, 23, tzinfo=UTC)
    shelf.promote(bundle_id, role=CHAMPION, actor="ann", reason="ours", at=at)
    with subprocess.Popen(
        [COMMAND, "serve", "--port", str(port), "--data-dir", tmp_path / "data"],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            wait_until_ready(port)
            told = json.loads(ask(port, "/readyz"))
        finally:
            process.terminate()
        _, said = process.communicate(timeout=30)

    assert told["bundle"] == bundle_id
    assert f"{bundle_id[:19]}, promoted 2026-11-23 00:00 UTC" in said


def test_a_missing_bundle_is_named(tmp_path: Path, port: int) -> None:
    done = replywise(
        *("serve", "--port", str(port), "--bundle", "nowhere"), folder=tmp_path
    )

    assert complaint(done).startswith("nowhere: ")
