"""Where the ledger and the provider disagree on who may be messaged.

Neither is wrong by itself: the provider blocks by its own keywords and does not hear of
a web form; we hear what its keywords miss. But a block that nobody knows of loses
messages that a person asked for, and a delivery to someone who is suppressed costs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from serving.ledger.event import Entry, Kind, Scope, Source
from serving.ledger.history import histories
from serving.ledger.state import CLASSES, Standing, current_consent, programs_of
from serving.store.tables import consent_events

_TOGETHER = 500
"""Numbers looked up in one query."""

_BY_PROVIDER = '"source":"provider"'
"""How the ledger's JSON says that the provider told; quotes in words are escaped."""

_HEARD_BY_PROVIDER = frozenset({Source.PROVIDER, Source.SMS_KEYWORD})
"""An opt-in by keyword went through the provider, and lifted its block as well."""


class Difference(StrEnum):
    """Who holds back and who does not."""

    PROVIDER_BLOCKS = "provider_blocks"
    PROVIDER_DELIVERS = "provider_delivers"


DIFFERENCES = {
    Difference.PROVIDER_BLOCKS: "The ledger has consent, the provider blocks: ask the "
    "person to text START, or lift the block there.",
    Difference.PROVIDER_DELIVERS: "The ledger suppresses, the provider delivered: find "
    "what sends past the check.",
}
"""What each means, and what to do."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One number with one program.

    Attributes:
        number: whose.
        brand: of the program.
        program: its id.
        difference: who holds back.
        provider: its name; None where the event does not tell.
        provider_event: what the provider told last.
        provider_at: when, by its clock.
        ledger_event: what our standing rests on.
        ledger_at: since when.
    """

    number: str = field(repr=False)
    brand: str
    program: str
    difference: Difference
    provider: str | None
    provider_event: str
    provider_at: datetime
    ledger_event: str
    ledger_at: datetime


def disagreements(connection: sa.Connection) -> Iterator[Disagreement]:
    """Yield every disagreement, by number; give a read-only transaction.

    The whole ledger is looked through once; erased numbers are left out.
    """
    table = consent_events.c
    numbers = connection.scalars(
        sa.select(table.number)
        .where(table.number.is_not(None), table.details.contains(_BY_PROVIDER))
        .distinct()
        .order_by(table.number)
    ).all()
    for start in range(0, len(numbers), _TOGETHER):
        found = histories(connection, numbers[start : start + _TOGETHER])
        for number, entries in found.items():
            for brand, program in programs_of(entries):
                yield from _of(number, brand, program, entries)


def _of(
    number: str, brand: str, program: str, entries: Sequence[Entry]
) -> Iterator[Disagreement]:
    consent = current_consent(entries, brand=brand, program=program)
    ours = [e for e in entries if (e.event.brand, e.event.program) == (brand, program)]
    granted = [
        told.entry
        for told in (consent.of(scope) for scope in CLASSES)
        if told.standing is Standing.OPTED_IN and told.entry
    ]
    block, closing = _block(ours), consent.of(Scope.TRANSACTIONAL)
    if block and granted:
        last = max(granted, key=_when)
        yield _told(number, Difference.PROVIDER_BLOCKS, block, last)
    elif closing.standing is Standing.OPTED_OUT and closing.entry:
        delivered = _last(ours, Kind.NOTE, frozenset({Source.PROVIDER}))
        if delivered and _when(delivered) > _when(closing.entry):
            yield _told(number, Difference.PROVIDER_DELIVERS, delivered, closing.entry)


def _block(entries: Sequence[Entry]) -> Entry | None:
    """Return the provider's last opt-out, None where it heard of a later opt-in."""
    block = _last(entries, Kind.OPT_OUT, frozenset({Source.PROVIDER}))
    lifted = _last(entries, Kind.OPT_IN, _HEARD_BY_PROVIDER)
    if block and lifted and _when(lifted) > _when(block):
        return None
    return block


def _last(
    entries: Sequence[Entry], kind: Kind, sources: frozenset[Source]
) -> Entry | None:
    found = [e for e in entries if e.event.kind is kind and e.event.source in sources]
    return max(found, key=_when, default=None)


def _when(entry: Entry) -> datetime:
    return entry.event.occurred_at


def _told(
    number: str, difference: Difference, provider: Entry, ledger: Entry
) -> Disagreement:
    return Disagreement(
        number=number,
        brand=provider.event.brand,
        program=provider.event.program,
        difference=difference,
        provider=provider.event.provider,
        provider_event=provider.event_id,
        provider_at=_when(provider),
        ledger_event=ledger.event_id,
        ledger_at=_when(ledger),
    )
