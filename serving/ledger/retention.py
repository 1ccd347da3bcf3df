"""Retention: the words of old decisions and messages go, part by part."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from serving.ledger.texts import (
    Forgotten,
    forget_messages_in,
    forget_messages_out,
    forget_texts,
)
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
    return Gone(
        decisions=_all(engine, before, forget_texts),
        messages=_all(engine, before, forget_messages_in)
        + _all(engine, before, forget_messages_out),
    )


_Forget = Callable[[sa.Connection, datetime, datetime | None], Forgotten]
"""Empties the next part of a table."""


def _all(engine: sa.Engine, before: datetime, forget: _Forget) -> int:
    """Return how many were emptied, each part in a transaction of its own."""
    count, after = 0, None
    while True:
        with writing(engine) as connection:
            done = forget(connection, before, after)
        count, after = count + done.emptied, done.until
        if after is None:
            return count
