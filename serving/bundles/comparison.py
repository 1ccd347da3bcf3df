"""What a challenger would have done otherwise, read from the record."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from model.uses import CHALLENGER, CHAMPION, NOBODY, BundleRole, Use
from serving.routing.flips import FlipKind
from serving.store.bundle_tables import shadow_decisions
from serving.store.tables import decisions

AGREES = ""
"""The kind of what both decide alike."""

_SETTLED = timedelta(minutes=1)
"""By then a row is written, whatever the store had to do."""

EXAMPLES = 10
"""Flips of each kind that are shown, the latest."""

EXPORTED = 20_000
"""Flips of each kind that are exported at most, the latest."""

_PART = 500
"""Decisions looked up at once; a statement takes only so many values."""

_KINDS: tuple[str, ...] = (AGREES, *FlipKind)
_COMPARED = ("intent", "confidence", "action", "consent", "queue")


@dataclass(frozen=True, slots=True)
class Span:
    """When a challenger decided beside one champion.

    Attributes:
        challenger: the challenger's id.
        champion: the id of whom it was compared with; "" for the service's own bundle.
        since: from when.
        until: to when; None while it goes on.
    """

    challenger: str
    champion: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Flipped:
    """One decision on record that the challenger would have made otherwise.

    Attributes:
        decision_id: of the record.
        kind: the gravest difference.
        decided_at: when the challenger decided, in UTC.
        told: what it would have decided, without words; `change` and `cost` beside it.
    """

    decision_id: str
    kind: FlipKind
    decided_at: datetime
    told: Mapping[str, Any]


def last_span(uses: Iterable[Use]) -> Span | None:
    """Return when the last challenger decided beside the last champion it met.

    Args:
        uses: the history of the shelf, the oldest first.
    """
    who: dict[BundleRole, str] = {CHAMPION: NOBODY, CHALLENGER: NOBODY}
    last: Span | None = None
    for use in uses:
        if last and last.until is None:
            last = replace(last, until=use.since)
        who[use.role] = use.bundle_id
        if who[CHALLENGER] not in {NOBODY, who[CHAMPION]}:
            last = Span(who[CHALLENGER], who[CHAMPION], use.since, None)
    return last


class Tally:
    """Counts the replies of a span; what was counted once is not counted again.

    A million rows take PostgreSQL 0.6 s, and rows of before a minute ago are all there.
    """

    def __init__(self) -> None:
        self._kept: tuple[Span, dict[str, int]] | None = None

    def counts(
        self, connection: sa.Connection, span: Span, now: datetime
    ) -> dict[str, int]:
        """Return how many replies were compared, by kind; "" where they agree.

        Args:
            connection: to the store.
            span: who, and when.
            now: the present moment, aware.
        """
        end = min(span.until or now, now - _SETTLED)
        begun, found = span.since, dict.fromkeys(_KINDS, 0)
        kept = self._kept
        if kept and replace(kept[0], until=None) == replace(span, until=None):
            begun, found = kept[0].until or begun, kept[1]
        if end > begun:
            found = _sum(
                found, counts(connection, replace(span, since=begun, until=end))
            )
            begun = end
            self._kept = replace(span, until=end), found
        return _sum(found, counts(connection, replace(span, since=begun)))


def counts(connection: sa.Connection, span: Span) -> dict[str, int]:
    """Return how many replies of a span were compared, by kind; "" where they agree."""
    found = {}
    for kind in _KINDS:
        query = sa.select(sa.func.count()).select_from(shadow_decisions)
        found[kind] = connection.scalar(query.where(*_of(span, kind))) or 0
    return found


def examples(
    connection: sa.Connection, span: Span, kind: FlipKind, most: int = EXAMPLES
) -> list[Flipped]:
    """Return the latest flips of a kind."""
    table = shadow_decisions.c
    query = (
        sa.select(table.decision_id, table.decided_at, table.decision)
        .where(*_of(span, kind))
        .order_by(table.decided_at.desc())
        .limit(most)
    )
    return [
        Flipped(row.decision_id, kind, _utc(row.decided_at), json.loads(row.decision))
        for row in connection.execute(query)
    ]


def differences(connection: sa.Connection, span: Span) -> list[dict[str, object]]:
    """Return the flips of a span, opt-outs first, with what was decided beside.

    At most `EXPORTED` of each kind; no numbers and nobody's words.
    """
    flips = [
        flip for kind in FlipKind for flip in examples(connection, span, kind, EXPORTED)
    ]
    return [
        _row(flip, decided)
        for start in range(0, len(flips), _PART)
        for flip, decided in _with_decided(connection, flips[start : start + _PART])
    ]


def _with_decided(
    connection: sa.Connection, flips: Sequence[Flipped]
) -> Iterator[tuple[Flipped, sa.Row[Any]]]:
    """Yield each flip with the decision on record, unless that is gone."""
    names = ("decision_id", "program", "bundle", *_COMPARED)
    ids = [flip.decision_id for flip in flips]
    query = sa.select(*[decisions.c[name] for name in names]).where(
        decisions.c.decision_id.in_(ids)
    )
    found = {row.decision_id: row for row in connection.execute(query)}
    return ((f, found[f.decision_id]) for f in flips if f.decision_id in found)


def _row(flip: Flipped, decided: sa.Row[Any]) -> dict[str, object]:
    told = flip.told
    return {
        "decision_id": flip.decision_id,
        "decided_at": flip.decided_at,
        "kind": flip.kind.value,
        "change": told["change"],
        "cost": told["cost"],
        "program": decided.program,
        "champion": decided.bundle,
        **{f"champion_{name}": getattr(decided, name) for name in _COMPARED},
        **{f"challenger_{name}": told[name] for name in _COMPARED},
        "challenger_template": told["template"],
        "challenger_priority": told["priority"],
        "challenger_reasons": ", ".join(reason["code"] for reason in told["reasons"]),
    }


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {kind: count + other[kind] for kind, count in one.items()}


def _of(span: Span, kind: str) -> list[sa.ColumnElement[bool]]:
    table = shadow_decisions.c
    wanted = [
        table.bundle == span.challenger,
        table.kind == kind,
        table.decided_at >= span.since,
    ]
    return wanted if span.until is None else [*wanted, table.decided_at < span.until]


def _utc(moment: datetime) -> datetime:
    # SQLite keeps no zone; everything is written in UTC.
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
