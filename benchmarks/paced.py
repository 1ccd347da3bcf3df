"""A load that keeps its pace: requests are due by the clock, not by the answers."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from benchmarks.wire import Answer, Wire

CONNECTIONS = 32
"""More than are ever busy at once, unless the service stands still."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and what came of it.

    Attributes:
        number: which request.
        answer: None where the connection broke.
        seconds: from when it was due to its answer, waiting for a connection included.
    """

    number: int
    answer: Answer | None
    seconds: float


async def paced(
    port: int, request: Callable[[int], bytes], rate: float, seconds: float
) -> list[Asked]:
    """Send `rate` requests a second for `seconds`, to this machine.

    Args:
        port: where.
        request: makes the request of that number.
        rate: requests a second; fewer are sent where all connections are busy.
        seconds: for how long.
    """
    asked: list[Asked] = []
    numbers = iter(range(round(rate * seconds)))
    began = perf_counter()

    async def send() -> None:
        wire = await Wire.open(port)
        for number, due in _due(numbers, began, rate):
            await asyncio.sleep(max(due - perf_counter(), 0))
            answer: Answer | None = None
            try:
                answer = await wire.ask(request(number))
            except (OSError, EOFError):
                wire = await Wire.open(port)
            asked.append(Asked(number, answer, perf_counter() - due))
        wire.close()

    await asyncio.gather(*(send() for _ in range(CONNECTIONS)))
    return asked


def _due(
    numbers: Iterator[int], began: float, rate: float
) -> Iterator[tuple[int, float]]:
    for number in numbers:
        yield number, began + number / rate
