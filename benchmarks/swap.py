"""`python -m benchmarks.swap`: bundles are swapped while replies come, then compared.

The real service, over HTTP. First each of two bundles decides every text alone. Then
replies come at a steady rate: calmly, while one bundle and the other are promoted and
rolled back, and with a challenger beside the champion. Every answer must be a 200, and
must be what the bundle that it names decides alone.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from benchmarks.child import Child
from benchmarks.paced import paced
from benchmarks.swap_ground import Ground, some_texts, without_answers
from benchmarks.swap_phase import Expected, Phase, judged, outcome
from model.bundle import DEFAULT
from model.shelf import Shelf
from model.uses import CHALLENGER

TEXTS = 2_500
"""More than a bundle remembers readings of: none is answered from memory."""

BOTH = 2
_PATIENCE = 120
_ALONE = 100.0
"""Requests a second while each bundle decides alone."""


def swap(
    texts: Sequence[str], rate: float, seconds: float, pause: float
) -> list[Phase]:
    """Run all phases and return what they measured.

    Args:
        texts: what people say.
        rate: requests a second.
        seconds: how long each phase is.
        pause: seconds from one swap to the next.
    """
    with tempfile.TemporaryDirectory(prefix="replywise-swap-") as folder:
        shelf = Shelf(Path(folder) / "shelf")
        ids = (shelf.add(DEFAULT, {}), shelf.add(without_answers(Path(folder)), {}))
        child = Child(Path(folder), ("--shelf", str(shelf.root)))
        child.start()
        try:
            child.wait_until_ready()
            ground = Ground(child, shelf, ids, texts)
            return asyncio.run(_phases(ground, rate, seconds, pause))
        finally:
            child.stop()


async def _phases(
    ground: Ground, rate: float, seconds: float, pause: float
) -> list[Phase]:
    default, cautious = ground.ids
    expected: Expected = {}
    for bundle_id in (cautious, default):
        ground.promote(bundle_id)
        await _until_decides(ground, bundle_id)
        expected |= await _alone(ground, bundle_id)

    async def phase(name: str) -> Phase:
        asked = await paced(
            ground.child.port, lambda n: ground.request(name, n), rate, seconds
        )
        return judged(name, ground.texts, expected, asked, rate)

    calm = await phase("calm")
    swapping = asyncio.create_task(_swaps(ground, seconds - 2 * pause, pause))
    swapped = await phase("swapping")
    swapped = replace(swapped, swaps=await swapping)
    await _until_decides(ground, default)
    ground.promote(cautious, CHALLENGER)
    await asyncio.sleep(3)
    beside = await phase("challenger")
    ground.withdraw()
    await asyncio.sleep(3)
    compared, left_out = _shadow(await asyncio.to_thread(ground.get, "/metrics"))
    return [calm, swapped, replace(beside, compared=compared, left_out=left_out)]


async def _alone(ground: Ground, bundle_id: str) -> Expected:
    """Return what one bundle decides about every text."""
    texts = len(ground.texts)
    asked = await paced(
        ground.child.port,
        lambda n: ground.request(bundle_id, n),
        _ALONE,
        texts / _ALONE,
    )
    bodies = [(one.number, json.loads(one.answer.body)) for one in asked if one.answer]
    return {(bundle_id, ground.texts[n]): outcome(body) for n, body in bodies}


async def _swaps(ground: Ground, seconds: float, pause: float) -> int:
    """Promote one bundle and roll it back again for a while; end with the default."""
    swaps = 0
    for _ in range(max(int(seconds / pause / 2), 1)):
        for change in (lambda: ground.promote(ground.ids[1]), ground.roll_back):
            await asyncio.sleep(pause)
            await asyncio.to_thread(change)
            swaps += 1
    return swaps


async def _until_decides(ground: Ground, bundle_id: str) -> None:
    for _ in range(_PATIENCE * 10):
        if bundle_id in await asyncio.to_thread(ground.get, "/readyz"):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{bundle_id} was not taken up")


def _shadow(metrics: str) -> tuple[int, int]:
    """Return how many replies the challenger decided, and how many it left out."""
    found: Counter[str] = Counter()
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            found[sample.name] += int(sample.value)
    names = ("replywise_shadow_decisions_total", "replywise_shadow_left_out_total")
    return found[names[0]], found[names[1]]


def told(phases: Sequence[Phase]) -> Iterator[str]:
    """Yield the lines that tell of a run."""
    for phase in phases:
        yield (
            f"{phase.name:<11}{phase.answers:>6} answers, {phase.rate:5.0f} a second; "
            f"p50 {phase.p50 * 1000:5.1f} ms, p99 {phase.p99 * 1000:6.1f} ms, "
            f"slowest {phase.worst * 1000:6.1f} ms; "
            f"{phase.failed} failed, {phase.mixed} mixed"
        )
        if phase.swaps:
            shares = ", ".join(f"{n} by {i[7:19]}" for i, n in phase.by_bundle.items())
            yield f"{'':<11}{phase.swaps} swaps; {shares}"
        if phase.compared or phase.left_out:
            yield f"{'':<11}{phase.compared} compared, {phase.left_out} left out"


def whole(phases: Sequence[Phase]) -> bool:
    """Return whether no answer failed or mixed, and both bundles decided."""
    both = any(len(phase.by_bundle) == BOTH for phase in phases)
    return both and not any(phase.failed or phase.mixed for phase in phases)


def main(arguments: Iterable[str] | None = None) -> int:
    """Run as asked; return 1 if a request failed or a decision was mixed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.swap")
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each phase")
    parser.add_argument("--pause", type=float, default=2.0, help="between two swaps")
    parser.add_argument("--texts", type=int, default=TEXTS, help="different ones")
    given = parser.parse_args(None if arguments is None else list(arguments))
    phases = swap(some_texts(given.texts), given.rate, given.seconds, given.pause)
    console = Console()
    for line in told(phases):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return 0 if whole(phases) else 1


if __name__ == "__main__":
    sys.exit(main())
