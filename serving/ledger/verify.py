"""Verification: the whole ledger is read once, in bounded memory, and judged."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from serving.ledger.chain import GENESIS, Head, personal_digest, row_hash
from serving.ledger.event import Kind
from serving.store.tables import consent_events, ledger_head

MOST_FINDINGS = 100
"""Findings that are told one by one; all are counted."""

_ROWS = 1000
"""Rows in memory at once."""

_SQLITE = "%Y-%m-%d %H:%M:%S.%f"
"""How moments lie in SQLite."""


_BEFORE = Head(0, GENESIS)


class Flaw(StrEnum):
    """What is wrong with the ledger."""

    CHANGED = "changed"
    MISSING = "missing"
    MISPLACED = "misplaced"
    PERSONAL_CHANGED = "personal_changed"
    ERASED_WITHOUT_RECORD = "erased_without_record"
    ERASURE_INCOMPLETE = "erasure_incomplete"
    TAIL_CUT = "tail_cut"
    HEAD_MISSING = "head_missing"
    HEAD_DIFFERS = "head_differs"
    ANCHOR_MISSED = "anchor_missed"


FLAWS = {
    Flaw.CHANGED: "The entry does not have its hash: something in it was changed.",
    Flaw.MISSING: "Entries before this one are gone.",
    Flaw.MISPLACED: "The entry does not follow the one before it: one of the two was "
    "changed, moved, or put in.",
    Flaw.PERSONAL_CHANGED: "Number or words are not those that were recorded.",
    Flaw.ERASED_WITHOUT_RECORD: "Number and words are gone, and no erasure tells why.",
    Flaw.ERASURE_INCOMPLETE: "An erasure names an entry that still holds its words.",
    Flaw.TAIL_CUT: "The last entries, up to this one, are gone.",
    Flaw.HEAD_MISSING: "The head of the chain is gone.",
    Flaw.HEAD_DIFFERS: "The head of the chain names another last entry.",
    Flaw.ANCHOR_MISSED: "The entry is not the one that was noted elsewhere: the ledger "
    "was rewritten, or the note is of another ledger.",
}
"""What each flaw means, for people."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw, at the sequence number where it shows."""

    sequence: int
    flaw: Flaw


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verification found.

    Attributes:
        entries: how many entries were read.
        erased: how many of them are emptied by erasures.
        head: the end of the chain as the entries have it.
        findings: the first flaws, by sequence number within each check.
        flaws: how many there are in all.
    """

    entries: int
    erased: int
    head: Head
    findings: tuple[Finding, ...]
    flaws: int

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.flaws == 0


def verify(connection: sa.Connection, *, anchors: Sequence[Head] = ()) -> Verdict:
    """Judge the whole ledger; `anchors` are heads that were noted elsewhere.

    Give a connection of a read-only transaction: writers then go on meanwhile, and
    all that is read is of one moment.
    """
    walk = _Walk({anchor.sequence: anchor.row_hash for anchor in anchors})
    for row in _stream(connection):
        walk.step(row)
    walk.end(connection.execute(sa.select(ledger_head)).one_or_none())
    _check_erasures(connection, walk)
    return Verdict(
        walk.entries, walk.erased, walk.last, tuple(walk.findings), walk.flaws
    )


@dataclass(slots=True)
class _Walk:
    """Where the verification stands, and what it has found."""

    anchors: dict[int, str]
    last: Head = _BEFORE
    entries: int = 0
    erased: int = 0
    flaws: int = 0
    findings: list[Finding] = field(default_factory=list)

    def step(self, row: dict[str, Any]) -> None:
        """Judge the next row."""
        sequence = row["sequence"]
        if sequence != self.last.sequence + 1:
            self.find(sequence, Flaw.MISSING)
        elif row["prev_hash"] != self.last.row_hash:
            self.find(sequence, Flaw.MISPLACED)
        if row["row_hash"] != row_hash(row):
            self.find(sequence, Flaw.CHANGED)
        kept = (row["number"], row["personal"], row["salt"])
        if kept == (None, None, None):
            self.erased += 1
        elif row["personal_digest"] != personal_digest(
            row["salt"], row["number"], row["personal"]
        ):
            self.find(sequence, Flaw.PERSONAL_CHANGED)
        if self.anchors.pop(sequence, row["row_hash"]) != row["row_hash"]:
            self.find(sequence, Flaw.ANCHOR_MISSED)
        self.entries += 1
        self.last = Head(sequence, row["row_hash"])

    def end(self, head: Any) -> None:
        """Judge the end against the head that the table tells."""
        for sequence in sorted(self.anchors):
            if sequence > 0:
                self.find(sequence, Flaw.ANCHOR_MISSED)
        if head is None:
            self.find(self.last.sequence, Flaw.HEAD_MISSING)
        elif head.sequence > self.last.sequence:
            self.find(head.sequence, Flaw.TAIL_CUT)
        elif (head.sequence, head.row_hash) != (
            self.last.sequence,
            self.last.row_hash,
        ):
            self.find(self.last.sequence, Flaw.HEAD_DIFFERS)

    def find(self, sequence: int, flaw: Flaw) -> None:
        """Count a flaw, and keep it while there is room."""
        self.flaws += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(sequence, flaw))


def _stream(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """Yield the rows in the order of the chain, a part in memory at a time."""
    columns = [
        # As it lies there: what is no moment is a change, no failure to read.
        sa.type_coerce(column, sa.types.NullType()).label(column.name)
        if connection.dialect.name == "sqlite" and column.name.endswith("_at")
        else column
        for column in consent_events.c
    ]
    query = sa.select(*columns).order_by(consent_events.c.sequence)
    for row in _streamed(connection, query):
        values = row._asdict()
        for name in ("occurred_at", "recorded_at"):
            values[name] = _moment(values[name])
        yield values


def _streamed(
    connection: sa.Connection, query: sa.Select[Any]
) -> Iterator[sa.Row[Any]]:
    """Yield the rows of a query, and let go of it also where not all are taken."""
    with connection.execute(query, execution_options={"yield_per": _ROWS}) as rows:
        yield from rows


def _moment(value: object) -> object:
    if isinstance(value, str):
        try:
            return datetime.strptime(value, _SQLITE).replace(tzinfo=UTC)
        except ValueError:
            return value
    return value


def _check_erasures(connection: sa.Connection, walk: _Walk) -> None:
    """Hold the emptied entries against the erasures that tell of them.

    Each list holds the entries of one person. What is emptied and listed nowhere
    shows as a difference of counts first, and is looked for only then.
    """
    table = consent_events.c
    listed, complete = 0, True
    for sequence, erases in _erasures(connection):
        listed += len(erases)
        for start in range(0, len(erases), _ROWS):
            part = erases[start : start + _ROWS]
            emptied = connection.scalar(
                sa.select(sa.func.count())
                .where(table.sequence.in_(part), table.personal.is_(None))
                .select_from(consent_events)
            )
            if emptied != len(part):
                complete = False
                walk.find(sequence, Flaw.ERASURE_INCOMPLETE)
    if listed != walk.erased or not complete:
        for sequence in _emptied_but_not_listed(connection):
            walk.find(sequence, Flaw.ERASED_WITHOUT_RECORD)


def _erasures(connection: sa.Connection) -> Iterator[tuple[int, list[int]]]:
    table = consent_events.c
    query = (
        sa.select(table.sequence, table.details)
        .where(table.kind == Kind.ERASED.value)
        .order_by(table.sequence)
    )
    for row in _streamed(connection, query):
        yield row.sequence, _listed(row.details)


def _listed(details: object) -> list[int]:
    """Return the entries that an erasure names; none where it was tampered with."""
    try:
        return [int(number) for number in json.loads(str(details))["erases"]]
    except (ValueError, KeyError, TypeError):
        return []


def _emptied_but_not_listed(connection: sa.Connection) -> Iterator[int]:
    # One look at every erasure for each emptied entry: slow, and only after harm.
    table = consent_events.c
    emptied = (
        sa.select(table.sequence)
        .where(table.personal.is_(None))
        .order_by(table.sequence)
    )
    for (sequence,) in _streamed(connection, emptied):
        if not any(sequence in erases for _, erases in _erasures(connection)):
            yield sequence
