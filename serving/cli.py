"""The `replywise` command.

Commands that need only the base install are defined here; training's commands join
through the entry-point group `replywise.commands`, so that serving never imports them.
"""

import os
import sys
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from model.bundle import DEFAULT
from model.errors import ReplywiseError
from serving.access import commands
from serving.commands.batch import classify_file, route_file
from serving.commands.bundles import bundles, challenger, rollback
from serving.commands.drift import drift
from serving.commands.labels import export_labels, export_replies
from serving.commands.ledger import ledger
from serving.commands.replay import replay
from serving.console.users_commands import users
from serving.demo.command import demo
from serving.sampling.commands import sample
from serving.serve import run
from serving.settings import Settings

WRONG_INPUT = 2

app = typer.Typer(
    name="replywise",
    help="Reads replies to a brand's text messages and decides what happens next.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

BundleOption = Annotated[Path, typer.Option("--bundle", help="Folder of the bundle.")]
InFile = Annotated[
    Path, typer.Argument(metavar="IN", help="CSV, JSONL or Parquet with a text column.")
]
TextColumn = Annotated[str, typer.Option(help="Column that holds the replies.")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on.")
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(help="Folder of the bundle that decides while none is promoted."),
    ] = None,
    shelf: Annotated[
        Path | None,
        typer.Option(help="Folder where bundles are promoted; it is watched."),
    ] = None,
    database_url: Annotated[
        str | None, typer.Option(help="SQLAlchemy URL of the store.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the SQLite store lies.")
    ] = None,
    programs: Annotated[
        Path | None,
        typer.Option(help="Folder of programs.yaml and quiet_hours.yaml."),
    ] = None,
) -> None:
    """Serve the API, the console and the simulator page.

    What is left out comes from REPLYWISE_HOST, _PORT, _BUNDLE, _SHELF, _DATABASE_URL,
    _DATA_DIR and _PROGRAMS, then from the defaults: this machine only, port 8000,
    store and shelf under ./replywise-data, one made-up program.
    """
    settings = Settings.from_environment(os.environ)
    settings = replace(
        settings,
        host=host or settings.host,
        port=port or settings.port,
        bundle=bundle or settings.bundle,
        shelf=shelf or settings.shelf,
        database_url=database_url or settings.database_url,
        data_dir=data_dir or settings.data_dir,
        programs=programs or settings.programs,
    )
    run(settings, Console(stderr=True))


@app.command()
def classify(
    source: InFile,
    out: Annotated[
        Path, typer.Option(help="Where the rows go; the same format as IN.")
    ],
    bundle: BundleOption = DEFAULT,
    text_column: TextColumn = "text",
    *,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Add why: words, nearest labelled replies, signals."
        ),
    ] = False,
) -> None:
    """Add intent, confidence, sentiment and sentiment_confidence to every row."""
    console = Console(stderr=True)
    classify_file(source, out, bundle, text_column, console, why=explain)


@app.command()
def route(
    source: InFile,
    out: Annotated[Path, typer.Option(help="Where the decisions go, JSON lines.")],
    bundle: BundleOption = DEFAULT,
    text_column: TextColumn = "text",
) -> None:
    """Decide about every row, without a store: one decision a line.

    Every row counts as a new, subscribed contact who answers nothing in particular.
    """
    route_file(source, out, bundle, text_column, Console(stderr=True))


app.add_typer(commands.keys, name="keys")
app.add_typer(ledger, name="ledger")
app.add_typer(users, name="users")
app.add_typer(sample, name="sample")
app.command("audit")(commands.audit)
for command in (bundles, challenger, rollback):
    app.command(command.__name__)(command)
app.command("replay")(replay)
app.command("drift")(drift)
app.command("demo")(demo)
app.command("export-labels")(export_labels)
app.command("export-replies")(export_replies)


def main() -> None:
    """Run the command line; a user's mistake ends in one line and exit code 2."""
    for point in sorted(entry_points(group="replywise.commands")):
        app.command(point.name)(point.load())
    try:
        app()
    except ReplywiseError as error:
        Console(stderr=True, soft_wrap=True).print(
            f"[bold red]Error:[/] {escape(str(error))}", highlight=False
        )
        sys.exit(WRONG_INPUT)
