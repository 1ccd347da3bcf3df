"""`replywise drift`: whether replies are still what the bundle was made for."""

import json as jsonlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table

from model.files import written
from model.shelf import Shelf
from serving.bundles.watcher import Watched
from serving.command_store import DatabaseUrl, DataDir, opened, settings_of, tell
from serving.drift.days import kept_days
from serving.drift.drift_day import DriftDay
from serving.drift.in_words import findings, headline, percent
from serving.drift.watch import DriftWatch
from serving.ids import now
from serving.live import LiveBundle, load_live
from serving.settings import Settings
from serving.since import moment_of
from serving.store.database import reading, writing

STDOUT = Path("-")


def drift(
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="From when: 30d, 4w, or a date.")
    ] = "30d",
    json: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The days for programs; - for stdout."),
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Say of each day whether its replies were unlike those of the weeks before.

    Days that the service has not looked at yet are looked at now, with the bundle that
    decides: some 20 seconds each.
    """
    first = moment_of(since, "--since", now()).date()
    settings = settings_of(database_url, data_dir)
    with opened(settings) as engine:
        _look(engine, _live(settings))
        with reading(engine) as connection:
            days = kept_days(connection, first, now().date())
    if json is not None:
        _write(json, days)
    if json != STDOUT:
        Console(soft_wrap=True).print(_table(days))
        for told in days:
            if told.unusual:
                typer.echo(headline(told))
                for one in findings(told)[1:]:
                    typer.echo(f"  {one}")


def _look(engine: sa.Engine, live: LiveBundle) -> None:
    def write(work: Callable[[sa.Connection], object]) -> object:
        with writing(engine) as connection:
            return work(connection)

    watch = DriftWatch(engine, write, now)
    while told := watch.look(live):
        tell(f"looked at {told.day}: {told.looked_at:,} of {told.replies:,} replies")


def _live(settings: Settings) -> LiveBundle:
    watched = Watched(Shelf(settings.shelf_folder()), settings.bundle)
    folder, _ = watched.champion()
    return load_live(folder)


def _write(path: Path, days: list[DriftDay]) -> None:
    bodies = [{**told.to_body(), "headline": headline(told)} for told in days]
    text = jsonlib.dumps(bodies, indent=1, ensure_ascii=False)
    if path == STDOUT:
        typer.echo(text)
        return
    with written(path) as part:
        part.write_text(text + "\n", encoding="utf-8")


def _table(days: list[DriftDay]) -> Table:
    table = Table("day", "replies", "is", "least p", "new", "right, estimated")
    for told in days:
        p_values = [one.p for one in told.measures if one.p is not None]
        accuracy = told.accuracy
        table.add_row(
            told.day.isoformat(),
            f"{told.replies:,}",
            _verdict(told),
            f"{min(p_values):.3f}" if p_values else "",
            f"{len(told.words)} words, {len(told.groups)} groups",
            f"{percent(accuracy.low)} to {percent(accuracy.high)}" if accuracy else "",
        )
    return table


def _verdict(told: DriftDay) -> str:
    if not told.measures:
        return "too few replies"
    if told.learning:
        return "learning"
    return "unusual" if told.unusual else "as usual"
