"""Drift in the background of a service: day after day, and shown as gauges."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from serving.drift.days import latest
from serving.drift.gauges import Gauges
from serving.drift.watch import DriftWatch, Stopped, Write
from serving.live import LiveBundle
from serving.store.database import reading

EVERY_SECONDS = 60.0


class DriftChore:
    """Looks at the days that are over whenever it is called, on one thread."""

    def __init__(
        self,
        engine: sa.Engine,
        write: Write,
        now: Callable[[], datetime],
        registry: CollectorRegistry,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """Look at the days of a store while not `busy`, and show them in `registry`."""
        self._engine = engine
        self._watch = DriftWatch(engine, write, now, busy)
        self._gauges = Gauges(registry)

    def look(self, live: Callable[[], LiveBundle]) -> None:
        """Look at each day that is due with the bundle in use; others' days count too.

        Raises:
            StoreError: the store could not be read or written.
        """
        try:
            while told := self._watch.look(live()):
                self._gauges.show(told)
        except Stopped:
            return
        self._show_last()

    def stop(self) -> None:
        """Give up the day that is under way, soon."""
        self._watch.stop()

    def _show_last(self) -> None:
        """Show the last day that is known, whoever looked at it."""
        with reading(self._engine) as connection:
            told = latest(connection)
        if told is not None:
            self._gauges.show(told)
