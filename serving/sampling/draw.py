"""Drawing: of each day that is over the frame is counted, and decisions are drawn."""

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa

from serving.figures.hours import SLACK, Write
from serving.figures.marks import Mark, marked, move
from serving.sampling.allocation import allot
from serving.sampling.design import Design
from serving.sampling.designs import KeptDesign, day_of, midnight
from serving.sampling.frame import Listed, counted, listed
from serving.sampling.lots import lot_of, lots_of
from serving.sampling.merging import merged
from serving.sampling.stratum import Stratum
from serving.store.database import reading
from serving.store.moments import DAY, aware, floored
from serving.store.review_tables import sample_draws, sample_strata
from serving.store.tables import decisions

FIRST_DAYS = 30
"""So many days back are drawn from when a store draws for the first time."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn of a day.

    Attributes:
        into: the stratum that each finest one is drawn with.
        decisions: how many decisions each of those has.
        drawn: how many of them are drawn, at least one.
    """

    into: Mapping[Stratum, Stratum]
    decisions: Mapping[Stratum, int]
    drawn: Mapping[Stratum, int]


@dataclass(frozen=True, slots=True)
class Day:
    """A day that has been drawn from.

    Attributes:
        day: in UTC, by when decisions were recorded.
        decisions: how many it has.
        drawn: how many were drawn.
        double: how many of those two people review.
    """

    day: date
    decisions: int
    drawn: int
    double: int


def plan_of(counts: Mapping[Stratum, int], design: Design) -> Plan:
    """Return what `design` draws of a day with so many decisions of each stratum."""
    into = merged(counts, design.most_strata)
    sizes: dict[Stratum, int] = {}
    for stratum, count in counts.items():
        sizes[into[stratum]] = sizes.get(into[stratum], 0) + count
    worth = {stratum: design.worth(stratum) for stratum in sizes}
    drawn = allot(
        sizes, worth, design.per_day, floor=design.floor, spread=design.spread
    )
    return Plan(into, sizes, drawn)


def draw_day(
    engine: sa.Engine,
    write: Write,
    now: Callable[[], datetime],
    design_for: Callable[[sa.Connection, date], KeptDesign],
) -> Day | None:
    """Draw from the next day that is over; None where none is left.

    A day is in UTC, by when its decisions were recorded. Each decision of a stratum is
    as likely to be drawn as any other of it, and the seed alone says which ones are:
    several processes that do this at once find the same, and one of them records it.

    Args:
        engine: the store, to read; its writers' lock is not held meanwhile.
        write: runs a short transaction.
        now: the present moment.
        design_for: returns the design of a day, recorded where it is new; within the
            transaction that writes.
    """
    with reading(engine) as connection:
        until = marked(connection, Mark.SAMPLE)
        start = until or floored(now(), DAY) - FIRST_DAYS * DAY
        day = _next_day(connection, start, now() - SLACK)
    if day is None:
        return None
    kept: KeptDesign = write(lambda connection: design_for(connection, day))
    with reading(engine) as connection:
        plan = plan_of(counted(connection, day, kept.design), kept.design)
        drawn = _drawn(listed(connection, day, kept.design), plan, kept.design)
    strata, draws = _strata(plan, day, kept), _draws(drawn, plan, day, kept, now())

    def record(connection: sa.Connection) -> None:
        if marked(connection, Mark.SAMPLE) != until:
            return  # Another process was faster.
        connection.execute(sa.insert(sample_strata), strata)
        connection.execute(sa.insert(sample_draws), draws)
        move(connection, Mark.SAMPLE, midnight(day) + DAY)

    write(record)
    double = sum(bool(draw["double"]) for draw in draws)
    return Day(day, sum(plan.decisions.values()), len(draws), double)


def _next_day(
    connection: sa.Connection, start: datetime, closed: datetime
) -> date | None:
    """Return the first day from `start` on that has decisions, once it is over."""
    recorded = decisions.c.recorded_at
    found = connection.scalar(
        sa.select(sa.func.min(recorded)).where(recorded >= start.astimezone(UTC))
    )
    if found is None:
        return None
    day = day_of(aware(found))
    return day if midnight(day) + DAY <= closed else None


def _drawn(
    rows: Iterable[Listed], plan: Plan, design: Design
) -> dict[Stratum, list[Listed]]:
    """Return the decisions of each stratum with the smallest lots.

    No more of them are held in memory than are drawn.
    """
    seed = bytes.fromhex(design.seed)
    smallest: dict[Stratum, list[tuple[float, str, Listed]]] = {
        stratum: [] for stratum in plan.drawn
    }
    for row in rows:
        stratum = plan.into[row.stratum]
        heap = smallest[stratum]
        # The smallest of a heap is at hand: of negative lots that is the largest lot.
        entry = (-lot_of(seed, row.decision_id), row.decision_id, row)
        if len(heap) < plan.drawn[stratum]:
            heapq.heappush(heap, entry)
        elif entry > heap[0]:
            heapq.heapreplace(heap, entry)
    return {s: [row for _, _, row in heap] for s, heap in smallest.items()}


def _strata(plan: Plan, day: date, kept: KeptDesign) -> list[dict[str, object]]:
    return [
        {
            "period": day.isoformat(),
            "stratum": stratum.name,
            "design_id": kept.design_id,
            "decisions": count,
            "drawn": plan.drawn[stratum],
        }
        for stratum, count in plan.decisions.items()
    ]


def _draws(
    drawn: Mapping[Stratum, list[Listed]],
    plan: Plan,
    day: date,
    kept: KeptDesign,
    now: datetime,
) -> list[dict[str, object]]:
    seed = bytes.fromhex(kept.design.seed)
    rows: list[dict[str, object]] = []
    for stratum, found in drawn.items():
        lots = {row.decision_id: lots_of(seed, row.decision_id) for row in found}
        in_order = sorted(found, key=lambda row: lots[row.decision_id].order)
        for rank, row in enumerate(in_order):
            lot = lots[row.decision_id]
            rows.append(
                {
                    "decision_id": row.decision_id,
                    "period": day.isoformat(),
                    "stratum": stratum.name,
                    "probability": len(found) / plan.decisions[stratum],
                    "double": lot.double < kept.design.double,
                    # Whoever stops half-way has reviewed half of each stratum.
                    "place": (rank + lot.jitter) / len(found),
                    "decided_at": row.recorded_at.astimezone(UTC),
                    "drawn_at": now.astimezone(UTC),
                    "program": row.traits.program,
                    "intent": row.traits.intent,
                    "decided_by": row.traits.decided_by,
                    "action": row.traits.action,
                    "consent": row.traits.consent,
                    "bundle": row.bundle,
                }
            )
    return rows
