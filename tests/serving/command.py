"""The `replywise` command, run as people run it."""

import os
import subprocess
import sys
from pathlib import Path

COMMAND = Path(sys.executable).with_name("replywise")


def replywise(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in `folder`, wide enough that no message is broken."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("REPLYWISE_")}
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**own, "COLUMNS": "300"},
        timeout=120,
    )


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line in which the command says what was wrong."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    [line] = [part for part in done.stderr.splitlines() if "Reading" not in part]
    assert line.startswith("Error: ")
    return line.removeprefix("Error: ")
