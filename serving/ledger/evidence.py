"""What is on record about one number, for counsel: JSON, and a page to print."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import jinja2
import sqlalchemy as sa

from serving.ledger.chain import Head
from serving.ledger.event import ConsentEvent, Entry
from serving.ledger.history import history
from serving.ledger.rows import entry_of
from serving.ledger.state import CLASSES, programs_of
from serving.ledger.summary import Calendar, ProgramSummary, Revocation, summarise
from serving.ledger.verify import FLAWS, Verdict, verify
from serving.ledger.words import KINDS, LABELS, moment_in_words, value_in_words
from serving.store.tables import consent_events

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the ledger holds about one number.

    Attributes:
        number: the number that was asked for.
        drawn_at: when it was drawn up, aware.
        programs: where the number stands with each program that knows it.
        entries: every entry about it, in the order of the chain.
        verdict: whether the whole ledger is as it was written.
    """

    number: str
    drawn_at: datetime
    programs: tuple[ProgramSummary, ...]
    entries: tuple[Entry, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What the ledger holds about one number, not verified.

    Attributes:
        programs: where the number stands with each program that knows it.
        entries: every entry about it, in the order of the chain.
    """

    programs: tuple[ProgramSummary, ...]
    entries: tuple[Entry, ...]


def on_record(
    connection: sa.Connection,
    number: str,
    *,
    pepper: bytes | None = None,
    calendar: Calendar | None = None,
) -> OnRecord:
    """Return what is on record about `number`; a few queries by index.

    With the `pepper`, what an erasure left is found too.
    """
    entries = history(connection, number, pepper=pepper)
    programs = tuple(
        summarise(entries, brand, program, calendar or Calendar())
        for brand, program in programs_of(entries)
    )
    emptied = _emptied(connection, entries)
    return OnRecord(
        programs, tuple(sorted([*entries, *emptied], key=lambda e: e.sequence))
    )


def evidence_of(
    connection: sa.Connection,
    number: str,
    *,
    drawn_at: datetime,
    pepper: bytes | None = None,
    anchors: Sequence[Head] = (),
    calendar: Calendar | None = None,
) -> Evidence:
    """Gather what is on record about `number`, and verify the whole ledger.

    With the `pepper`, what an erasure left is found too. Give a connection of a
    read-only transaction: the page and the verdict are then of one moment.
    """
    found = on_record(connection, number, pepper=pepper, calendar=calendar)
    return Evidence(
        number=number,
        drawn_at=drawn_at,
        programs=found.programs,
        entries=found.entries,
        verdict=verify(connection, anchors=anchors),
    )


def to_json(evidence: Evidence) -> str:
    """Return the evidence for programs: every field, ASCII, exact words."""
    body = {
        "number": evidence.number,
        "drawn_at": _plain(evidence.drawn_at),
        "programs": [_program(program) for program in evidence.programs],
        "events": [_entry(entry) for entry in evidence.entries],
        "ledger": _verdict(evidence.verdict),
    }
    return json.dumps(body, indent=2) + "\n"


def to_html(evidence: Evidence) -> str:
    """Return one page that needs nothing beside it, to read and to print."""
    return _page().render(
        evidence=evidence,
        entries=[
            (entry, KINDS[entry.event.kind], told(entry), _untold(entry))
            for entry in evidence.entries
        ],
        flaws=FLAWS,
        in_words=moment_in_words,
    )


def _emptied(connection: sa.Connection, entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries that erasures of this number emptied."""
    sequences = [number for entry in entries for number in entry.event.erases]
    if not sequences:
        return []
    rows = connection.execute(
        sa.select(consent_events).where(consent_events.c.sequence.in_(sequences))
    )
    return [entry_of(row) for row in rows]


def _program(program: ProgramSummary) -> dict[str, object]:
    return {
        "brand": program.brand,
        "program": program.program,
        "summary": list(program.sentences),
        "consent": {
            scope.value: {
                "standing": found.standing.value,
                "since": _plain(found.since),
                "event_id": found.entry and found.entry.event_id,
            }
            for scope in CLASSES
            for found in [program.consent.of(scope)]
        },
        "revocation": program.revocation and _revocation(program.revocation),
    }


def _revocation(revocation: Revocation) -> dict[str, object]:
    told = {
        field.name: _plain(getattr(revocation, field.name))
        for field in fields(Revocation)
        if field.name != "entry"
    }
    return {"event_id": revocation.entry.event_id, **told}


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "sequence": entry.sequence,
        "recorded_at": _plain(entry.recorded_at),
        "erased": entry.erased,
        **{
            field.name: _plain(getattr(entry.event, field.name))
            for field in fields(ConsentEvent)
        },
        "prev_hash": entry.prev_hash,
        "row_hash": entry.row_hash,
    }


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "whole": verdict.whole,
        "entries": verdict.entries,
        "erased": verdict.erased,
        "head": {"sequence": verdict.head.sequence, "row_hash": verdict.head.row_hash},
        "flaws": verdict.flaws,
        "findings": [
            {"sequence": found.sequence, "flaw": found.flaw.value}
            for found in verdict.findings
        ],
    }


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def told(entry: Entry) -> list[tuple[str, str]]:
    """Return what an entry holds, each field by its name, in words."""
    return [
        (label, value_in_words(value))
        for name, label in LABELS.items()
        if not _empty(value := getattr(entry.event, name))
    ]


def _untold(entry: Entry) -> list[str]:
    return [
        label for name, label in LABELS.items() if _empty(getattr(entry.event, name))
    ]


def _empty(value: object) -> bool:
    return value is None or value == ()


@cache
def _page() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("evidence.html")
