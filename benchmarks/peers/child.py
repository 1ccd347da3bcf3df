"""A child process: what it cost, and why it failed where it did."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parent.parent.parent

_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "RASA_TELEMETRY_ENABLED": "false",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Nothing is fetched from a hub, and nobody is told of the run."""


class Failed(Exception):  # noqa: N818 - the state is the name
    """A peer did not install or did not run; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a child process cost.

    Attributes:
        seconds: from start to end.
        cpu_seconds: of all cores; other work on the machine hardly moves it.
        others: share (0 to 1) of the machine that other work took meanwhile.
    """

    seconds: float
    cpu_seconds: float
    others: float


def run_child(
    command: Sequence[str], *, log: Path, limit: float, folder: Path | None = None
) -> Spent:
    """Run a command to its end; what it prints goes to `log`.

    Raises:
        Failed: it ended with an error or took longer than `limit` seconds.
    """
    began, busy, own = perf_counter(), _busy_seconds(), _child_seconds()
    with log.open("wb") as output:
        try:
            done = subprocess.run(  # noqa: S603 - a peer of the catalogue
                command,
                check=False,
                cwd=folder,
                env={**os.environ, **_QUIET, "PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=limit,
            )
        except subprocess.TimeoutExpired as error:
            raise Failed(f"took longer than {limit:.0f} s") from error
    if done.returncode:
        raise Failed(_reason(done.returncode, log))
    seconds, cpu_seconds = perf_counter() - began, _child_seconds() - own
    others = _busy_seconds() - busy - cpu_seconds
    most = seconds * (os.cpu_count() or 1)
    return Spent(seconds, cpu_seconds, min(max(others / most, 0.0), 1.0))


@contextmanager
def one_core() -> Iterator[None]:
    """Hold this process, and the children it starts meanwhile, to one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _reason(code: int, log: Path) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    told = [line.strip() for line in lines if line.strip()]
    errors = [line for line in told if line.startswith("ERROR:")]  # as pip tells it
    return (errors or told or [f"ended with {code} and said nothing"])[-1][:_LONGEST]


def _child_seconds() -> float:
    told = os.times()
    return told.children_user + told.children_system


def _busy_seconds() -> float:
    """Return the CPU seconds that all processes of the machine have taken."""
    line = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0]
    ticks = [int(word) for word in line.split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


_LONGEST = 300
