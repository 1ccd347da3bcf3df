"""Events as rows of the ledger, there and back.

What is searched for has a column. The rest is JSON in two parts: what may be kept
for ever, and what is personal and goes when a person asks. JSON in ASCII, because
PostgreSQL refuses NUL and UTF-8 refuses lone surrogates, and a text that holds either
may be an opt-out all the same.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from serving.ledger.event import (
    ConsentEvent,
    ConsentType,
    Entry,
    Kind,
    Scope,
    SentBy,
    Source,
)
from serving.store.moments import aware

PERSONAL = (
    "text",
    "normalized_text",
    "answered_text",
    "url",
    "ip",
    "user_agent",
    "identity",
    "screenshot",
    "reason",
)
"""Fields that an erasure empties, beside the number."""

_COLUMNS = (
    "event_id",
    "number",
    "number_digest",
    "brand",
    "program",
    "kind",
    "scope",
    "occurred_at",
)
_DETAILS = tuple(
    field.name
    for field in fields(ConsentEvent)
    if field.name not in {*_COLUMNS, *PERSONAL}
)
_READ: Mapping[str, Callable[[Any], object]] = {
    "kind": Kind,
    "scope": Scope,
    "source": Source,
    "consent_type": ConsentType,
    "sent_by": SentBy,
    "received_at": datetime.fromisoformat,
    "suppressed_since": datetime.fromisoformat,
    "deadline": date.fromisoformat,
    "erases": tuple,
}
"""How fields that JSON and columns hold as plain values become what they were."""


_get_details = attrgetter(*_DETAILS)
_get_personal = attrgetter(*PERSONAL)


def details_of(event: ConsentEvent) -> str:
    """Return the JSON of what is neither searched for nor personal."""
    return _json(zip(_DETAILS, _get_details(event), strict=True))


def personal_of(event: ConsentEvent) -> str:
    """Return the JSON of what goes when the person asks; the number beside it."""
    return _json(zip(PERSONAL, _get_personal(event), strict=True))


def instant(moment: datetime) -> str:
    """Return a moment as the hashes and the JSON have it: UTC, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def entry_of(row: sa.Row[Any]) -> Entry:
    """Return the entry that a whole row of the ledger holds."""
    values: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
    values["occurred_at"] = aware(row.occurred_at)
    values |= json.loads(row.details)
    values |= json.loads(row.personal) if row.personal is not None else {}
    read: dict[str, Any] = {
        name: _READ[name](value) if name in _READ else value
        for name, value in values.items()
    }
    return Entry(
        event=ConsentEvent(**read),
        sequence=row.sequence,
        recorded_at=aware(row.recorded_at),
        prev_hash=row.prev_hash,
        row_hash=row.row_hash,
        erased=row.personal is None,
    )


def _day_or_moment(value: object) -> str:
    if isinstance(value, datetime):
        return instant(value)
    assert isinstance(value, date)  # noqa: S101 - events hold nothing else
    return value.isoformat()


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), allow_nan=False, default=_day_or_moment
)


def _json(values: Iterable[tuple[str, object]]) -> str:
    # What is empty is left out, so that a field of a later version changes no hash.
    return _ENCODER.encode({n: v for n, v in values if v is not None and v != ()})
