"""`replywise serve` in a child process that can be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, sleep
from urllib.request import urlopen

from benchmarks.twilio import ENVIRONMENT, write_programs

_PATIENCE = 120.0


def _free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Child:
    """The service, its store and its log in one folder.

    Attributes:
        folder: where programs, log and, with SQLite, the store lie.
        options: of `replywise serve`, beside port, programs and data directory.
        port: where it listens, the same after every start.
    """

    folder: Path
    options: Sequence[str] = ()
    port: int = field(default_factory=_free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        """What the service said, over all its lives."""
        return self.folder / "log"

    @property
    def alive(self) -> bool:
        """Whether it was started and runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; it is not ready yet."""
        command = Path(sys.executable).with_name("replywise")
        given = ("--port", str(self.port), "--data-dir", str(self.folder / "store"))
        programs = ("--programs", str(write_programs(self.folder / "programs")))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [command, "serve", *given, *programs, *self.options],
                env={**os.environ, **ENVIRONMENT},
                stderr=log,
            )

    def wait_until_ready(self) -> None:
        """Return once /readyz says yes.

        It listens before it is ready: who calls early waits, and is no failure.

        Raises:
            RuntimeError: it ended by itself.
            TimeoutError: it was not ready after two minutes.
        """
        began = perf_counter()
        while perf_counter() - began < _PATIENCE:
            if not self.alive:
                raise self._ended()
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    return
            except OSError:  # Refused, broken off, or an answer of 503.
                sleep(0.02)
        raise TimeoutError("the service did not become ready")

    def kill(self) -> None:
        """End it between two instructions: SIGKILL.

        Raises:
            RuntimeError: it had ended by itself.
        """
        process = self._running()
        process.send_signal(signal.SIGKILL)
        process.wait()
        if process.returncode != -signal.SIGKILL:
            raise self._ended()

    def stop(self) -> None:
        """End it in its own time."""
        if self.alive:
            process = self._running()
            process.terminate()
            process.wait(timeout=60)

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise RuntimeError("the service was not started")
        return self._process

    def _ended(self) -> RuntimeError:
        told = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
        return RuntimeError(f"the service ended by itself: {told}")
