"""The service: the bundle in use, threads that read, one that records."""

import asyncio
import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import sqlalchemy as sa

from model.explain import explain
from model.prediction import Prediction
from model.reading import read
from model.uses import CHAMPION, BundleRole
from serving.bundles.comparison import Tally
from serving.bundles.follow import follow
from serving.bundles.shadow import Shadow
from serving.bundles.watcher import Watched, Watcher
from serving.drift import chore
from serving.explanation import explanation_body, rule_body
from serving.figures.counter import EVERY_SECONDS, count_up
from serving.figures.waiting import numbers
from serving.live import LiveBundle
from serving.metrics import Metrics
from serving.recording.arrival import Arrival, Read
from serving.recording.brought import Brought
from serving.recording.claims import Claimed, left_over
from serving.recording.intake import Intake, Recorded
from serving.recording.recorder import Recorder, Write
from serving.routing.decide import needs_prediction
from serving.sampling.chosen import by_policy
from serving.sampling.draw import draw_day
from serving.schemas import DecisionOut
from serving.store.database import answers, reading
from serving.sweeper import Sweeper

_log = logging.getLogger(__name__)

READERS = 2
"""Threads that read at most: the recorder and the event loop want their turn too."""


@dataclass(slots=True)
class Service:
    """What the HTTP calls share for the life of the process.

    Attributes:
        live: the bundle in use; replaced whole, a reply keeps the one it began with.
        engine: the store.
        intake: decides and records.
        metrics: what is counted.
        watched: the shelf that is followed; None where nobody is promoted.
        shadow: decides beside the bundle in use.
        tally: counts what it decided.
        watcher: follows the shelf.
    """

    live: LiveBundle
    engine: sa.Engine
    intake: Intake
    metrics: Metrics = field(default_factory=Metrics)
    watched: Watched | None = None
    shadow: Shadow = field(init=False)
    tally: Tally = field(default_factory=Tally)
    watcher: Watcher | None = field(init=False, default=None)
    # The graph runs beside the event loop, on as many threads as there are cores to
    # run them: more collapse (microsoft/onnxruntime#9800). A contact's replies are read
    # on one of them, so that they keep their order.
    _readers: tuple[ThreadPoolExecutor, ...] = field(
        default_factory=lambda: tuple(
            ThreadPoolExecutor(1, "reader")
            for _ in range(min(READERS, os.cpu_count() or 1))
        )
    )
    _unread: "set[Future[Recorded]]" = field(default_factory=set)
    _pages: int = field(default=0, init=False)
    _recorder: Recorder = field(init=False)
    _sweepers: list[Sweeper] = field(init=False)
    _drift: chore.DriftChore = field(init=False)

    def __post_init__(self) -> None:
        """Start the recorder, show the bundle, follow the shelf."""
        self._recorder = Recorder(self.engine, self.intake, lambda: bool(self._unread))
        self._drift = chore.DriftChore(
            self.engine,
            self._written,
            self.intake.now,
            self.metrics.registry,
            self.busy,
        )
        self._sweepers = [
            Sweeper("left over", self._sweep),
            Sweeper("figures", self.count, EVERY_SECONDS),
            Sweeper("drift", self._look_at_days, chore.EVERY_SECONDS),
        ]
        self.metrics.bundle.labels(self.live.bundle_id).set(1)
        self.shadow = Shadow(
            self._recorder.write, self.intake.now, self.metrics, self.busy
        )
        if self.watched is not None:
            self.watcher = follow(
                self.watched,
                self.live,
                self._take,
                intake=self.intake,
                write=self._recorder.write,
                metrics=self.metrics,
            )
            look = self.watcher.look
            self._sweepers.append(Sweeper("shelf", look, self.watched.every))

    async def route(self, arrival: Arrival) -> Recorded:
        """Decide about one reply and return once the decision is on disk.

        Raises:
            StoreError: nothing was recorded; the platform should send it again.
        """
        recorded = await asyncio.wrap_future(self.decide(arrival))
        self.metrics.count(recorded.decision)
        return recorded

    async def claim(self, brought: Brought) -> Claimed:
        """Claim what a provider brought; it is on disk when this returns.

        Raises:
            StoreError: nothing was recorded; the provider should send it again.
        """
        return await asyncio.wrap_future(self._recorder.claim(brought))

    def decide(self, arrival: Arrival) -> "Future[Recorded]":
        """Return a future of the decision about `arrival`, once it is on disk."""
        done: Future[Recorded] = Future()
        done.add_done_callback(self._shadowed)
        live = self.live
        if arrival.provider_verdict is None and needs_prediction(
            arrival.text, live.rules
        ):
            self._unread.add(done)
            self._reader_of(arrival).submit(self._read, live, arrival, done)
        else:
            # A keyword never waits behind replies that the model must read.
            self._recorder.submit(Read(arrival, live, None), done)
        return done

    async def write(self, write: Write) -> Any:
        """Write to the store in the recorder's order; on disk when this returns."""
        return await asyncio.wrap_future(self._recorder.write(write))

    async def classify(
        self, texts: Sequence[str]
    ) -> tuple[LiveBundle, list[Prediction]]:
        """Predict, in slices so that waiting replies get their turn in between."""
        live = self.live
        loop = asyncio.get_running_loop()
        predictions: list[Prediction] = []
        for start in range(0, len(texts), _SLICE):
            part = texts[start : start + _SLICE]
            predictions += await loop.run_in_executor(
                self._readers[0], live.bundle.classifier.predict, part
            )
        return live, predictions

    async def explain(self, recorded: Recorded) -> dict[str, object]:
        """Explain a decision on the record, which stays as it is."""
        decision = DecisionOut.model_validate_json(recorded.body)
        if decision.sentiment is None:
            return rule_body(decision)
        return await self._explained(self.live, recorded.text, decision.intent)

    async def classify_and_explain(
        self, texts: Sequence[str]
    ) -> tuple[LiveBundle, list[tuple[Prediction, dict[str, object]]]]:
        """Predict and explain, one by one: waiting replies get their turn."""
        live, predictions = await self.classify(texts)
        whys = [await self._explained(live, text) for text in texts]
        return live, list(zip(predictions, whys, strict=True))

    async def _explained(
        self, live: LiveBundle, text: str, intent: str | None = None
    ) -> dict[str, object]:
        loop = asyncio.get_running_loop()
        told = await loop.run_in_executor(
            self._readers[0], explain, live.bundle, text, intent
        )
        return explanation_body(told)

    def count(self) -> None:
        """Count and draw from what is closed, and show who waits for a person."""
        count_up(self.engine, self._written, self.intake.now)
        find_design = by_policy(self.live.rules.policy, self.intake.new_id)
        draw_day(self.engine, self._written, self.intake.now, find_design)
        with reading(self.engine) as connection:
            self.metrics.show_waiting(numbers(connection))

    async def store_answers(self) -> bool:
        """Return whether the store can be read."""
        return await asyncio.to_thread(answers, self.engine)

    def close(self) -> None:
        """Finish what was begun and let go of the store."""
        self._drift.stop()
        for sweeper in self._sweepers:
            sweeper.close()
        for reader in self._readers:
            reader.shutdown()
        self.shadow.close()
        self._recorder.close()
        self.engine.dispose()

    def _reader_of(self, arrival: Arrival) -> ThreadPoolExecutor:
        place = crc32(arrival.number.encode("utf-8", "surrogatepass"))
        return self._readers[place % len(self._readers)]

    def _sweep(self) -> None:
        """Decide what was acknowledged and left by whoever was at it."""
        now = self.intake.now()
        for arrival in self._recorder.write(lambda c: left_over(c, now)).result():
            self.decide(arrival).add_done_callback(self._counted)

    def _look_at_days(self) -> None:
        """Look at the drift of days that are over; replies go before."""
        self._drift.look(lambda: self.live)

    def _written(self, work: Write) -> Any:
        """Write from a thread of our own."""
        return self._recorder.write(work).result()

    def _take(self, role: BundleRole, live: LiveBundle | None) -> None:
        if role != CHAMPION:
            self.shadow.challenger = live
        elif live is not None:
            self.live = live

    @contextmanager
    def page_under_way(self) -> Iterator[None]:
        """While a person waits for a page, what can wait does."""
        self._pages += 1
        try:
            yield
        finally:
            self._pages -= 1

    def busy(self) -> bool:
        """Return whether no core is free, or a person waits for a page."""
        return self._pages > 0 or len(self._unread) >= len(self._readers)

    def _shadowed(self, deciding: "Future[Recorded]") -> None:
        if not deciding.cancelled() and deciding.exception() is None:
            self.shadow.offer(deciding.result())

    def _counted(self, deciding: "Future[Recorded]") -> None:
        error = deciding.exception()
        if error is not None:
            _log.warning("left for later: %s", type(error).__name__)
        else:
            self.metrics.count(deciding.result().decision)

    def _read(
        self, live: LiveBundle, arrival: Arrival, done: "Future[Recorded]"
    ) -> None:
        """Read one reply and hand it on; runs on the reader's thread."""
        try:
            with self.metrics.read_seconds.time():
                prediction: Prediction | None = read(
                    live.bundle.classifier, arrival.text
                )
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller must hear
            if not live.rules.keywords.by_itself(arrival.text):
                done.set_exception(error)
                return
            prediction = None  # An opt-out by rule stands without the model.
        finally:
            self._unread.discard(done)
        self._recorder.submit(Read(arrival, live, prediction), done)


_SLICE = 64
"""Texts read at once for `classify`; a reply waits at most so long for its turn."""
