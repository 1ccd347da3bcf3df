"""The commands that judge bundles and put them to use: gate, promote, registry."""

import getpass
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model.errors import InputError
from model.shelf import Shelf
from model.uses import CHALLENGER, CHAMPION
from training.cli import TRACKING, needs_extra

SECONDS = time.perf_counter if sys.platform == "win32" else time.thread_time
"""A reply is read in the caller's thread; its own time is not what others take from it.
Windows counts it in steps of 16 ms, too coarse for a reply."""

DATA_DIR, SHELF = Path("replywise-data"), "shelf"

BundleFolder = Annotated[
    Path, typer.Argument(metavar="BUNDLE", help="Folder of the new bundle.")
]
ShelfFolder = Annotated[
    Path | None,
    typer.Option(
        "--shelf",
        envvar="REPLYWISE_SHELF",
        help="Folder that services watch; in the data directory.",
    ),
]
DataDir = Annotated[
    Path,
    typer.Option(
        envvar="REPLYWISE_DATA_DIR", help="Where the shelf lies, if it is not named."
    ),
]
GateFile = Annotated[
    Path | None,
    typer.Option("--gate", help="Gate file; data/gate.yaml, or what ships."),
]
Champion = Annotated[
    Path | None,
    typer.Option(
        help="Bundle to hold it against; the shelf's champion, or the default bundle."
    ),
]
Data = Annotated[
    list[Path] | None,
    typer.Option(
        help="Held-out replies instead of those that the gate file names; hard opt-out "
        "cases are those beside them."
    ),
]
Reviewed = Annotated[
    list[Path] | None,
    typer.Option(
        help="Mistakes that must not come back, as export-labels writes them: labelled "
        "replies (CSV, JSONL) or behaviour cases (YAML)."
    ),
]
Json = Annotated[Path | None, typer.Option(help="Write the report to this file too.")]


def gate(
    bundle: BundleFolder,
    shelf: ShelfFolder = None,
    data_dir: DataDir = DATA_DIR,
    gate_file: GateFile = None,
    champion: Champion = None,
    data: Data = None,
    reviewed: Reviewed = None,
    json: Json = None,
) -> None:
    """Judge a bundle beside the one that decides now; change nothing.

    Exits with 1 where it does not pass, with 2 where something cannot be read.
    """
    with needs_extra():
        from training.gate_commands import Clocks, champion_of, request_of, run_gate
    before = champion or champion_of(_shelf(shelf, data_dir))
    request = request_of(bundle, before, gate_file, data=data, reviewed=reviewed)
    clocks = Clocks(_now, SECONDS)
    raise typer.Exit(run_gate(request, clocks, json=json, console=Console()))


def promote(
    bundle: BundleFolder,
    reason: Annotated[str, typer.Option(help="Why; it stands in the history.")],
    challenger: Annotated[
        bool,
        typer.Option(
            "--challenger", help="Let it decide beside the champion, without a word."
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Whatever the gate says; recorded as forced."),
    ] = False,
    actor: Annotated[
        str | None, typer.Option(help="Who promotes; the user of this machine.")
    ] = None,
    shelf: ShelfFolder = None,
    data_dir: DataDir = DATA_DIR,
    gate_file: GateFile = None,
    champion: Champion = None,
    data: Data = None,
    reviewed: Reviewed = None,
    json: Json = None,
) -> None:
    """Judge a bundle, register it, and let services decide with it if it passes.

    Exits with 1 where it does not pass, with 2 where something cannot be read.
    """
    with needs_extra():
        from training.gate_commands import (
            Clocks,
            Wanted,
            champion_of,
            request_of,
            run_promote,
        )
    if not reason.strip():
        raise InputError("--reason", "expected words; they stand in the history")
    place = _shelf(shelf, data_dir)
    before = champion or champion_of(place)
    request = request_of(bundle, before, gate_file, data=data, reviewed=reviewed)
    wanted = Wanted(
        role=CHALLENGER if challenger else CHAMPION,
        actor=actor or _operator(),
        reason=reason,
        force=force,
    )
    done = run_promote(
        *(request, wanted, place, Clocks(_now, SECONDS)),
        tracking=TRACKING,
        json=json,
        console=Console(),
    )
    raise typer.Exit(done)


def registry(shelf: ShelfFolder = None, data_dir: DataDir = DATA_DIR) -> None:
    """List registered bundles; make the aliases say who is live on the shelf."""
    with needs_extra():
        from training.gate_commands import run_registry
    run_registry(_shelf(shelf, data_dir), TRACKING, Console())


def _shelf(shelf: Path | None, data_dir: Path) -> Shelf:
    """Return the shelf that services of this data directory watch."""
    return Shelf(shelf or data_dir / SHELF)


def _now() -> datetime:
    return datetime.now(UTC)


def _operator() -> str:
    """Return what the history calls whoever runs the command, as serving does."""
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError, ImportError):  # A container's user may have no name.
        return "operator"
