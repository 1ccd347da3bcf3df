"""Who decides the pages: this process, or several, each with the bundle loaded.

Processes, because most of what is not the model's session holds Python's lock.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread

from model.errors import ReplayError
from serving.live import load_live
from serving.replay.page import Candidate, Page, decide_page
from serving.replay.rows import Row

Work = Callable[[Iterable[list[Row]]], Iterator[Page]]
"""Decides pages, in their order."""


@contextmanager
def hands(candidate: Candidate, folder: Path, processes: int) -> Iterator[Work]:
    """Give what decides pages; `folder` is the candidate's.

    With one process it is this one.

    Raises:
        ReplayError: a process ended before its time.
    """
    if processes == 1:
        yield partial(map, partial(decide_page, candidate))
        return
    pool = ProcessPoolExecutor(
        processes,
        # A forked child would share the store's connections and locks.
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(folder, candidate.same_model),
    )
    try:
        yield partial(_in_turn, pool, ahead=processes + 1)
    except BrokenProcessPool as error:
        problem = "a process of the replay ended early; was memory short? Run it again"
        raise ReplayError(f"{problem}, with fewer --processes") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _in_turn(
    pool: ProcessPoolExecutor, pages: Iterable[list[Row]], *, ahead: int
) -> Iterator[Page]:
    """Yield the pages in their order; at most `ahead` are in memory at once."""
    begun: deque[Future[Page]] = deque()
    for page in pages:
        begun.append(pool.submit(_decide, page))
        if len(begun) > ahead:
            yield begun.popleft().result()
    while begun:
        yield begun.popleft().result()


_candidate: Candidate
"""In a process of the pool: what it decides with."""


def _begin(folder: Path, same_model: frozenset[str]) -> None:
    global _candidate  # noqa: PLW0603 - a pool's process keeps things nowhere else
    # Whoever stops the replay stops the first process, which ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _candidate = Candidate.of(load_live(folder), same_model)


def _end_with_parent() -> None:
    """End this process where the first was killed: nobody would fetch what it does."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _decide(rows: Sequence[Row]) -> Page:
    return decide_page(_candidate, rows)
