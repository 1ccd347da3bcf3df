"""Retention: the words of old decisions and messages go, part by part."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from serving.ledger.texts import forget_messages, forget_texts
from serving.store.database import writing


@dataclass(frozen=True, slots=True)
class Gone:
    """How many lost their words."""

    decisions: int
    messages: int


def forget_older(engine: sa.Engine, before: datetime) -> Gone:
    """Empty what is of before `before`; replies wait for one part at most.

    The ledger keeps the exact words of a revocation. Stopped half-way, the next run
    goes on.
    """
    return Gone(_decisions(engine, before), _messages(engine, before))


def _decisions(engine: sa.Engine, before: datetime) -> int:
    count, after = 0, None
    while True:
        with writing(engine) as connection:
            done = forget_texts(connection, before=before, after=after)
        count, after = count + done.decisions, done.until
        if after is None:
            return count


def _messages(engine: sa.Engine, before: datetime) -> int:
    count = 0
    while True:
        with writing(engine) as connection:
            done = forget_messages(connection, before=before)
        count += done
        if not done:
            return count
