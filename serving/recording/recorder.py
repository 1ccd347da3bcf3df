"""One thread writes for all requests: those that wait share a commit.

A commit on disk costs more than a decision; under load twenty replies share one.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import groupby
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

import sqlalchemy as sa

from model.errors import RowRefused, StoreError
from serving.recording.arrival import Read
from serving.recording.brought import Brought
from serving.recording.claims import Claimed, claim
from serving.recording.intake import Intake, Recorded
from serving.store.database import writing

MAX_BATCH = 64
"""More in one transaction would make the first of them wait longer."""

LINGER_SECONDS = 0.003
"""How long a commit waits for company that is on its way. A decision alone costs more
than twice what it costs among sixteen: statements and the commit are shared."""

Write = Callable[[sa.Connection], Any]
"""Writes within the transaction that it is given, and returns what it has to tell."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One thing to write, and who waits for it; replies are written together."""

    work: Read | Write
    done: "Future[Any]"


class Recorder:
    """Records durably, in the order in which it is asked; from any thread."""

    def __init__(
        self,
        engine: sa.Engine,
        intake: Intake,
        coming: Callable[[], bool] = lambda: False,
    ) -> None:
        """Start the thread; `coming` tells whether more is about to be submitted."""
        self._engine = engine
        self._intake = intake
        self._coming = coming
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    def submit(
        self, read: Read, done: "Future[Recorded] | None" = None
    ) -> "Future[Recorded]":
        """Return a future (`done`, if given) that holds the decision once on disk.

        The future raises StoreError where the store could not be written.
        """
        return self._put(read, done)

    def claim(self, brought: Brought) -> "Future[Claimed]":
        """Return a future that holds the claim once it is on disk."""
        return self.write(lambda c: claim(c, brought))

    def write(self, write: Write, done: "Future[Any] | None" = None) -> "Future[Any]":
        """Return a future of what `write` returns, once it is on disk."""
        return self._put(write, done)

    def close(self) -> None:
        """Finish what was submitted, then stop."""
        self._queue.put(None)
        self._thread.join()

    def _put(self, work: Read | Write, done: "Future[Any] | None") -> "Future[Any]":
        future: Future[Any] = done or Future()
        self._queue.put(_Job(work, future))
        return future

    def _work(self) -> None:
        while jobs := self._next_batch():
            self._record(jobs)

    def _next_batch(self) -> list[_Job]:
        job = self._queue.get()
        until = monotonic() + LINGER_SECONDS if self._coming() else 0.0
        jobs: list[_Job] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == MAX_BATCH:
                break
            try:
                left = until - monotonic()
                job = self._queue.get(left > 0, max(left, 0))
            except Empty:
                break
        else:
            if jobs:  # Closing: these first, then the end is met again.
                self._queue.put(None)
        return jobs

    def _record(self, jobs: list[_Job]) -> None:
        try:
            with writing(self._engine) as connection:
                results = list(self._written(connection, jobs))
        except Exception as error:  # noqa: BLE001 - whatever it is, callers must hear
            of_all = isinstance(error, StoreError) and not isinstance(error, RowRefused)
            if len(jobs) > 1 and not of_all:
                # One of them cannot be written; the others must not pay for it.
                for job in jobs:
                    self._record([job])
                return
            failure = error
            self._settle(jobs, lambda _, future: future.set_exception(failure))
        else:
            self._settle(jobs, lambda i, future: future.set_result(results[i]))

    def _written(self, connection: sa.Connection, jobs: list[_Job]) -> Iterator[Any]:
        """Yield what each job has to tell, in their order."""
        for replies, group in groupby(jobs, lambda job: isinstance(job.work, Read)):
            work = [job.work for job in group]
            if replies:
                reads = [read for read in work if isinstance(read, Read)]
                yield from self._intake.take(connection, reads)
            else:
                yield from (w(connection) for w in work if not isinstance(w, Read))

    @staticmethod
    def _settle(jobs: list[_Job], settle: Callable[[int, "Future[Any]"], None]) -> None:
        for number, job in enumerate(jobs):
            if job.done.set_running_or_notify_cancel():
                settle(number, job.done)
