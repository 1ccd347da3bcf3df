"""`replywise export-labels`, `replywise export-replies`: what analysts start from."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from model.errors import SettingsError
from model.files import written
from serving.command_store import (
    DatabaseUrl,
    DataDir,
    ProgramsDir,
    opened,
    settings_of,
    tell,
)
from serving.commands.ledger_terminal import known_programs
from serving.files import write_rows
from serving.ids import now
from serving.labels.exported import Export, export
from serving.labels.label import lesson_of
from serving.labels.nameless import Nameless
from serving.labels.replies import Gathering
from serving.labels.reviewed import reviewed
from serving.replay.rows import PAGE, Span, count_rows, pages
from serving.since import moment_of
from serving.store.database import reading

NOTHING = 1

Program = Annotated[str | None, typer.Option(help="Replies to this program alone.")]


def export_labels(
    *,
    out: Annotated[
        Path, typer.Option(help="Labelled replies for `replywise train`: CSV, JSONL.")
    ],
    optout_out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Missed and false opt-outs, as cases."),
    ] = None,
    behaviour_out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Mistakes as behaviour cases, YAML."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Reviewed since: 12h, 30d, 4w, or a date."),
    ] = None,
    program: Program = None,
    include_right: Annotated[
        bool, typer.Option("--include-right", help="What was decided rightly as well.")
    ] = False,
    programs: ProgramsDir = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Turn reviews into labelled replies, without numbers and names.

    Where two reviewed a reply and differ, it is left out until somebody decided.
    Exits with 1, and writes nothing, where no review gives a label or a case.
    """
    settings = settings_of(database_url, data_dir, programs)
    nameless = Nameless(known_programs(settings))
    start = moment_of(since, "--since", now()) if since else None
    with opened(settings) as engine, reading(engine) as connection:
        found = [
            lesson_of(each, nameless) for each in reviewed(connection, start, program)
        ]
    exported = export(found, include_right=include_right)
    if not (exported.labels or exported.cases):
        _tell_left_out(exported)
        tell("Nothing to export; nothing was written.")
        raise typer.Exit(NOTHING)
    if exported.labels:
        write_rows(out, exported.labels)
        tell(f"{out}: {len(exported.labels)} replies, {exported.merged} merged in them")
    if optout_out and exported.cases:
        write_rows(optout_out, exported.cases)
        tell(f"{optout_out}: {len(exported.cases)} opt-out cases")
    if behaviour_out:
        with written(behaviour_out) as part:
            part.write_text(exported.behaviour, encoding="utf-8", newline="\n")
        tell(f"{behaviour_out}: behaviour cases")
    _tell_left_out(exported)


def export_replies(
    *,
    out: Annotated[Path, typer.Option(help="Where the texts go: CSV, JSONL, Parquet.")],
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="From when: 12h, 30d, 4w, or a date.")
    ] = "30d",
    program: Program = None,
    programs: ProgramsDir = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Write what people wrote lately, each text once, without numbers and names.

    With intent, confidence, language, decided_by and action of the last decision about
    it, and how often it came: for `replywise suggest`. Exits with 1, and writes
    nothing, where there is none.
    """
    settings = settings_of(database_url, data_dir, programs)
    gathering = Gathering(Nameless(known_programs(settings)))
    span = Span(moment_of(since, "--since", now()), now(), program)
    if span.since >= span.until:
        raise SettingsError(f"--since: expected a moment that is past, got {since!r}")
    console = Console(stderr=True)
    with opened(settings) as engine:
        parts = -(-count_rows(engine, span) // PAGE)
        read = pages(engine, span)
        for page in track(read, "Reading decisions", total=parts, console=console):
            gathering.add(page)
    rows = gathering.rows()
    if not rows:
        tell("Nothing was decided in that time; nothing was written.")
        raise typer.Exit(NOTHING)
    write_rows(out, rows)
    kept = gathering.decisions - gathering.erased
    gone = f"{gathering.erased} had lost their words"
    tell(f"{out}: {len(rows)} texts of {kept} replies; {gone}")


def _tell_left_out(exported: Export) -> None:
    for reason, count in exported.left_out.most_common():
        tell(f"{count} left out: {reason}")
