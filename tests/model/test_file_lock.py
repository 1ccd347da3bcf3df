import subprocess
import sys
from pathlib import Path

import pytest

from model.file_lock import locked

HOLD = """
import sys
from pathlib import Path
from model.file_lock import locked
with locked(Path(sys.argv[1]), 1):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    with (
        locked(path, 1),
        pytest.raises(TimeoutError, match="locked by another"),
        locked(path, 0.05),
    ):
        pass


def test_is_free_again_after_the_block(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    for _ in range(2):
        with locked(path, 0):
            pass


def test_is_free_once_its_holder_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(TimeoutError), locked(path, 0):
            pass
        holder.kill()
        holder.wait()

        with locked(path, 0):
            pass


def test_waits_for_a_holder_who_ends_in_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout
        assert holder.stdin
        holder.stdout.readline()
        holder.stdin.close()

        with locked(path, 10):
            assert True
