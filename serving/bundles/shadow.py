"""A challenger decides beside the champion what is on record already.

It never speaks: its decisions are compared and kept apart, without anybody's words.
Replies do not wait for it: it reads while a core is free, and what it has no time for
is left out and counted. A thread of low priority would not do: when it is put aside
while it holds the interpreter, replies wait for it.
"""

import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from queue import Empty, Full, Queue
from threading import Thread
from typing import Any

import sqlalchemy as sa

from model.errors import StoreError
from serving.live import LiveBundle
from serving.metrics import Metrics
from serving.recording.intake import Recorded
from serving.recording.logged import logged_inputs
from serving.recording.record import fields_of, to_json
from serving.recording.recorder import Write
from serving.replay.again import decide_again
from serving.replay.flip_row import change_of
from serving.routing.flips import Flip, cost_of, flip_of
from serving.store.bundle_tables import shadow_decisions

WAITING = 256
"""Replies that wait for the challenger at most, some 5 KB each."""

PAUSE_SECONDS = 0.002
"""From one look for a free core to the next; a reply takes some 4 ms."""

BATCH = 64
"""Rows written at once; they share the recorder's commit."""

KEPT_SECONDS = 1.0
"""How long a row waits for others to be written with it."""

_log = logging.getLogger(__name__)

Row = dict[str, object]


class Shadow:
    """Decides on a thread of its own, one reply at a time.

    Attributes:
        challenger: who decides beside the champion; None for nobody. Replaced whole.
    """

    def __init__(
        self,
        write: Callable[[Write], "Future[Any]"],
        now: Callable[[], datetime],
        metrics: Metrics,
        busy: Callable[[], bool],
    ) -> None:
        self.challenger: LiveBundle | None = None
        self._write = write
        self._now = now
        self._metrics = metrics
        self._busy = busy
        self._queue: Queue[Recorded | None] = Queue(WAITING)
        self._rows: list[Row] = []
        self._due = 0.0
        self._thread = Thread(target=self._work, name="shadow", daemon=True)
        self._thread.start()

    def offer(self, recorded: Recorded) -> None:
        """Have the challenger decide about a recorded reply when there is time."""
        if self.challenger is None or recorded.decision is None:
            return
        try:
            self._queue.put_nowait(recorded)
        except Full:
            self._metrics.shadow_left_out.inc()

    def close(self) -> None:
        """Leave out what waits, write what is decided, and stop."""
        self.challenger = None
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while True:
            try:
                recorded = self._queue.get(timeout=self._patience())
            except Empty:
                self._flush()
                continue
            if recorded is None:
                break
            while self._busy() and self.challenger is not None:
                time.sleep(PAUSE_SECONDS)
            self._decide(recorded)
            if len(self._rows) >= BATCH or self._patience() == 0:
                self._flush()
        self._flush()

    def _patience(self) -> float | None:
        """Return how many seconds the rows may wait; None where there are none."""
        return max(self._due - time.monotonic(), 0.0) if self._rows else None

    def _decide(self, recorded: Recorded) -> None:
        challenger = self.challenger
        if challenger is None:
            return
        try:
            row = compared(challenger, recorded, self._now())
        except Exception as error:  # noqa: BLE001 - the next reply must have its turn
            self._metrics.shadow_left_out.inc()
            # Its kind alone: what it says may quote a person.
            _log.warning("the challenger failed: %s", type(error).__name__)
            return
        if row is None:
            return
        if not self._rows:
            self._due = time.monotonic() + KEPT_SECONDS
        self._rows.append(row)
        self._metrics.shadow_decisions.labels(row["kind"]).inc()

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        if not rows:
            return
        try:
            self._write(lambda c: c.execute(sa.insert(shadow_decisions), rows)).result()
        except StoreError as error:
            self._metrics.shadow_left_out.inc(len(rows))
            _log.warning("%d shadow decisions are lost: %s", len(rows), error)


def compared(challenger: LiveBundle, recorded: Recorded, now: datetime) -> Row | None:
    """Return the row of what `challenger` makes of a reply, in the same situation.

    None where the reply's words are gone.
    """
    logged = logged_inputs(json.loads(recorded.inputs))
    if logged is None:
        return None
    before = json.loads(recorded.body)
    prediction = challenger.read(logged.reply.text)
    decision = decide_again(logged, before, challenger.rules, prediction)
    after = fields_of(decision, ("",) * len(decision.effects))
    flip = flip_of(before, after)
    return {
        "decision_id": before["decision_id"],
        "bundle": challenger.bundle_id,
        "champion": before["bundle"],
        "kind": flip.kind.value if flip else "",
        "decision": to_json(_told(flip, after, challenger)) if flip else "",
        "decided_at": now,
    }


def _told(
    flip: Flip, after: dict[str, Any], challenger: LiveBundle
) -> dict[str, object]:
    """Return a decision without words: even ours may hold a person's name."""
    kept = ("intent", "confidence", "decided_by", "action", "consent", "queue")
    reply = after["reply"]
    return {
        "change": change_of(flip),
        "cost": cost_of(flip, challenger.rules.policy),
        **{name: after[name] for name in kept},
        "priority": after["priority"],
        "template": reply and reply["template"],
        "effects": [effect["type"] for effect in after["effects"]],
        "reasons": after["reasons"],
    }
