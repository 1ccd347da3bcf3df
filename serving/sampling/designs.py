"""Designs in the store: which one holds from which day on; none is ever changed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from serving.sampling.design import Design
from serving.store.moments import DAY, aware, floored
from serving.store.review_tables import sample_designs


@dataclass(frozen=True, slots=True)
class KeptDesign:
    """A design as the store has it.

    Attributes:
        design_id: its id.
        design: what it says.
        since: the first day that is drawn by it.
        actor: who chose it.
    """

    design_id: str
    design: Design
    since: date
    actor: str


def keep_design(connection: sa.Connection, kept: KeptDesign) -> None:
    """Record a design; of two that begin on one day the later recorded one holds."""
    connection.execute(
        sa.insert(sample_designs).values(
            design_id=kept.design_id,
            design=kept.design.to_json(),
            since=midnight(kept.since),
            actor=kept.actor,
        )
    )


def design_on(connection: sa.Connection, day: date) -> KeptDesign | None:
    """Return the design that holds on `day`; None where none does yet."""
    table = sample_designs.c
    row = connection.execute(
        _newest().where(table.since <= midnight(day)).limit(1)
    ).first()
    return _kept(row) if row else None


def designs(connection: sa.Connection) -> list[KeptDesign]:
    """Return every design, the newest first."""
    return [_kept(row) for row in connection.execute(_newest())]


def midnight(day: date) -> datetime:
    """Return when `day` begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def day_of(moment: datetime) -> date:
    """Return the day in UTC that an aware `moment` lies in."""
    return floored(moment, DAY).date()


def _newest() -> sa.Select[Any]:
    table = sample_designs.c
    return sa.select(sample_designs).order_by(
        table.since.desc(), table.design_id.desc()
    )


def _kept(row: sa.Row[Any]) -> KeptDesign:
    return KeptDesign(
        design_id=row.design_id,
        design=Design.from_json(row.design),
        since=aware(row.since).date(),
        actor=row.actor,
    )
