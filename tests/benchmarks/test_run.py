"""A peer that fails has a row with the reason; one that runs is scored."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.catalogue import Peer, catalogue, choose_peers
from benchmarks.peers.child import Failed, run_child
from benchmarks.peers.environments import find_python
from benchmarks.peers.run import Places, compare
from benchmarks.peers.table import markdown
from model.errors import InputError
from training.benchmark.sets import Files, PublicSet
from training.benchmark.splits import Split

SUBJECT = PublicSet(
    name="tiny",
    files=Files(Path("train.csv"), Path("test.csv"), None, None),
    digests={},
    train=Split(["one", "two"], ["a", "b"]),
    rows=2,
    left_out=0,
    test=Split(["three"], ["a"]),
    repeated=np.zeros(1, dtype=bool),
    validation=None,
    outside=(),
)


def places(folder: Path) -> Places:
    return Places(folder / "environments", folder / "results", limit=60)


def test_a_peer_without_its_python_says_so_in_its_row(tmp_path: Path) -> None:
    peer = replace(catalogue()["rasa"], pythons=("1.9",))

    (outcome,) = compare([SUBJECT], [peer], places(tmp_path), lambda _: None)

    assert outcome.cost is None
    assert "did not run: needs Python 1.9; none on PATH" in markdown([outcome])


def test_a_peer_that_breaks_says_why_in_its_row(tmp_path: Path) -> None:
    peer = Peer("broken", "Broken", "no_such_runner", "none")

    (outcome,) = compare([SUBJECT], [peer], places(tmp_path), lambda _: None)

    assert outcome.figures == ()
    assert "No module named benchmarks.peers.runners.no_such_runner" in str(
        outcome.problem
    )


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="took longer than 0 s"):
        run_child(["sleep", "60"], log=tmp_path / "log", limit=0.2)


def test_the_cost_of_a_child_is_its_own(tmp_path: Path) -> None:
    spent = run_child(["sleep", "0.2"], log=tmp_path / "log", limit=60)

    assert spent.seconds >= 0.2
    assert spent.cpu_seconds < 0.2
    assert 0 <= spent.others <= 1


def test_a_python_is_found_by_its_version() -> None:
    with pytest.raises(Failed, match=r"needs Python 1\.8 or 1\.9"):
        find_python(("1.8", "1.9"))


def test_an_unknown_peer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"no peer 'rase'.*semantic-router"):
        choose_peers(["rase"])
