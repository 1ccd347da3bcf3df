"""`python -m benchmarks.crash`: kill the service while messages come, then look.

Senders bring Twilio's webhooks at the same time and try each again until it is
acknowledged, as Twilio is asked to. The service is ended by SIGKILL at random moments,
sometimes again while it starts. Afterwards the store is held against what was sent.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, sleep

from rich.console import Console

from benchmarks.child import Child
from benchmarks.crash_audit import Audit, audit, undecided
from benchmarks.crash_plan import Sent, kill_at, plan, planned
from benchmarks.twilio import webhook
from benchmarks.wire import Answer, Wire
from serving.store.database import engine_of, reading
from tests.databases import KINDS, database

PATIENCE = 15.0
"""Seconds until a sender gives an answer up, as Twilio does."""
PAUSE = 0.1
"""Seconds before it tries again."""
LAST_MOMENT = 0.2
"""Seconds after the chosen delivery within which the kill falls."""
AGAIN = 0.2
"""Share of starts that are killed too."""
STARTING = 2.0
"""Seconds within which that kill falls."""
DECIDED_WITHIN = 300.0
"""Seconds after the last acknowledgement; a lease and a sweep take 35."""
SHOWN = 5

_ACKNOWLEDGED = range(200, 300)
_LATER = range(500, 600)


@dataclass(slots=True)
class Figures:
    """What happened on the way.

    Attributes:
        heard: how many acknowledgements of each sid held words.
        deliveries: attempts of what was to be delivered, first ones.
        retries: attempts after the first.
        refusals: answers that asked for another try.
        kills: how often the service was killed.
        seconds: from the first delivery until all was decided.
    """

    heard: "Counter[str]" = field(default_factory=Counter)
    deliveries: int = 0
    retries: int = 0
    refusals: int = 0
    kills: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Run:
    """One run: the service, what is sent to it, and what happened."""

    child: Child
    kills: Iterator[int]
    chance: random.Random
    figures: Figures = field(default_factory=Figures)

    async def go(self, groups: Sequence[tuple[Sent, ...]], senders: int) -> None:
        """Deliver everything, and kill meanwhile."""
        waiting = iter(groups)
        async with asyncio.TaskGroup() as tasks:
            killer = tasks.create_task(self._kill())
            sending = [tasks.create_task(self._send(waiting)) for _ in range(senders)]
            await asyncio.wait(sending)
            killer.cancel()
        if not self.child.alive:
            await self._start()

    async def _send(self, groups: Iterator[tuple[Sent, ...]]) -> None:
        """Deliver one group after the other; all senders share them."""
        for group in groups:
            async with asyncio.TaskGroup() as tasks:
                for sent in group:
                    tasks.create_task(self._deliver(sent))

    async def _deliver(self, sent: Sent) -> None:
        """Bring one message until it is acknowledged."""
        self.figures.deliveries += 1
        request = webhook(sent.sid, sent.number, sent.text)
        while not await self._acknowledged(sent, request):
            self.figures.retries += 1
            request = webhook(sent.sid, sent.number, sent.text, again=True)
            await asyncio.sleep(PAUSE * self.chance.uniform(0.5, 1.5))

    async def _acknowledged(self, sent: Sent, request: bytes) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await _asked(self.child.port, request)
        except (OSError, EOFError, TimeoutError):
            return False
        if answer.status in _LATER:
            self.figures.refusals += 1
            return False
        if answer.status not in _ACKNOWLEDGED:
            raise RuntimeError(f"{sent.sid} was refused: {answer.status}")
        self.figures.heard[sent.sid] += answer.body.count(b"<Message>")
        return True

    async def _kill(self) -> None:
        """Kill at the chosen deliveries, and start again."""
        for moment in self.kills:
            while self.figures.deliveries < moment:  # noqa: ASYNC110 - a count, no event
                await asyncio.sleep(0.005)
            await asyncio.sleep(self.chance.uniform(0, LAST_MOMENT))
            self._end()
            await self._start()

    async def _start(self) -> None:
        self.child.start()
        while self.chance.random() < AGAIN and next(self.kills, None) is not None:
            await asyncio.sleep(self.chance.uniform(0, STARTING))
            self._end()
            self.child.start()
        await asyncio.to_thread(self.child.wait_until_ready)

    def _end(self) -> None:
        self.child.kill()
        self.figures.kills += 1


def crash(
    kind: str, messages: int, senders: int, kills: int, seed: int, options: list[str]
) -> tuple[Figures, Audit]:
    """Run once on a database of that kind, and return what happened and was found."""
    groups = plan(messages, seed)
    deliveries = sum(map(len, groups))
    with (
        tempfile.TemporaryDirectory(prefix="replywise-crash-") as named,
        database(kind, Path(named)) as url,
    ):
        child = Child(Path(named), (*options, "--database-url", url))
        moments = iter(kill_at(deliveries, kills, seed))
        run = Run(child, moments, random.Random(seed))  # noqa: S311 - no secret
        began = perf_counter()
        try:
            child.start()
            child.wait_until_ready()
            asyncio.run(run.go(groups, senders))
            _wait_until_decided(url)
        finally:
            child.stop()
        run.figures.seconds = perf_counter() - began
        engine = engine_of(url)
        with reading(engine) as connection:
            found = audit(connection, planned(groups), run.figures.heard)
        engine.dispose()
    return run.figures, found


async def _asked(port: int, request: bytes) -> Answer:
    # A connection each, as Twilio's many machines have; a kill breaks it anyway.
    wire = await Wire.open(port)
    try:
        return await wire.ask(request)
    finally:
        wire.close()


def _wait_until_decided(url: str) -> None:
    engine, began = engine_of(url), perf_counter()
    while perf_counter() - began < DECIDED_WITHIN:
        with reading(engine) as connection:
            if not undecided(connection):
                break
        sleep(1)
    engine.dispose()


def told(kind: str, messages: int, figures: Figures, found: Audit) -> Iterator[str]:
    """Yield the lines that tell of one run."""
    yield f"{kind}: {messages} messages, {figures.deliveries} deliveries"
    yield (
        f"  {figures.kills} kills, {figures.retries} retries, "
        f"{figures.refusals} answers that asked for one, {figures.seconds:.0f} s"
    )
    yield (
        f"  {found.opt_outs} opt-outs, {found.answers} answers; "
        f"{found.unheard} more were cut off by a kill and reached nobody"
    )
    for claim in found.claims:
        broken = len(claim.broken_by)
        shown = ", ".join(claim.broken_by[:SHOWN])
        yield f"  {claim.says}: {f'NO, {broken}: {shown}' if broken else 'yes'}"


def main(arguments: Iterable[str] | None = None) -> int:
    """Run as asked; return 1 if anything does not hold."""
    given = _arguments(arguments)
    console = Console()
    kinds = KINDS if given.database == "both" else (given.database,)
    options = ["--bundle", str(given.bundle)] if given.bundle else []
    kills = given.messages // 100 if given.kills is None else given.kills
    whole = True
    for kind in kinds:
        figures, found = crash(
            kind, given.messages, given.senders, kills, given.seed, options
        )
        for line in told(kind, given.messages, figures, found):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        whole &= found.whole
    return 0 if whole else 1


def _arguments(arguments: Iterable[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    parser.add_argument(
        "--kills", type=int, help="how many; one a hundred messages if left out"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bundle", type=Path, help="a folder; the default if left out")
    return parser.parse_args(None if arguments is None else list(arguments))


if __name__ == "__main__":
    sys.exit(main())
