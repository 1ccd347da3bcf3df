"""What the Consent page says of a number, in plain words; pure but for the reading."""

from collections.abc import Sequence
from dataclasses import dataclass

import phonenumbers
import sqlalchemy as sa

from serving.ledger.event import Entry, Kind, Scope, Source
from serving.ledger.evidence import on_record, told
from serving.ledger.state import CLASSES, CurrentConsent, Standing
from serving.ledger.summary import Calendar
from serving.ledger.words import KINDS, moment_in_words, visible
from serving.programs.number import NumberKind, parsed_phone, read_number
from serving.programs.programs import Programs
from serving.recording.setup import Setup
from serving.store.tables import contacts

_STANDINGS = {
    Standing.OPTED_IN: ("opted in", "good"),
    Standing.OPTED_OUT: ("opted out", "alert"),
    Standing.UNKNOWN: ("nothing on record", ""),
}
_HOW = {
    Source.SMS_KEYWORD: "by a keyword in a message",
    Source.SMS_FREETEXT: "in own words in a message",
    Source.PROVIDER: "told by the provider",
    Source.API: "told by another system",
    Source.IMPORT: "imported",
    Source.AGENT: "noted by a person of ours",
    Source.WEB: "on a web page",
    Source.EMAIL: "by email",
    Source.VOICE: "by telephone",
    Source.SYSTEM: "by this service",
}

_BADGES = {Kind.OPT_IN: "good", Kind.OPT_OUT: "alert", Kind.WRONG_PARTY: "alert"}


@dataclass(frozen=True, slots=True)
class ScopeView:
    """Where a number stands with one kind of messages."""

    scope: str
    words: str
    kind: str


@dataclass(frozen=True, slots=True)
class ProgramView:
    """Where a number stands with one program.

    Attributes:
        title: brand and program.
        scopes: marketing and transactional; one entry where they agree.
        sentences: the same, and what followed, for people who read.
    """

    title: str
    scopes: tuple[ScopeView, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventView:
    """One entry of the ledger.

    Attributes:
        heading: what happened.
        kind: the badge of it.
        when: by the provider's clock.
        where: brand and program.
        how: how we came to know.
        quote: the person's exact words, nothing hidden; None where there are none.
        fields: everything that is recorded, by name.
    """

    sequence: int
    row_hash: str
    heading: str
    kind: str
    when: str
    where: str
    how: str
    quote: str | None
    erased: bool
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the page shows of one number.

    Attributes:
        number: canonical.
        shown: as people write it.
        programs: the programs that know it.
        others: titles of the programs of this deployment that do not.
        events: what was recorded, the latest first.
        conversations: how many conversations it has with us.
    """

    number: str
    shown: str
    programs: tuple[ProgramView, ...]
    others: tuple[str, ...]
    events: tuple[EventView, ...]
    conversations: int


def person_number(text: str, programs: Programs) -> str:
    """Return the number of a person as the ledger has it.

    Raises:
        ValueError: it is none. The message does not repeat it.
    """
    number = read_number(text, programs.default.country)
    if number.kind not in {NumberKind.PHONE, NumberKind.SHORT_CODE}:
        raise ValueError("expected a telephone number like +12025550142")
    return number.value


def dossier_of(connection: sa.Connection, number: str, setup: Setup) -> Dossier:
    """Return what is on record about `number`; a few queries by index."""
    home = setup.programs.default
    calendar = Calendar(zone=home.zone, country=home.country)
    found = on_record(connection, number, pepper=setup.pepper, calendar=calendar)
    titles = {
        (each.brand, each.program_id): _title(each.brand, each.name)
        for each in setup.programs
    }
    known = {(each.brand, each.program): each for each in found.programs}
    return Dossier(
        number=number,
        shown=_shown(number),
        programs=tuple(
            ProgramView(
                titles.get(place, _title(*place)),
                _scopes(each.consent),
                each.sentences,
            )
            for place, each in known.items()
        ),
        others=tuple(title for place, title in titles.items() if place not in known),
        events=_events(found.entries, titles),
        conversations=_conversations(connection, number),
    )


def _title(brand: str, program: str) -> str:
    return brand if brand == program else f"{brand} · {program}"


def _shown(number: str) -> str:
    phone = parsed_phone(number)
    if phone is None:
        return number
    style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(phone, style)


def _scopes(consent: CurrentConsent) -> tuple[ScopeView, ...]:
    standings = {scope: consent.of(scope).standing for scope in CLASSES}
    if len(set(standings.values())) == 1:
        standings = {Scope.ALL: consent.marketing.standing}
    named = {Scope.ALL: "All messages", Scope.MARKETING: "Marketing"}
    return tuple(
        ScopeView(named.get(scope, "Transactional"), *_STANDINGS[standing])
        for scope, standing in standings.items()
    )


def _events(
    entries: Sequence[Entry], titles: dict[tuple[str, str], str]
) -> tuple[EventView, ...]:
    return tuple(_event(entry, titles) for entry in reversed(entries))


def _event(entry: Entry, titles: dict[tuple[str, str], str]) -> EventView:
    event = entry.event
    place = (event.brand, event.program)
    return EventView(
        sequence=entry.sequence,
        row_hash=entry.row_hash,
        heading=KINDS[event.kind],
        kind=_BADGES.get(event.kind, ""),
        when=moment_in_words(event.occurred_at),
        where=titles.get(place, _title(*place)),
        how=_HOW[event.source],
        quote=None if event.text is None else visible(event.text),
        erased=entry.erased,
        fields=tuple(told(entry)),
    )


def _conversations(connection: sa.Connection, number: str) -> int:
    counted = sa.select(sa.func.count()).where(contacts.c.number == number)
    return int(connection.scalar(counted) or 0)
