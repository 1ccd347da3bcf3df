"""What was drawn from some days, and what its reviews found, from the store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import sqlalchemy as sa

from serving.reviews.verdict import ReviewKind
from serving.sampling.designs import midnight
from serving.sampling.estimate import Places
from serving.sampling.facts import UNREVIEWED, Facts, FrameRow, Texts
from serving.sampling.stratum import Stratum
from serving.store.moments import DAY
from serving.store.review_tables import reviews, sample_draws, sample_strata


@dataclass(frozen=True, slots=True)
class Pairs:
    """Decisions that two people reviewed.

    Attributes:
        row: the place of each one among the drawn ones (k).
        first: the verdict of whoever was first (k).
        second: that of the other (k).
    """

    row: Places
    first: Sequence[str]
    second: Sequence[str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was drawn from some days.

    Attributes:
        facts: the drawn decisions.
        frame: the strata of those days.
        pairs: what two people reviewed, before anybody decided between them.
    """

    facts: Facts
    frame: tuple[FrameRow, ...]
    pairs: Pairs


def gather(connection: sa.Connection, first: date, last: date) -> Gathered:
    """Return what was drawn from the days `first` to `last`, both included.

    Reviews that a reviewer picked do not count; of those of a drawn decision the one
    that decides between two counts before others, then the first.
    """
    frame = frame_of(connection, first, last)
    place = {(row.period, row.stratum.name): n for n, row in enumerate(frame)}
    findings = _findings(connection, first, last)
    rows = connection.execute(_drawn(first, last)).all()
    found = [findings.get(row.decision_id) for row in rows]
    facts = Facts(
        part=np.array([place[row.period, row.stratum] for row in rows], dtype=np.int64),
        decided_by=_texts(row.decided_by for row in rows),
        action=_texts(row.action for row in rows),
        consent=_texts(row.consent for row in rows),
        intent=_texts(row.intent for row in rows),
        program=_texts(row.program for row in rows),
        bundle=_texts(row.bundle for row in rows),
        verdict=_texts(one.verdict if one else UNREVIEWED for one in found),
    )
    return Gathered(facts, frame, _pairs(found))


def frame_of(
    connection: sa.Connection, first: date, last: date
) -> tuple[FrameRow, ...]:
    """Return the strata of the days `first` to `last`, both included, in order."""
    table = sample_strata.c
    rows = connection.execute(
        sa.select(table.period, table.stratum, table.decisions, table.drawn)
        .where(table.period.between(first.isoformat(), last.isoformat()))
        .order_by(table.period, table.stratum)
    )
    return tuple(
        FrameRow(row.period, Stratum.parse(row.stratum), row.decisions, row.drawn)
        for row in rows
    )


def last_day(connection: sa.Connection) -> date | None:
    """Return the last day that was drawn from; None where none was."""
    found = connection.scalar(sa.select(sa.func.max(sample_strata.c.period)))
    return date.fromisoformat(found) if found else None


@dataclass(slots=True)
class _Findings:
    """The reviews of one decision, in the order in which they were made."""

    drawn: dict[str, str] = field(default_factory=dict)
    adjudicated: str | None = None

    @property
    def verdict(self) -> str:
        """The verdict that counts."""
        if self.adjudicated is not None:
            return self.adjudicated
        return next(iter(self.drawn.values()), UNREVIEWED)


def _drawn(first: date, last: date) -> sa.Select[Any]:
    draw = sample_draws.c
    return sa.select(
        draw.decision_id,
        draw.period,
        draw.stratum,
        draw.decided_by,
        draw.action,
        draw.consent,
        draw.intent,
        draw.program,
        draw.bundle,
    ).where(_between(first, last))


def _findings(
    connection: sa.Connection, first: date, last: date
) -> dict[str, _Findings]:
    review, draw = reviews.c, sample_draws.c
    kinds = (ReviewKind.DRAWN.value, ReviewKind.ADJUDICATED.value)
    rows = connection.execute(
        sa.select(review.decision_id, review.user_id, review.kind, review.verdict)
        .join(sample_draws, draw.decision_id == review.decision_id)
        .where(
            _between(first, last), review.kind.in_(kinds), review.undone_at.is_(None)
        )
        .order_by(review.reviewed_at, review.review_id)
    )
    findings: dict[str, _Findings] = {}
    for row in rows:
        found = findings.setdefault(row.decision_id, _Findings())
        if row.kind == ReviewKind.ADJUDICATED:
            found.adjudicated = row.verdict
        else:
            found.drawn.setdefault(row.user_id, row.verdict)
    return findings


def _between(first: date, last: date) -> sa.ColumnElement[bool]:
    decided = sample_draws.c.decided_at
    return (decided >= midnight(first)) & (decided < midnight(last) + DAY)


def _pairs(found: Iterable[_Findings | None]) -> Pairs:
    two = [
        (place, list(one.drawn.values())[:2])
        for place, one in enumerate(found)
        if one and len(one.drawn) > 1
    ]
    return Pairs(
        row=np.array([place for place, _ in two], dtype=np.int64),
        first=[verdicts[0] for _, verdicts in two],
        second=[verdicts[1] for _, verdicts in two],
    )


def _texts(values: Iterable[str]) -> Texts:
    return np.array(list(values), dtype=np.str_)
