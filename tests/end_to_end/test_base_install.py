"""The base package alone, installed in an environment of its own, serves."""

import json
import os
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.install import install_base, weigh
from benchmarks.service import wait_until_ready

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_base(tmp_path_factory.mktemp("base"))


@pytest.fixture
def port(python: Path, tmp_path: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    command = [
        str(python.with_name("replywise")),
        "serve",
        "--port",
        str(number),
        "--data-dir",
        str(tmp_path),
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        wait_until_ready(number)
        yield number
        process.terminate()


def test_is_small(python: Path) -> None:
    installed = weigh(python)

    assert installed.distributions <= 55
    assert installed.megabytes <= 350


def test_decides_about_a_reply(port: int) -> None:
    body = {
        "message_id": "m1",
        "from": "+15550100",
        "to": "+15550199",
        "text": "hey wheres my stuff its been 2 weeks",
    }
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/route",
        json.dumps(body).encode(),
        {"content-type": "application/json"},
    )

    with urllib.request.urlopen(request, timeout=10) as answer:
        decision = json.load(answer)

    assert decision["intent"] == "order_status"
    assert decision["reasons"]


def test_says_which_extra_training_needs(python: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [python.with_name("replywise"), "train", "x.csv", "--out", tmp_path / "b"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )

    assert done.returncode == 2
    assert "replywise[train]" in done.stderr
    assert "Traceback" not in done.stderr
