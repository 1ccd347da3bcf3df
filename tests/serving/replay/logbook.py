"""A store with decisions on record, made as the service makes them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import sqlalchemy as sa

from serving.live import LiveBundle
from serving.recording.arrival import Arrival, Read
from serving.recording.intake import Intake
from serving.recording.setup import built_in
from serving.store.database import writing
from serving.store.tables import decisions

BEGAN = datetime(2026, 11, 1, 12, tzinfo=UTC)
STEP = timedelta(minutes=7)
SETUP = built_in()
TEXTS = ["where is my <b>order</b>", "STOP", "refund please", "when do you open"]


@dataclass(slots=True)
class Logbook:
    """Decides and records; each reply comes `STEP` after the one before."""

    engine: sa.Engine
    live: LiveBundle
    moment: datetime = BEGAN
    _ids: "count[int]" = field(default_factory=count)

    def log(self, texts: Iterable[str], **fields: object) -> None:
        """Record a decision about each text; by default each from a person anew."""
        for text in texts:
            self.say(text, **fields)

    def say(self, text: str, **fields: object) -> None:
        number = next(self._ids)
        told: dict[str, object] = {
            "message_id": f"m{number:05d}",
            "number": f"+1555{number:07d}",
            "sender": "+15550199",
            "text": text,
            "received_at": self.moment,
            **fields,
        }
        arrival = Arrival(**told)  # type: ignore[arg-type] # as the caller says
        read = Read(arrival, self.live, self.live.read(text))
        intake = Intake(lambda: self.moment, self._new_id, SETUP)
        with writing(self.engine) as connection:
            intake.take(connection, [read])
        self.moment += STEP

    def _new_id(self) -> str:
        return f"id-{next(self._ids):08d}"


def many(engine: sa.Engine, times: int) -> None:
    """Put every row of the store there so many times more, later and later."""
    with writing(engine) as connection:
        rows = [
            dict(row) for row in connection.execute(sa.select(decisions)).mappings()
        ]
        for number in range(times):
            copies = [
                row
                | {
                    "message_id": f"{row['message_id']}-{number}",
                    "decision_id": f"{row['decision_id']}-{number}",
                    "recorded_at": row["recorded_at"] + timedelta(hours=number + 1),
                }
                for row in rows
            ]
            connection.execute(sa.insert(decisions), copies)
