"""A store with days of replies, and a bundle that reads them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import sqlalchemy as sa

from serving.drift.drift_day import DriftDay
from serving.drift.watch import DriftWatch, Write
from serving.live import LiveBundle
from serving.routing.ruleset import RuleSet
from serving.store.database import writing
from serving.store.tables import decisions
from tests.bag_bundle import bag_bundle

FIRST = date(2026, 11, 2)
TEXTS = {
    "order_status": ["where is my order", "has my order shipped", "track my package"],
    "refund": ["i want my money back", "refund please", "give me a refund"],
    "store_info": ["when do you open", "what are your hours", "are you open today"],
}
NEW = ["the app crashed again", "your app keeps crashing", "app crashed at checkout"]


def bag_live(rules: RuleSet) -> LiveBundle:
    return LiveBundle(bag_bundle(), rules)


@dataclass(slots=True)
class Calendar:
    """Puts replies on record, day by day."""

    engine: sa.Engine
    draw: np.random.Generator = field(default_factory=lambda: np.random.default_rng(3))
    number: int = 0

    def put(self, day: date, texts: Sequence[str], **columns: object) -> None:
        """Record a decision about each text, each of another person."""
        rows = [self._row(day, text) | columns for text in texts]
        with writing(self.engine) as connection:
            connection.execute(sa.insert(decisions), rows)

    def usual(self, day: date, size: int = 90) -> None:
        intents = self.draw.choice(list(TEXTS), size)
        self.put(day, [str(self.draw.choice(TEXTS[str(one)])) for one in intents])

    def usual_days(self, count: int) -> None:
        for number in range(count):
            self.usual(FIRST + timedelta(days=number))

    def _row(self, day: date, text: str) -> dict[str, object]:
        self.number += 1
        midnight = datetime.combine(day, time(), UTC)
        moment = midnight + timedelta(seconds=self.number * 37 % 86_400)
        return {
            "message_id": f"m{self.number}",
            "decision_id": f"d{self.number:06d}",
            "conversation_id": f"c{self.number}",
            "received_at": moment,
            "recorded_at": moment,
            "bundle": "sha256:then",
            "inputs": json.dumps({"text": text, "from": "+15550142"}),
            "decision": "{}",
            "intent": "order_status",
            "language": "en",
            "confidence": 0.9,
            "decided_by": "model",
            "action": "reply",
        }


def writer_of(engine: sa.Engine) -> Write:
    """Return what runs a short transaction on a store."""

    def write(work: Callable[[sa.Connection], object]) -> object:
        with writing(engine) as connection:
            return work(connection)

    return write


def watch_of(engine: sa.Engine, now: Callable[[], datetime]) -> DriftWatch:
    return DriftWatch(engine, writer_of(engine), now)


def look_at_all(watch: DriftWatch, live: LiveBundle) -> list[DriftDay]:
    """Return what is found until nothing is left."""
    found = []
    while told := watch.look(live):
        found.append(told)
    return found
