"""`replywise bundles`, `rollback` and `challenger`: who decides, at a terminal."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model.bundle import read_manifest
from model.errors import SettingsError
from model.manifest import MANIFEST
from model.shelf import Shelf
from model.uses import CHALLENGER, CHAMPION, NOBODY, Use, live_at, short, to_body
from serving.bundles.uses import in_use_at
from serving.command_store import DatabaseUrl, DataDir, opened, operator, settings_of
from serving.commands.bundle_terminal import (
    name_of,
    table_of_bundles,
    table_of_history,
    table_of_moment,
    to_bodies,
)
from serving.ids import now
from serving.settings import Settings
from serving.since import moment_of
from serving.store.database import reading

ShelfDir = Annotated[
    Path | None, typer.Option("--shelf", help="Folder where bundles are promoted.")
]


def bundles(
    at: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Who was live then: 12h, 30d, or a date."),
    ] = None,
    shelf: ShelfDir = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="The same for programs.")
    ] = False,
) -> None:
    """Show what lies on the shelf, who is live since when, and who was before."""
    settings = _settings(shelf, database_url, data_dir)
    place = Shelf(settings.shelf_folder())
    if at is not None:
        _tell_moment(settings, place, moment_of(at, "--at", now()), as_json=as_json)
        return
    uses, known = place.history(), place.candidates()
    if as_json:
        body = {"shelf": str(place.root), **to_bodies(known, uses)}
        typer.echo(json.dumps(body, indent=1))
        return
    console = Console(highlight=False, markup=False)
    console.print(f"shelf {place.root}")
    if not known:
        console.print(
            "Nothing lies here: services decide with the bundle that they were started "
            "with. Put one here with `replywise promote BUNDLE --reason WHY`."
        )
        return
    console.print(table_of_bundles(known, uses))
    if uses:
        console.print(table_of_history(uses))


def rollback(
    reason: Annotated[str, typer.Option(help="Why; it stands in the history.")],
    shelf: ShelfDir = None,
    data_dir: DataDir = None,
) -> None:
    """Go back to the champion before this one; services do so within seconds."""
    place = Shelf(_settings(shelf, None, data_dir).shelf_folder())
    before = place.rollback(actor=operator(), reason=reason, at=now())
    typer.echo(f"the champion is {name_of(before, CHAMPION)} again")


def challenger(
    bundle: Annotated[
        str | None,
        typer.Argument(
            metavar="BUNDLE", help="How its id begins, on the shelf; or its folder."
        ),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why; it stands in the history.")
    ] = None,
    shelf: ShelfDir = None,
    data_dir: DataDir = None,
    *,
    nobody: Annotated[
        bool, typer.Option("--none", help="Let nobody decide beside the champion.")
    ] = False,
) -> None:
    """Let a bundle decide beside the champion: compared, recorded, never sent."""
    if (bundle is None) is not nobody:
        raise SettingsError("expected a bundle, or --none for no challenger any more")
    place = Shelf(_settings(shelf, None, data_dir).shelf_folder())
    if bundle is None:
        place.withdraw(actor=operator(), reason=reason or "seen enough", at=now())
        typer.echo("there is no challenger any more")
        return
    bundle_id = _on_shelf(place, bundle)
    place.promote(
        bundle_id,
        role=CHALLENGER,
        actor=operator(),
        reason=reason or "to be compared",
        at=now(),
    )
    typer.echo(f"the challenger is {short(bundle_id)}")


def _settings(
    shelf: Path | None, database_url: str | None, data_dir: Path | None
) -> Settings:
    settings = settings_of(database_url, data_dir)
    return replace(settings, shelf=shelf or settings.shelf)


def _on_shelf(place: Shelf, bundle: str) -> str:
    """Return the id of what is meant; a folder is put on the shelf first."""
    folder = Path(bundle)
    if not (folder / MANIFEST).exists():
        return place.find(bundle).bundle_id
    bundle_id = read_manifest(folder).bundle_id
    # Added again it would lose the gate's report.
    if all(known.bundle_id != bundle_id for known in place.candidates()):
        place.add(folder, {})
    return bundle_id


def _taken_at(settings: Settings, moment: datetime) -> list[Use]:
    """Return what services had in use, by the store; nothing where there is none."""
    if not settings.database_url and not (settings.data_dir / "replywise.db").exists():
        return []
    with opened(settings) as engine, reading(engine) as connection:
        uses = [in_use_at(connection, role, moment) for role in (CHAMPION, CHALLENGER)]
    return [use for use in uses if use is not None and use.bundle_id != NOBODY]


def _tell_moment(
    settings: Settings, place: Shelf, moment: datetime, *, as_json: bool
) -> None:
    told = list(live_at(place.history(), moment).values())
    taken = _taken_at(settings, moment)
    if as_json:
        body = {
            "at": moment.isoformat(),
            "shelf": {use.role: to_body(use) for use in told},
            "services": {use.role: to_body(use) for use in taken},
        }
        typer.echo(json.dumps(body, indent=1))
        return
    Console(highlight=False, markup=False).print(table_of_moment(moment, told, taken))
