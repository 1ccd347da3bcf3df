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
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from benchmarks.child import Child
from benchmarks.paced import Asked, paced
from model.bundle import DEFAULT, read_file, read_manifest
from model.manifest import digest, write_manifest
from model.shelf import Shelf
from model.uses import CHALLENGER, CHAMPION, BundleRole
from serving.routing.ruleset import THRESHOLDS
from training.dataset import read_replies

HELD_OUT = Path(__file__).parent.parent / "data" / "replies_test.csv"
NOON = "2026-11-23T17:00:00+00:00"
"""When all replies came: by night other words would go out."""

TEXTS = 2_500
"""More than a bundle remembers readings of: none is answered from memory."""

OK = 200
BOTH = 2
_NO_ANSWERS = b'{"intents": {}}'
_PATIENCE = 120
_ALONE = 100.0
"""Requests a second while each bundle decides alone."""

Expected = dict[tuple[str, str], tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase measured.

    Attributes:
        name: of the phase.
        answers: how many came.
        failed: how many were no 200.
        mixed: how many differ from what their bundle decides alone.
        rate: answers a second.
        p50: seconds from when a request was due, at the median.
        p99: likewise, for 99 in 100.
        worst: likewise, the slowest.
        by_bundle: answers of each bundle.
        swaps: promotions and roll backs meanwhile.
        compared: replies that the challenger decided as well.
        left_out: replies that it had no time for.
    """

    name: str
    answers: int
    failed: int
    mixed: int
    rate: float
    p50: float
    p99: float
    worst: float
    by_bundle: Counter[str]
    swaps: int = 0
    compared: int = 0
    left_out: int = 0


@dataclass(slots=True)
class Ground:
    """The service, its shelf, two bundles on it, and what is asked.

    Attributes:
        child: the service.
        shelf: what it follows.
        ids: of the default bundle, and of one that answers nothing by model.
        texts: what people say, in turn.
        people: numbers of people, each asked for once.
    """

    child: Child
    shelf: Shelf
    ids: tuple[str, str]
    texts: Sequence[str]
    people: Iterator[int] = field(default_factory=count)

    def promote(self, bundle_id: str, role: BundleRole = CHAMPION) -> None:
        """Give a bundle a role."""
        self.shelf.promote(
            bundle_id, role=role, actor="bench", reason="bench", at=datetime.now(UTC)
        )

    def roll_back(self) -> None:
        """Go back to the champion before."""
        self.shelf.rollback(actor="bench", reason="bench", at=datetime.now(UTC))

    def withdraw(self) -> None:
        """Let nobody decide beside the champion."""
        self.shelf.withdraw(actor="bench", reason="bench", at=datetime.now(UTC))

    def request(self, tag: str, number: int) -> bytes:
        """Return the request of that number, from somebody who never wrote."""
        body = json.dumps(
            {
                "message_id": f"{tag}-{number}",
                "from": f"+1555{next(self.people):07d}",
                "to": "+15550199",
                "text": self.texts[number % len(self.texts)],
                "received_at": NOON,
            }
        ).encode()
        return (
            b"POST /v1/route HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )


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


def some_texts(count: int) -> list[str]:
    """Return so many different texts: the held-out ones, then with a number behind."""
    told = read_replies([HELD_OUT])["text"].tolist()
    rounds = range(count // len(told) + 1)
    texts = [f"{text} {n}" if n else text for n in rounds for text in told]
    return list(dict.fromkeys(texts))[:count]


def without_answers(folder: Path) -> Path:
    """Write the default bundle with no threshold at all; return where."""
    manifest, out = read_manifest(DEFAULT), folder / "without-answers"
    out.mkdir()
    for name in manifest.files:
        data = read_file(DEFAULT, manifest, name) or b""
        (out / name).write_bytes(_NO_ANSWERS if name == THRESHOLDS else data)
    files = {**manifest.files, THRESHOLDS: digest(_NO_ANSWERS)}
    write_manifest(replace(manifest, files=files), out)
    return out


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
    compared, left_out = _shadow(await asyncio.to_thread(_told, ground, "/metrics"))
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
        if bundle_id in await asyncio.to_thread(_told, ground, "/readyz"):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{bundle_id} was not taken up")


def _told(ground: Ground, path: str) -> str:
    with urlopen(f"http://127.0.0.1:{ground.child.port}{path}", timeout=30) as answer:
        text: str = answer.read().decode()
    return text


def outcome(decision: dict[str, Any]) -> tuple[object, ...]:
    """Return what a bundle alone determines of a decision."""
    reply = decision["reply"] or {}
    return (
        *(decision[name] for name in ("intent", "confidence", "sentiment", "language")),
        *(decision[name] for name in ("decided_by", "action", "consent", "queue")),
        *(reply.get(name) for name in ("template", "text")),
        json.dumps([decision["alternatives"], decision["reasons"], decision["also"]]),
    )


def judged(
    name: str,
    texts: Sequence[str],
    expected: Expected,
    asked: Sequence[Asked],
    rate: float,
) -> Phase:
    """Hold the answers of a phase against what each bundle decides alone.

    Args:
        name: of the phase.
        texts: what was said, in turn.
        expected: what each bundle decides about each text.
        asked: the requests.
        rate: how many were due in a second.
    """
    came = [
        (one, one.answer) for one in asked if one.answer and one.answer.status == OK
    ]
    mixed, by_bundle = 0, Counter[str]()
    for one, answer in came:
        body = json.loads(answer.body)
        by_bundle[body["bundle"]] += 1
        text = texts[one.number % len(texts)]
        mixed += expected.get((body["bundle"], text)) != outcome(body)
    took = [one.seconds for one in asked]
    return Phase(
        name=name,
        answers=len(asked),
        failed=len(asked) - len(came),
        mixed=mixed,
        rate=len(asked) / max(one.number / rate + one.seconds for one in asked),
        p50=float(np.percentile(took, 50)),
        p99=float(np.percentile(took, 99)),
        worst=max(took),
        by_bundle=by_bundle,
    )


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
