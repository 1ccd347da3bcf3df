"""The frame: how many decisions of each kind a day has, and which they are."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from serving.sampling.design import Design
from serving.sampling.designs import midnight
from serving.sampling.stratum import Stratum, Traits, stratum_of
from serving.store.moments import DAY, aware
from serving.store.tables import decisions

AT_ONCE = 2_000
"""Rows that are held in memory at once."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A decision of the frame.

    Attributes:
        decision_id: its id.
        recorded_at: when it was recorded, in UTC.
        bundle: which bundle decided.
        traits: what it says.
        stratum: the finest one that it is of.
    """

    decision_id: str
    recorded_at: datetime
    bundle: str
    traits: Traits
    stratum: Stratum


class Sorter:
    """Tells the finest stratum of a decision; alike ones are worked out once."""

    def __init__(self, design: Design) -> None:
        self._cuts = design.cuts
        self._dear = frozenset(design.dear_intents)
        self._known: dict[tuple[object, ...], Stratum] = {}

    def stratum(self, traits: Traits) -> Stratum:
        """Return the finest stratum of a decision with these traits."""
        band = sum(traits.confidence >= cut for cut in self._cuts)
        alike = (
            traits.decided_by,
            traits.action,
            traits.consent,
            traits.intent,
            traits.program,
            band,
        )
        found = self._known.get(alike)
        if found is None:
            found = stratum_of(traits, self._dear, self._cuts)
            self._known[alike] = found
        return found


def listed(connection: sa.Connection, day: date, design: Design) -> Iterator[Listed]:
    """Give every decision that was recorded on `day`, in no order, a few at a time."""
    table = decisions.c
    start = midnight(day)
    rows = connection.execution_options(yield_per=AT_ONCE).execute(
        sa.select(
            table.decision_id,
            table.recorded_at,
            table.bundle,
            table.decided_by,
            table.action,
            sa.func.coalesce(table.consent, ""),
            table.intent,
            table.confidence,
            table.program,
        ).where(table.recorded_at >= start, table.recorded_at < start + DAY)
    )
    sorter = Sorter(design)
    for decision_id, recorded_at, bundle, *values in rows:
        traits = Traits(*values)
        stratum = sorter.stratum(traits)
        yield Listed(decision_id, aware(recorded_at), bundle, traits, stratum)


def counted(
    connection: sa.Connection, day: date, design: Design
) -> Mapping[Stratum, int]:
    """Return how many decisions of each finest stratum were recorded on `day`."""
    table = decisions.c
    start = midnight(day)
    # The lower edge of the band stands for the confidences in it.
    band = sa.case(
        *((table.confidence >= cut, cut) for cut in sorted(design.cuts, reverse=True)),
        else_=0.0,
    )
    traits = (
        table.decided_by,
        table.action,
        sa.func.coalesce(table.consent, ""),
        table.intent,
        band,
        table.program,
    )
    rows = connection.execute(
        sa.select(*traits, sa.func.count())
        .where(table.recorded_at >= start, table.recorded_at < start + DAY)
        .group_by(*traits)
    )
    sorter = Sorter(design)
    counts: Counter[Stratum] = Counter()
    for *values, count in rows:
        counts[sorter.stratum(Traits(*values))] += count
    return counts
