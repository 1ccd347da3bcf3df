"""Doing something every few seconds until told to stop."""

import logging
from collections.abc import Callable
from threading import Event, Thread

from model.errors import StoreError

EVERY_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Sweeper:
    """Calls `sweep` again and again on a thread of its own."""

    def __init__(
        self, name: str, sweep: Callable[[], None], every: float = EVERY_SECONDS
    ) -> None:
        self._name = name
        self._sweep = sweep
        self._every = every
        self._stopped = Event()
        self._thread = Thread(target=self._work, name="sweeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, after the sweep that is under way."""
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                self._sweep()
            except Exception as error:  # noqa: BLE001 - the next sweep must come
                # What others say may quote a person; ours does not.
                said = isinstance(error, StoreError)
                told = str(error) if said else type(error).__name__
                _log.warning("%s: nothing done: %s", self._name, told)
