"""`replywise ledger …`: proof, evidence, erasure and retention, for people."""

import json
import re
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model.errors import SettingsError
from model.files import written
from serving.access.audit import Value, record
from serving.command_store import (
    DatabaseUrl,
    DataDir,
    ProgramsDir,
    opened,
    operator,
    settings_of,
    tell,
)
from serving.commands.ledger_terminal import canonical_number, known_programs, table_of
from serving.erasing import NO_PEPPER, erase_person
from serving.ids import new_id, now
from serving.ledger.chain import Head, head_of
from serving.ledger.disagreements import DIFFERENCES
from serving.ledger.disagreements import disagreements as find_disagreements
from serving.ledger.evidence import evidence_of, to_html, to_json
from serving.ledger.retention import forget_older
from serving.ledger.summary import Calendar
from serving.ledger.verify import FLAWS
from serving.ledger.verify import verify as verify_ledger
from serving.store.database import reading, writing

BROKEN = 1
_WRITERS = {".html": (to_html,), ".json": (to_json,), "": (to_html, to_json)}
_ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")
_LONGEST_DAYS = 36_500

ledger = typer.Typer(
    help="The consent ledger: proof, evidence, erasure and retention.",
    no_args_is_help=True,
)

NumberArgument = Annotated[
    str, typer.Argument(metavar="NUMBER", help="The person's number, +12025550100.")
]


@ledger.command()
def verify(
    anchor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SEQ:HASH",
            help="A head that was noted elsewhere (`ledger head`); repeatable.",
        ),
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Read the whole ledger and find any changed, missing or reordered row.

    Exits with 1 and names the first bad row where it is broken.
    """
    anchors = [_anchor(text) for text in anchor or ()]
    settings = settings_of(database_url, data_dir)
    with opened(settings) as engine, reading(engine) as connection:
        verdict = verify_ledger(connection, anchors=anchors)
    if verdict.whole:
        head = _written(verdict.head)
        typer.echo(
            f"whole: {verdict.entries} entries, {verdict.erased} erased; head {head}"
        )
        return
    first = min(verdict.findings, key=lambda found: found.sequence)
    typer.echo(
        f"broken at entry {first.sequence}: {FLAWS[first.flaw]} "
        f"({verdict.flaws} flaws in {verdict.entries} entries)"
    )
    raise typer.Exit(BROKEN)


@ledger.command()
def head(database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Print the end of the chain, to be noted where nobody can rewrite it."""
    settings = settings_of(database_url, data_dir)
    with opened(settings) as engine, reading(engine) as connection:
        typer.echo(_written(head_of(connection)))


@ledger.command()
def export(
    number: NumberArgument,
    out: Annotated[
        Path, typer.Option(help="FILE.html, FILE.json; without either, both.")
    ],
    programs: ProgramsDir = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Write all that is on record about one number, for counsel.

    With REPLYWISE_PEPPER what an erasure left of the number is found too.
    """
    suffix = out.suffix.lower()
    if suffix not in _WRITERS:
        raise SettingsError(
            f"--out: expected a file ending in .html, .json or nothing, got {suffix!r}"
        )
    settings = settings_of(database_url, data_dir, programs)
    known = known_programs(settings)
    with opened(settings) as engine, reading(engine) as connection:
        evidence = evidence_of(
            connection,
            canonical_number(number, known),
            drawn_at=now(),
            pepper=settings.pepper,
            calendar=Calendar(zone=known.default.zone, country=known.default.country),
        )
    for write in _WRITERS[suffix]:
        path = out.with_suffix(".html" if write is to_html else ".json")
        _write(path, write(evidence))
        typer.echo(f"{path}: {len(evidence.entries)} events")
    if not evidence.verdict.whole:
        tell("The ledger is broken; see `replywise ledger verify`.")


@ledger.command()
def erase(
    number: NumberArgument,
    reason: Annotated[
        str,
        typer.Option(help="Why, for the audit: a ticket's number, nothing personal."),
    ],
    programs: ProgramsDir = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask; there is no way back.")
    ] = False,
) -> None:
    """Erase a number and its words everywhere; a keyed digest keeps it suppressed.

    Needs REPLYWISE_PEPPER, which must stay what it is from then on.
    """
    settings = settings_of(database_url, data_dir, programs)
    if settings.pepper is None:
        raise SettingsError(NO_PEPPER)
    known = known_programs(settings)
    wanted = canonical_number(number, known)
    if not yes:
        typer.confirm("Erase the number and its words for good?", abort=True)
    with opened(settings) as engine, writing(engine) as connection:
        erased = erase_person(
            connection,
            wanted,
            known,
            reason=reason,
            pepper=settings.pepper,
            actor=operator(),
            now=now,
            new_id=new_id,
        )
    typer.echo(
        f"erased: {erased.entries} ledger entries, {erased.decisions} decisions, "
        f"{erased.messages} messages; suppressed in {len(known.by_id)} programs"
    )


@ledger.command()
def forget(
    older_than: Annotated[
        int,
        typer.Option(
            metavar="DAYS",
            min=1,
            max=_LONGEST_DAYS,
            help="Keep the words of so many days.",
        ),
    ],
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Empty the words of old decisions and messages; the ledger keeps its own.

    An opt-out's exact words stay in the ledger for as long as they can be asked for.
    """
    before = now() - timedelta(days=older_than)
    with opened(settings_of(database_url, data_dir)) as engine:
        gone = forget_older(engine, before)
        counts: dict[str, Value] = asdict(gone)
        with writing(engine) as connection:
            record(
                connection,
                actor=operator(),
                action="texts.forgotten",
                now=now,
                new_id=new_id,
                details={"days": older_than, **counts},
            )
    typer.echo(f"forgotten: {gone.decisions} decisions, {gone.messages} messages")


@ledger.command()
def disagreements(
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line.")
    ] = False,
) -> None:
    """Show where provider and ledger disagree on who may be messaged."""
    settings = settings_of(database_url, data_dir)
    with opened(settings) as engine, reading(engine) as connection:
        found = list(find_disagreements(connection))
    if as_json:
        for each in found:
            typer.echo(json.dumps(asdict(each), default=str))
        return
    Console(markup=False).print(table_of(found))
    for difference in sorted({each.difference for each in found}):
        tell(f"{difference}: {DIFFERENCES[difference]}")


def _anchor(text: str) -> Head:
    found = _ANCHOR.fullmatch(text)
    if found is None:
        raise SettingsError(
            "--anchor: expected SEQ:HASH as `replywise ledger head` prints it"
        )
    return Head(int(found[1]), found[2])


def _written(end: Head) -> str:
    return f"{end.sequence}:{end.row_hash}"


def _write(path: Path, text: str) -> None:
    with written(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
