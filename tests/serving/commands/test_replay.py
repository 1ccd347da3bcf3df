import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from model.errors import ReplywiseError
from serving.commands.replay import replay
from tests.serving.command import COMMAND, complaint, replywise
from tests.serving.replay.conftest import candidate, logged, sqlite, then
from tests.serving.replay.logbook import many

__all__ = ["candidate", "logged", "sqlite", "then"]


@pytest.fixture
def asked(logged: sa.Engine, candidate: Path) -> list[str]:
    """Return the command line that replays the store with the candidate."""
    url = logged.url.render_as_string(hide_password=False)
    return [
        *("replay", "--bundle", str(candidate), "--database-url", url),
        *("--since", "2026-11-01", "--until", "2027-11-01"),
    ]


def test_tells_what_flips_and_where_it_is_written(
    asked: list[str], tmp_path: Path
) -> None:
    done = replywise(*asked, "--json", "counts.json", folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "3 of 4 decisions flip" in done.stderr
    assert (tmp_path / "replay.html").exists()
    assert json.loads((tmp_path / "counts.json").read_bytes())["flips"] == 3


def test_fails_a_build_that_allows_fewer_flips(
    asked: list[str], tmp_path: Path
) -> None:
    strict = replywise(*asked, "--fail-on", "action:1", folder=tmp_path)
    lenient = replywise(
        *asked, "--fail-on", "action:2", "--fail-on", "opt_out", folder=tmp_path
    )

    assert strict.returncode == 1
    assert "more decisions flip than --fail-on allows: action" in strict.stderr.lower()
    assert lenient.returncode == 0, lenient.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"since": "a while"}, "--since: expected 12h, 30d, 4w or a date"),
        ({"since": "2027-12-01"}, "--since: expected a moment before 2027-11-01"),
        ({"fail_on": ["moods"]}, "--fail-on: expected KIND or KIND:N"),
        ({"fail_on": ["action:-1"]}, "--fail-on: expected KIND or KIND:N"),
        ({"out": Path("nowhere/replay.html")}, "there is no folder nowhere"),
        ({"bundle": Path("nowhere")}, "expected a bundle"),
    ],
)
def test_a_mistake_says_what_was_expected(
    logged: sa.Engine, candidate: Path, options: dict[str, Any], told: str
) -> None:
    url = logged.url.render_as_string(hide_password=False)
    asked = {"bundle": candidate, "database_url": url, "until": "2027-11-01"}

    with pytest.raises(ReplywiseError, match=re.escape(told)):
        replay(**{**asked, **options})


def test_a_mistake_is_told_in_one_line(asked: list[str], tmp_path: Path) -> None:
    problem = complaint(replywise(*asked, "--out", "no/a.html", folder=tmp_path))

    assert problem == "no/a.html: there is no folder no; make it first"


def test_killed_with_its_processes_it_goes_on_and_ends_the_same(
    asked: list[str],
    logged: sa.Engine,
    candidate: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    many(logged, 750)
    progress = Path("replay.html.progress")
    environment = {k: v for k, v in os.environ.items() if k[:10] != "REPLYWISE_"}
    with subprocess.Popen(
        [COMMAND, *asked, "--processes", "2"], env=environment, stderr=subprocess.PIPE
    ) as process:
        while not progress.exists() or progress.read_bytes().count(b"\n") < 2:
            assert process.poll() is None, "it was over before it was killed"
            time.sleep(0.005)
        process.kill()
        # The children hold the other end too: it closes when they are gone.
        process.communicate(timeout=60)
    before = progress.read_bytes().count(b"\n")

    url = logged.url.render_as_string(hide_password=False)
    again: dict[str, Any] = {
        "bundle": candidate,
        "database_url": url,
        "since": "2026-11-01",
        "until": "2027-11-01",
        "processes": 1,
    }
    replay(**again, json=Path("resumed.json"))
    replay(**again, out=Path("whole.html"), json=Path("whole.json"))

    assert before < 5
    whole = Path("whole.json").read_bytes()
    assert Path("resumed.json").read_bytes() == whole
    assert json.loads(whole)["replayed"] == 3004
