"""Looking at each day that is over, in the background, with the bundle in use."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

import sqlalchemy as sa

from serving.drift.accuracy import calibration_error
from serving.drift.days import DAY, comparable, due, keep, kept_days, stand_ins
from serving.drift.draw import draw, first_day, replies_of
from serving.drift.drift_day import DriftDay
from serving.drift.judge import Known, Today, judge
from serving.drift.sample import Reader, labelled
from serving.live import LiveBundle
from serving.store.database import reading

MOST = 2000
"""Replies of a day that are looked at; each costs a run of the graph."""

KEPT = 200
"""Replies that stand for a day afterwards; with `HISTORY` days, 5,600."""

HISTORY = 28
"""Days before that a day is held against: four of each weekday."""

FEWEST_DAYS = 3
"""With fewer days before, a day is held against the labelled replies."""

SLACK = timedelta(minutes=5)
"""A day is over so long after midnight (UTC): what was recorded in it is on disk."""

PAUSE_SECONDS = 0.002
"""From one look for a free core to the next; a reply takes some 4 ms."""

Write = Callable[[Callable[[sa.Connection], object]], object]
"""Runs a short transaction."""


class Stopped(Exception):  # noqa: N818 - the state is the name
    """Asked to stop half-way; nothing is lost but time."""


class DriftWatch:
    """Looks at one day after the other; a day costs some 20 seconds of one core."""

    def __init__(
        self,
        engine: sa.Engine,
        write: Write,
        now: Callable[[], datetime],
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """Look at the days of a store; while `busy` no reply is read."""
        self._engine = engine
        self._write = write
        self._now = now
        self._busy = busy
        self._stop = Event()
        self._reader: Reader | None = None

    def stop(self) -> None:
        """Give up the day that is under way, soon."""
        self._stop.set()

    def look(self, live: LiveBundle) -> DriftDay | None:
        """Look at the next day that is over; None where there is none left.

        Raises:
            Stopped: `stop` was called.
            StoreError: the store could not be read or written.
        """
        first = first_day(self._engine)
        last = (self._now() - SLACK).date() - DAY
        if first is None or first > last:
            return None
        with reading(self._engine) as connection:
            day = due(connection, live.bundle_id, first, last)
            if day is None:
                return None
            start, until = day - HISTORY * DAY, day - DAY
            days = kept_days(connection, start, until)
            own = kept_days(connection, start, until, live.bundle_id)
        reader = self._reader_of(live)
        drawn = draw(self._engine, day, MOST)
        recorded = replies_of(self._engine, drawn.ids)
        sample = reader.read(recorded)
        earlier = days if len(days) >= FEWEST_DAYS else []
        before = reader.read(replies_of(self._engine, stand_ins(earlier)))
        told = judge(
            Today(
                day=day,
                bundle=live.bundle_id,
                replies=drawn.replies,
                recorded=recorded,
                sample=sample,
                kept=sample.ids[:KEPT],
            ),
            Known(
                before=before,
                days=len(earlier),
                labelled=labelled(live),
                history=comparable(own),
                calibration_error=calibration_error(live.bundle.manifest),
            ),
        )
        reader.forget_others((*before.texts, *sample.texts[:KEPT]))
        self._write(lambda connection: keep(connection, told, self._now()))
        return told

    def _reader_of(self, live: LiveBundle) -> Reader:
        if self._reader is None or self._reader.live is not live:
            self._reader = Reader(live, self._going)
        return self._reader

    def _going(self) -> None:
        while not self._stop.is_set() and self._busy():
            self._stop.wait(PAUSE_SECONDS)
        if self._stop.is_set():
            raise Stopped
