"""`replywise replay`: what a release would change, before it is released."""

import os
import re
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from model.bundle import DEFAULT
from model.errors import SettingsError
from model.shelf import Shelf
from serving.command_store import DatabaseUrl, DataDir, opened, settings_of, tell
from serving.ids import now
from serving.replay.html_report import TITLES
from serving.replay.replaying import Request, Told, run_replay
from serving.replay.rows import Span
from serving.replay.summary import Summary
from serving.routing.flips import FlipKind
from serving.settings import Settings
from serving.since import moment_of

TOO_MANY = 1
STOPPED = 130
"""As of a command that Ctrl-C ended."""

_LIMIT = re.compile(r"([a-z_]+)(?::(\d{1,9}))?")


def replay(  # noqa: PLR0913, PLR0917 - Typer makes options of parameters
    bundle: Annotated[
        Path, typer.Option(metavar="CANDIDATE", help="Folder of the bundle to try.")
    ],
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="From when: 12h, 30d, 4w, or a date.")
    ] = "30d",
    until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Until when; now if left out.")
    ] = None,
    program: Annotated[
        str | None, typer.Option(help="Replies to this program alone.")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="The report, for people; it holds people's words.")
    ] = Path("replay.html"),
    parquet: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Every decision that flips, as Parquet."),
    ] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The figures, for programs.")
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND[:N]",
            help="Exit with 1 where more than N (0) flip in this kind: "
            f"{', '.join(FlipKind)}. Repeatable.",
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="How many decide at once; one for each core."),
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Decide the logged replies again with CANDIDATE and show what flips.

    Each in the context that was logged with it: rules, thresholds, templates and model
    alike. Stopped and run again, it goes on where it was.
    """
    limits = [_limit(text) for text in fail_on or ()]
    settings = settings_of(database_url, data_dir)
    request = Request(
        bundle=bundle,
        known=_known(settings),
        span=_span(since, until, program),
        since=since,
        until=until,
        processes=processes or _cores(),
        out=out,
        parquet=parquet,
        json=json,
    )
    console = Console(stderr=True)
    bar = _bar(console)
    with opened(settings) as engine:
        try:
            summary = run_replay(request, engine, _told_on(bar))
        except KeyboardInterrupt:
            tell(f"Stopped; the same command goes on from {request.progress}.")
            raise typer.Exit(STOPPED) from None
        finally:
            if bar.live.is_started:
                bar.stop()
    _print(summary, console)
    for path in filter(None, (out, parquet, json)):
        tell(f"{path} written")
    over = [kind for kind, most in limits if summary.of(kind).count > most]
    if over:
        tell(f"More decisions flip than --fail-on allows: {', '.join(over)}.")
        raise typer.Exit(TOO_MANY)


def _known(settings: Settings) -> tuple[Path, ...]:
    """Return where the bundles lie that may have decided here."""
    shelf = Shelf(settings.shelf_folder()).candidates()
    return (settings.bundle, DEFAULT, *(one.folder for one in shelf))


def _span(since: str, until: str | None, program: str | None) -> Span:
    moment = now()
    end = moment_of(until, "--until", moment) if until else moment
    start = moment_of(since, "--since", moment)
    if start >= end:
        raise SettingsError(
            f"--since: expected a moment before {end:%Y-%m-%d %H:%M} UTC, got {since!r}"
        )
    return Span(start, end, program)


def _limit(text: str) -> tuple[FlipKind, int]:
    found = _LIMIT.fullmatch(text)
    if found is None or found[1] not in set(FlipKind):
        kinds = ", ".join(FlipKind)
        problem = f"expected KIND or KIND:N, KIND one of {kinds}"
        raise SettingsError(f"--fail-on: {problem}; got {text!r}")
    return FlipKind(found[1]), int(found[2] or 0)


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
    )


def _told_on(bar: Progress) -> Told:
    """Return what moves the bar, shown from the first step on.

    The rate is of this run alone.
    """
    task = bar.add_task("Replaying", total=None, rate="")
    began, first = monotonic(), -1

    def told(done: int, of: int) -> None:
        nonlocal first
        if first < 0:
            bar.start()
            first = done
        rate = (done - first) / max(monotonic() - began, 1)
        bar.update(task, completed=done, total=of, rate=f"{rate:,.0f} a second")

    return told


def _print(summary: Summary, console: Console) -> None:
    table = Table(
        "what changes", "replies", "of 1,000", "95 % interval", "cost if wrong"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for one in summary.kinds:
        share = one.per_thousand
        table.add_row(
            TITLES[one.kind],
            f"{one.count:,}",
            f"{share.estimate:.2f}",
            f"{share.low:.2f} to {share.high:.2f}",
            f"{one.cost:,.0f}",
        )
    console.print(table)
    console.print(
        f"{summary.flips:,} of {summary.replayed:,} decisions flip; left out: "
        f"{summary.erased:,} whose words are gone, {summary.unreadable:,} that cannot "
        "be read",
        highlight=False,
    )
