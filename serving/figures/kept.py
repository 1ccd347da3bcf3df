"""What is kept of decisions in counts, and by which columns it is counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from serving.figures.buckets import EDGES, LONGER
from serving.store.figure_tables import (
    daily_counts,
    daily_delays,
    hourly_counts,
    hourly_delays,
)
from serving.store.moments import microseconds
from serving.store.tables import decisions

_MS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """One kind of counts.

    Attributes:
        hourly: where the counts of hours lie, by `hour`.
        daily: where those of closed days lie, by `day`.
        by: what a decision is counted under, by column.
        sums: what is added up of decisions, by column; `replies` among them.
    """

    hourly: sa.Table
    daily: sa.Table
    by: Mapping[str, sa.ColumnElement[Any]]
    sums: Mapping[str, sa.ColumnElement[Any]]


def _delay() -> sa.ColumnElement[int]:
    table = decisions.c
    took = microseconds(table.recorded_at) - microseconds(table.received_at)
    cut: list[tuple[sa.ColumnElement[bool], sa.ColumnElement[int]]] = [
        (took <= _written(edge * _MS), _written(edge)) for edge in EDGES[:-1]
    ]
    return sa.case(*cut, else_=_written(LONGER))


def _written(number: int) -> sa.ColumnElement[int]:
    # Half a hundred of bound values cost more than the question.
    return sa.literal_column(str(number), sa.BigInteger())


COUNTS = Kept(
    hourly=hourly_counts,
    daily=daily_counts,
    by={
        "program": decisions.c.program,
        "intent": decisions.c.intent,
        "sentiment": sa.func.coalesce(decisions.c.sentiment, ""),
        "language": sa.func.coalesce(decisions.c.language, ""),
        "decided_by": decisions.c.decided_by,
        "action": decisions.c.action,
        "consent": sa.func.coalesce(decisions.c.consent, ""),
        "bundle": decisions.c.bundle,
    },
    sums={
        "replies": sa.func.count(),
        "confidence_sum": sa.func.sum(decisions.c.confidence),
    },
)
"""Replies by all that is asked for."""

DELAYS = Kept(
    hourly=hourly_delays,
    daily=daily_delays,
    by={"program": decisions.c.program, "up_to_ms": _delay()},
    sums={"replies": sa.func.count()},
)
"""How long decisions took, from receipt to record, in the buckets of `EDGES`."""
