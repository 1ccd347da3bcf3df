"""Twilio's webhooks on the service as it runs: one worker, recorded on disk.

Latency is measured at a steady rate, whether or not the service keeps up: a message
that waits for its turn has waited since the moment at which it was due.
"""

import asyncio
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
from rich.console import Console

from benchmarks.child import Child
from benchmarks.load import Load
from benchmarks.process import measure_in_process
from benchmarks.service import CONNECTIONS
from benchmarks.twilio import message_sid, webhook
from benchmarks.wire import Wire
from model.bundle import DEFAULT
from serving.live import load_live
from training.dataset import read_replies

RATE = 100
"""Messages a second, a large brand's busy hour."""
SECONDS = 20
WARM = 300
HELD_OUT = Path(__file__).parent.parent / "data" / "replies_test.csv"


@dataclass(frozen=True, slots=True)
class Inbound:
    """What was measured.

    Attributes:
        steady_p50: seconds from when a message was due until its answer, at `RATE`.
        steady_p99: likewise.
        kept: messages answered a second meanwhile; less than `RATE` is a backlog.
        rate: messages a second with 16 connections that never pause.
        loaded_p50: seconds of one of those.
        loaded_p99: likewise.
        raw_rate: raw runs of the model a second, one thread, in the same run.
    """

    steady_p50: float
    steady_p99: float
    kept: float
    rate: float
    loaded_p50: float
    loaded_p99: float
    raw_rate: float

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """The rows of the table: measure, value, aim."""
        return [
            ("**Twilio's webhooks, one worker, recorded on disk**", "", ""),
            (
                f"latency at {RATE} messages a second, p50 / p99",
                _ms(self.steady_p50, self.steady_p99),
                "p99 under 100 ms",
            ),
            ("answered a second meanwhile", f"{self.kept:.0f}", f"{RATE}"),
            (f"messages a second, {CONNECTIONS} connections", f"{self.rate:.0f}", ""),
            (
                "ratio to the raw rate",
                f"{self.rate / self.raw_rate:.2f}",
                "at least 0.5",
            ),
            (
                f"latency with {CONNECTIONS} connections, p50 / p99",
                _ms(self.loaded_p50, self.loaded_p99),
                "",
            ),
        ]


def measure_inbound(texts: Sequence[str], raw_rate: float) -> Inbound:
    """Start the service with a store of its own, bring it messages, stop it.

    Args:
        texts: what people write; taken again from the start where they are too few.
        raw_rate: raw runs of the model a second, on these texts.
    """
    with tempfile.TemporaryDirectory(prefix="replywise-inbound-") as folder:
        child = Child(Path(folder))
        child.start()
        try:
            child.wait_until_ready()
            sent = Messages(texts)
            asyncio.run(flood(child.port, sent.take(WARM), CONNECTIONS))
            steady = asyncio.run(keep_rate(child.port, sent.take(RATE * SECONDS), RATE))
            loaded = asyncio.run(
                flood(child.port, sent.take(3 * len(texts)), CONNECTIONS)
            )
        finally:
            child.stop()
    steady_p50, steady_p99 = _percentiles(steady)
    loaded_p50, loaded_p99 = _percentiles(loaded)
    return Inbound(
        steady_p50=steady_p50,
        steady_p99=steady_p99,
        kept=steady.rate,
        rate=loaded.rate,
        loaded_p50=loaded_p50,
        loaded_p99=loaded_p99,
        raw_rate=raw_rate,
    )


@dataclass(slots=True)
class Messages:
    """Signed webhooks without end, each a new message of a new person."""

    texts: Sequence[str]
    _taken: int = field(default=0)

    def take(self, count: int) -> list[bytes]:
        """Return the next `count`; they are signed before anything is measured."""
        numbers = range(self._taken, self._taken + count)
        self._taken += count
        return [
            webhook(
                message_sid(str(number)),
                f"+1555{number:07d}",
                self.texts[number % len(self.texts)],
            )
            for number in numbers
        ]


async def keep_rate(port: int, requests: Sequence[bytes], rate: float) -> Load:
    """Send each request when it is due, whatever became of those before it.

    A request takes a connection that is free, or opens one: nothing of the client
    waits for the service but the request itself.
    """
    free: deque[Wire] = deque()
    latencies: list[float] = []
    began = perf_counter()

    async def send(request: bytes, due: float) -> None:
        # The one that has rested longest: the service closes those that rest for 5 s.
        wire = free.popleft() if free else await Wire.open(port)
        await _acknowledged(wire, request)
        latencies.append(perf_counter() - due)
        free.append(wire)

    async with asyncio.TaskGroup() as tasks:
        for number, request in enumerate(requests):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - perf_counter()))
            tasks.create_task(send(request, due))
    seconds = perf_counter() - began
    for wire in free:
        wire.close()
    return Load(seconds, tuple(latencies))


async def flood(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send the requests over so many connections, each without a pause."""
    latencies: list[float] = []

    async def send(part: Sequence[bytes]) -> None:
        wire = await Wire.open(port)
        for request in part:
            began = perf_counter()
            await _acknowledged(wire, request)
            latencies.append(perf_counter() - began)
        wire.close()

    began = perf_counter()
    await asyncio.gather(*(send(requests[i::connections]) for i in range(connections)))
    return Load(perf_counter() - began, tuple(latencies))


async def _acknowledged(wire: Wire, request: bytes) -> None:
    answer = await wire.ask(request)
    if answer.status != 200:  # noqa: PLR2004 - as HTTP numbers it
        raise RuntimeError(f"expected 200, got {answer.status}: {answer.body!r}")


def _percentiles(load: Load) -> tuple[float, float]:
    p50, p99 = np.percentile(load.latencies, [50, 99])
    return float(p50), float(p99)


def _ms(*seconds: float) -> str:
    return " / ".join(f"{1000 * s:.2f}" for s in seconds) + " ms"


def main() -> None:
    """Measure and print the table."""
    texts = read_replies([HELD_OUT])["text"].tolist()
    live = load_live(DEFAULT)
    measure_in_process(live, texts[:200])  # Warm: first runs allocate.
    raw_rate = measure_in_process(live, texts).raw_rate
    measured = measure_inbound(texts, raw_rate)
    table = "\n".join(f"| {a} | {b} | {c} |" for a, b, c in measured.rows)
    Console().print(
        f"| measure | value | aim |\n|---|---|---|\n{table}",
        markup=False,
        highlight=False,
    )


if __name__ == "__main__":
    main()
