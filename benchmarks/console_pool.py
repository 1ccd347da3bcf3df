"""Real decisions to make many out of: the test replies, as the bundle decides them."""

import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from serving.ids import new_id
from serving.live import LiveBundle
from serving.recording.arrival import Arrival, Read
from serving.recording.intake import Intake
from serving.store.database import open_store, reading, writing
from serving.store.moments import aware
from serving.store.tables import decisions

AT = datetime(2026, 11, 2, 15, tzinfo=UTC)
SENDERS = ("+12025550142", "+13125550187")
"""A number of each program that ships."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pool:
    """Rows of `decisions` by program and intent, and how frequent intents are."""

    rows: Mapping[tuple[str, str], list[Row]]
    intents: tuple[str, ...]
    weights: tuple[float, ...]

    def draw(self, chance: random.Random, program: str) -> Row:
        """Return a row of a program; its intents are as uneven as real ones."""
        intent = chance.choices(self.intents, self.weights)[0]
        return chance.choice(self.rows[program, intent])

    def like(self, chance: random.Random, row: Row) -> Row:
        """Return a row of the same program and intent."""
        return chance.choice(self.rows[row["program"], row["intent"]])


def read_pool(live: LiveBundle, texts: Sequence[str], chance: random.Random) -> Pool:
    """Decide about `texts` for each program, and return the rows."""
    rows: dict[tuple[str, str], list[Row]] = {}
    for row in _decided(live, texts):
        rows.setdefault((row["program"], row["intent"]), []).append(row)
    programs = {program for program, _ in rows}
    intents = sorted(
        {
            intent
            for _, intent in rows
            if all((program, intent) in rows for program in programs)
        }
    )
    chance.shuffle(intents)
    weights = tuple(1 / place for place in range(1, len(intents) + 1))
    return Pool(rows, tuple(intents), weights)


def _decided(live: LiveBundle, texts: Sequence[str]) -> list[Row]:
    intake = Intake(now=lambda: AT, new_id=new_id)
    reads = [
        Read(
            Arrival(
                message_id=f"pool-{sender}-{place:05}",
                number=f"+1312555{place:04}",
                sender=sender,
                text=text,
                received_at=AT,
            ),
            live,
            live.read(text),
        )
        for sender in SENDERS
        for place, text in enumerate(texts)
    ]
    with tempfile.TemporaryDirectory(prefix="replywise-pool-") as folder:
        engine = open_store(f"sqlite:///{folder}/pool.db")
        with writing(engine) as connection:
            intake.take(connection, reads)
        with reading(engine) as connection:
            found = connection.execute(sa.select(decisions)).mappings()
            rows = [{**row, "received_at": aware(row["received_at"])} for row in found]
        engine.dispose()
    return rows
