"""One thread writes for all requests: those that wait share a commit.

A commit on disk costs more than a decision; under load twenty replies share one.
"""

from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from model.errors import StoreError
from serving.arrival import Read
from serving.intake import Intake, Recorded

MAX_BATCH = 64
"""More in one transaction would make the first of them wait longer."""

_Job = tuple[Read, "Future[Recorded]"]


class Recorder:
    """Records decisions durably; `submit` from any thread."""

    def __init__(self, engine: sa.Engine, intake: Intake) -> None:
        self._engine = engine
        self._intake = intake
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    def submit(
        self, read: Read, done: "Future[Recorded] | None" = None
    ) -> "Future[Recorded]":
        """Return a future (`done`, if given) that holds the decision once on disk.

        The future raises StoreError where the store could not be written.
        """
        future: Future[Recorded] = done or Future()
        self._queue.put((read, future))
        return future

    def close(self) -> None:
        """Finish what was submitted, then stop."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while jobs := self._next_batch():
            self._record(jobs)

    def _next_batch(self) -> list[_Job]:
        job = self._queue.get()
        jobs: list[_Job] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == MAX_BATCH:
                break
            try:
                job = self._queue.get_nowait()
            except Empty:
                break
        else:
            if jobs:  # Closing: these first, then the end is met again.
                self._queue.put(None)
        return jobs

    def _record(self, jobs: list[_Job]) -> None:
        reads = [read for read, _ in jobs]
        try:
            with self._engine.begin() as connection:
                results = self._intake.take(connection, reads)
        except SQLAlchemyError as error:
            # The driver's message may quote the row; only its kind goes on.
            problem = StoreError(f"the store cannot be written: {type(error).__name__}")
            problem.__suppress_context__ = True
            self._settle(jobs, lambda _, future: future.set_exception(problem))
        except Exception as error:  # noqa: BLE001 - whatever it is, callers must hear
            failure = error
            self._settle(jobs, lambda _, future: future.set_exception(failure))
        else:
            self._settle(jobs, lambda i, future: future.set_result(results[i]))

    @staticmethod
    def _settle(
        jobs: list[_Job], settle: Callable[[int, "Future[Recorded]"], None]
    ) -> None:
        for number, (_, future) in enumerate(jobs):
            if future.set_running_or_notify_cancel():
                settle(number, future)
