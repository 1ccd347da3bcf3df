"""The service as it runs: start, memory, throughput over real HTTP, store on disk."""

import json
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import numpy as np

from benchmarks.load import run_load

CONNECTIONS = 16
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Serving:
    """What was measured of one running service.

    Attributes:
        ready: seconds from start to a /readyz that says yes.
        resident: megabytes after the load.
        rate: replies a second with 16 connections.
        p50: seconds, one connection, one request at a time.
        p99: likewise.
        loaded_p50: seconds with 16 connections.
        loaded_p99: likewise.
    """

    ready: float
    resident: float
    rate: float
    p50: float
    p99: float
    loaded_p50: float
    loaded_p99: float


def measure_service(texts: Sequence[str]) -> Serving:
    """Start `replywise serve` with a fresh store, load it, stop it."""
    port = _free_port()
    command = Path(sys.executable).with_name("replywise")
    with tempfile.TemporaryDirectory() as folder:
        began = perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own command
            [command, "serve", "--port", str(port), "--data-dir", folder],
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until_ready(port)
            ready = perf_counter() - began
            run_load(port, texts[:300], CONNECTIONS, "warm")
            single = run_load(port, texts[:500], 1, "single")
            loaded = run_load(port, texts, CONNECTIONS, "loaded")
            resident = _resident(process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)
    return Serving(
        ready=ready,
        resident=resident,
        rate=loaded.rate,
        p50=float(np.percentile(single.latencies, 50)),
        p99=float(np.percentile(single.latencies, 99)),
        loaded_p50=float(np.percentile(loaded.latencies, 50)),
        loaded_p99=float(np.percentile(loaded.latencies, 99)),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(port: int) -> None:
    """Return once /readyz says yes; TimeoutError after a minute."""
    began = perf_counter()
    while perf_counter() - began < _PATIENCE:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/readyz", timeout=5
            ) as answer:
                if json.load(answer)["ready"]:
                    return
        except urllib.error.URLError:
            sleep(0.02)
    raise TimeoutError("the service did not become ready")


def _resident(pid: int) -> float:
    """Return resident memory in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(part for part in status.splitlines() if part.startswith("VmRSS"))
    return int(line.split()[1]) / 1000
