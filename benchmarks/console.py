"""`python -m benchmarks.console`: how fast the console's pages are on a large store.

A store is filled with a month of made-up traffic, counted, drawn from and reviewed;
then `replywise serve` shows each page again and again to an admin, one at a time, and
answers a request that does nothing in between: what the machine does otherwise slows
both. Exit code 1 where a page is slower than it may be.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from rich.console import Console

from benchmarks.child import Child
from benchmarks.console_fill import fill, settled
from benchmarks.console_pool import Pool, read_pool
from benchmarks.console_reviews import review
from benchmarks.wire import Wire
from model.bundle import DEFAULT
from model.files import read_rows
from serving.console.by import By
from serving.console.console_pages import PAGES
from serving.console.forgery import form_token
from serving.console.sessions import begin, new_token
from serving.console.users import add
from serving.console.viewer import Role
from serving.figures.counter import count_up
from serving.ids import new_id, now
from serving.live import load_live
from serving.programs.deployment import DEFAULT as PROGRAMS
from serving.store.database import open_store, writing
from tests.databases import KINDS, database

HELD_OUT = Path(__file__).parent.parent / "data" / "replies_test.csv"

MEDIAN_MS = 300.0
P99_MS = 1_000.0
"""What a page may take."""
ROUNDS = 100
WARM = 3
REFERENCE = "/healthz"
COOKIE = "replywise-session"
NUMBER = "+12000000123"
"""One of the people who write."""

_OVERVIEW = ("?period=24h", "?period=30d", "?program=fernhill_visits")


@dataclass(slots=True)
class Asked:
    """One request, how it was answered, and how long that took in milliseconds."""

    name: str
    request: bytes
    status: int = 0
    times: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return the time that a `share` of the answers kept."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def fast(self) -> bool:
        """Whether it is as fast as it must be."""
        return self.percentile(0.5) <= MEDIAN_MS and self.percentile(0.99) <= P99_MS


def requests(token: str) -> Iterator[Asked]:
    """Yield what is asked for by the admin whose browser holds `token`."""
    yield Asked(REFERENCE, _get(REFERENCE))
    cookie = f"Cookie: {COOKIE}={token}\r\n"
    for page in PAGES:
        yield Asked(page.name, _get(page.path, cookie))
        if page.name == "Overview":
            for query in _OVERVIEW:
                yield Asked(page.name + query, _get(page.path + query, cookie))
    form = urlencode({"csrf": form_token(token), "number": NUMBER})
    yield Asked("Consent of a number", _post("/console/consent/look-up", cookie, form))


def _get(path: str, more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}\r\n".encode()


def _post(path: str, more: str, form: str) -> bytes:
    kind = "Content-Type: application/x-www-form-urlencoded"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}{kind}\r\n"
    return f"{head}Content-Length: {len(form)}\r\n\r\n{form}".encode()


async def ask(port: int, asked: list[Asked], rounds: int) -> None:
    """Ask for everything in turn, so many times; the first few are not counted.

    What is no page is asked for once.
    """
    wire = await Wire.open(port)
    for turn in range(WARM + rounds):
        for each in asked:
            if each.status not in {0, HTTPStatus.OK}:
                continue
            began = perf_counter()
            answer = await wire.ask(each.request)
            each.status = answer.status
            if turn >= WARM:
                each.times.append(1_000 * (perf_counter() - began))
    wire.close()


def prepare(url: str, pool: Pool, decisions: int) -> tuple[str, dict[str, float]]:
    """Fill the store, and return an admin's token and what took how many seconds."""
    engine, moment = open_store(url), now()
    policy = load_live(DEFAULT).rules.policy
    took: dict[str, float] = {}
    steps: dict[str, Callable[[], Any]] = {
        "fill": lambda: fill(engine, pool, decisions, moment),
        "count": lambda: _count(engine, moment),
        "review": lambda: review(engine, policy, lambda: moment),
        "settle": lambda: settled(engine),
    }
    for name, step in steps.items():
        began = perf_counter()
        step()
        took[name] = perf_counter() - began
    with writing(engine) as connection:
        user = add(connection, "ann", Role.ADMIN, By("benchmark", now, new_id))
        token = new_token()
        begin(connection, user.user_id, token, now())
    engine.dispose()
    return token, took


def _count(engine: sa.Engine, moment: datetime) -> None:
    def write(work: Callable[[sa.Connection], Any]) -> Any:
        with writing(engine) as connection:
            return work(connection)

    while not count_up(engine, write, lambda: moment):
        pass


def measure(kind: str, pool: Pool, decisions: int, rounds: int) -> list[Asked]:
    """Measure on a database of that kind; what was prepared is told on the way."""
    with (
        tempfile.TemporaryDirectory(prefix="replywise-console-") as named,
        database(kind, Path(named)) as url,
    ):
        token, took = prepare(url, pool, decisions)
        told = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in took.items())
        Console(stderr=True).print(f"{kind}: {told}", highlight=False)
        options = ("--database-url", url, "--programs", str(PROGRAMS))
        child = Child(Path(named), options)
        asked = list(requests(token))
        try:
            child.start()
            child.wait_until_ready()
            asyncio.run(ask(child.port, asked, rounds))
        finally:
            child.stop()
    return asked


def told(kind: str, decisions: int, asked: list[Asked]) -> Iterator[str]:
    """Yield the lines that tell of one run."""
    reference = asked[0].percentile(0.5)
    yield (
        f"{kind}: {decisions:,} decisions; {REFERENCE} {reference:.1f} ms. "
        f"A page may take {MEDIAN_MS:.0f} ms at the median and {P99_MS:.0f} ms at p99."
    )
    yield f"  {'page':34}{'p50':>10}{'p99':>12}{'p50 by reference':>20}"
    for each in asked[1:]:
        if not each.times:
            yield f"  {each.name:34} answered {each.status}: not measured"
            continue
        median, slow = each.percentile(0.5), each.percentile(0.99)
        yield (
            f"  {each.name:34}{median:>7.1f} ms{slow:>9.1f} ms"
            f"{median / reference:>18.0f} x{'' if each.fast else '  TOO SLOW'}"
        )


def main(arguments: Iterable[str] | None = None) -> int:
    """Measure as asked; return 1 if a page is too slow."""
    given = _arguments(arguments)
    console = Console()
    texts = [str(row["text"]) for row in read_rows(HELD_OUT, "text")]
    chance = random.Random(given.seed)  # noqa: S311 - no secret
    pool = read_pool(load_live(DEFAULT), texts, chance)
    fast = True
    for kind in KINDS if given.database == "both" else (given.database,):
        asked = measure(kind, pool, given.decisions, given.rounds)
        for line in told(kind, given.decisions, asked):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        fast &= all(each.fast for each in asked if each.times)
    return 0 if fast else 1


def _arguments(arguments: Iterable[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console")
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(None if arguments is None else list(arguments))


if __name__ == "__main__":
    sys.exit(main())
