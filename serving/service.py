"""The service: the bundle in use, one thread that reads, one that records."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import sqlalchemy as sa

from model.explain import explain
from model.prediction import Prediction
from model.reading import read
from serving.arrival import Arrival, Read
from serving.explanation import explanation_body, rule_body
from serving.intake import Intake, Recorded
from serving.live import LiveBundle
from serving.metrics import Metrics
from serving.recorder import Recorder
from serving.routing.decide import needs_prediction
from serving.schemas import DecisionOut
from serving.store.database import answers


@dataclass(slots=True)
class Service:
    """What the HTTP calls share for the life of the process.

    Attributes:
        live: the bundle in use; replaced whole, a reply keeps the one it began with.
        engine: the store.
        intake: decides and records.
        metrics: what is counted.
    """

    live: LiveBundle
    engine: sa.Engine
    intake: Intake
    metrics: Metrics = field(default_factory=Metrics)
    # The graph runs beside the event loop, on one thread a worker: more threads
    # than cores collapse (microsoft/onnxruntime#9800).
    _reader: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "reader")
    )
    _recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        """Start the recorder and show the bundle."""
        self._recorder = Recorder(self.engine, self.intake)
        self.metrics.bundle.labels(self.live.bundle_id).set(1)

    async def route(self, arrival: Arrival) -> Recorded:
        """Decide about one reply and return once the decision is on disk.

        Raises:
            StoreError: nothing was recorded; the platform should send it again.
        """
        done: Future[Recorded] = Future()
        live = self.live
        if needs_prediction(arrival.text, live.rules):
            self._reader.submit(self._read, live, arrival, done)
        else:
            # A keyword never waits behind replies that the model must read.
            self._recorder.submit(Read(arrival, live, None), done)
        recorded = await asyncio.wrap_future(done)
        self.metrics.count(recorded.decision)
        return recorded

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
                self._reader, live.bundle.classifier.predict, part
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
            self._reader, explain, live.bundle, text, intent
        )
        return explanation_body(told)

    async def store_answers(self) -> bool:
        """Return whether the store can be read."""
        return await asyncio.to_thread(answers, self.engine)

    def close(self) -> None:
        """Finish what was begun and let go of the store."""
        self._reader.shutdown()
        self._recorder.close()
        self.engine.dispose()

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
        self._recorder.submit(Read(arrival, live, prediction), done)


_SLICE = 64
"""Texts read at once for `classify`; a reply waits at most so long for its turn."""
