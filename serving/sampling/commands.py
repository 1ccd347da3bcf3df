"""`replywise sample …`: which decisions are reviewed, and what another budget tells."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table

from model.bundle import read_file, read_manifest
from model.errors import SettingsError
from serving.access.audit import record
from serving.command_store import (
    DatabaseUrl,
    DataDir,
    opened,
    operator,
    settings_of,
    tell,
)
from serving.ids import new_id, now
from serving.routing.parse_policy import parse_policy
from serving.routing.policy import Policy
from serving.routing.ruleset import POLICY
from serving.routing.yaml_file import YamlFile
from serving.sampling.chosen import by_policy, new_seed
from serving.sampling.design import design_for
from serving.sampling.designs import KeptDesign, day_of, design_on, keep_design
from serving.sampling.draw import draw_day
from serving.sampling.facts import FrameRow
from serving.sampling.frame import counted
from serving.sampling.gathered import frame_of, gather, last_day
from serving.sampling.planning import Prospect, prospects
from serving.sampling.quality import Wanted, quality_of
from serving.store.database import reading, writing

BUDGETS = (50, 100, 200, 400)
DAYS = 30

sample = typer.Typer(
    help="The sample of decisions that people review.", no_args_is_help=True
)

Bundle = Annotated[
    Path | None, typer.Option("--bundle", help="Folder of the bundle whose costs hold.")
]
Double = Annotated[
    float | None, typer.Option(help="The share that two people review, 0 to 1.")
]


@sample.command()
def show(database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Show the design that holds, and what was drawn last."""
    settings = settings_of(database_url, data_dir)
    with opened(settings) as engine, reading(engine) as connection:
        kept = design_on(connection, day_of(now()))
        day = last_day(connection)
        frame = frame_of(connection, day, day) if day else ()
    if kept is None:
        tell("Nothing was drawn yet: a running service draws once a day is over.")
        return
    design = kept.design
    typer.echo(
        f"{design.per_day} decisions a day since {kept.since} ({kept.actor}), "
        f"{design.double:.0%} of them for two; seed {design.seed}"
    )
    if day:
        typer.echo(f"Drawn last: {day}, {_total(frame)}")
        Console().print(_strata(frame))


@sample.command()
def plan(
    per_day: Annotated[
        list[int] | None, typer.Option(help="A budget to look at; repeatable.")
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=366, help="Over so many days.")
    ] = DAYS,
    bundle: Bundle = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Show how surely each rate would be known with other budgets.

    For days like the last one that is over, mistakes being as frequent as the reviews
    so far say, or as the policy allows where they say nothing.
    """
    settings = settings_of(database_url, data_dir)
    policy = _policy(bundle or settings.bundle)
    with opened(settings) as engine, reading(engine) as connection:
        kept = design_on(connection, day_of(now()))
        seed = kept.design.seed if kept else new_seed()
        designs = [
            design_for(policy, seed, per_day=budget)
            for budget in per_day or list(BUDGETS)
        ]
        day = day_of(now()) - timedelta(days=1)
        counts = counted(connection, day, designs[0])
        shares = _shares(connection, policy, day)
    if not counts:
        raise SettingsError(f"no decision was recorded on {day}: nothing to plan with")
    told = {d.per_day: prospects(counts, d, days, shares) for d in designs}
    typer.echo(
        f"{sum(counts.values()):,} decisions on {day}; intervals (95 %) after "
        f"{days} days, all drawn ones reviewed"
    )
    Console().print(_prospects(told, shares))


@sample.command("set")
def set_design(
    per_day: Annotated[int | None, typer.Option(help="Decisions drawn a day.")] = None,
    double: Double = None,
    bundle: Bundle = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Draw so many decisions of each day, from the decisions of today on."""
    settings = settings_of(database_url, data_dir)
    policy = _policy(bundle or settings.bundle)
    today = day_of(now())
    with opened(settings) as engine, writing(engine) as connection:
        kept = design_on(connection, today)
        old = kept.design if kept else design_for(policy, new_seed())
        design = design_for(
            policy,
            old.seed,
            per_day=old.per_day if per_day is None else per_day,
            double=old.double if double is None else double,
        )
        keep_design(connection, KeptDesign(new_id(), design, today, operator()))
        record(
            connection,
            actor=operator(),
            action="sample.design_set",
            now=now,
            new_id=new_id,
            details={"per_day": design.per_day, "double": design.double},
        )
    tell(
        f"{design.per_day} decisions of each day from {today} on, "
        f"{design.double:.0%} of them for two."
    )


@sample.command()
def draw(
    bundle: Bundle = None, database_url: DatabaseUrl = None, data_dir: DataDir = None
) -> None:
    """Draw from every day that is over; a running service does so by itself."""
    settings = settings_of(database_url, data_dir)
    find = by_policy(_policy(bundle or settings.bundle), new_id)
    with opened(settings) as engine:

        def write(work: Callable[[sa.Connection], Any]) -> Any:
            with writing(engine) as connection:
                return work(connection)

        while day := draw_day(engine, write, now, find):
            typer.echo(
                f"{day.day}: {day.drawn} of {day.decisions:,} drawn, "
                f"{day.double} of them for two"
            )


def _policy(folder: Path) -> Policy:
    data = read_file(folder, read_manifest(folder), POLICY)
    return parse_policy(YamlFile.parse(POLICY, {POLICY: data} if data else {}))


def _shares(connection: sa.Connection, policy: Policy, day: date) -> dict[str, float]:
    """Return what each rate was over the last `DAYS`, or what may be feared."""
    gathered = gather(connection, day - timedelta(days=DAYS), day)
    lines = quality_of(gathered, policy, Wanted()).overall
    return {
        line.rate.key: line.shown.share if line.shown else policy.max_wrong_replies
        for line in lines
    }


def _total(frame: tuple[FrameRow, ...]) -> str:
    drawn = sum(row.drawn for row in frame)
    decisions = sum(row.decisions for row in frame)
    return f"{drawn:,} of {decisions:,} decisions in {len(frame)} strata"


def _strata(frame: tuple[FrameRow, ...]) -> Table:
    table = Table("done", "by", "stake", "confidence", "program", box=None)
    for name in ("decisions", "drawn", "probability"):
        table.add_column(name, justify="right")
    for row in frame:
        table.add_row(
            *row.stratum,
            f"{row.decisions:,}",
            str(row.drawn),
            f"{row.drawn / row.decisions:.3f}",
        )
    return table


def _prospects(told: dict[int, list[Prospect]], shares: dict[str, float]) -> Table:
    table = Table("rate", box=None)
    table.add_column("supposed", justify="right")
    for budget in told:
        table.add_column(f"{budget} a day", justify="right")
    for row in zip(*told.values(), strict=True):
        rate = row[0].rate
        ends = (f"{100 * one.low:.2f} to {100 * one.high:.2f} %" for one in row)
        table.add_row(rate.name, f"{100 * shares[rate.key]:.2f} %", *ends)
    return table
