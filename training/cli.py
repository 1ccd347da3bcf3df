"""Training's commands; what is heavy is imported when a command is called."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model.bundle import DEFAULT
from model.errors import ReplywiseError

CACHE = Path("replywise-data/embeddings")
TRACKING = Path("replywise-data/mlflow")

DataFiles = Annotated[
    list[Path], typer.Argument(metavar="DATA", help="Labelled replies: CSV, JSONL.")
]
TextColumn = Annotated[str, typer.Option(help="Column that holds the replies.")]
IntentColumn = Annotated[str, typer.Option(help="Column that holds the intents.")]
SentimentColumn = Annotated[
    str, typer.Option(help="Column that holds the sentiments; may be missing.")
]


class MissingExtra(ReplywiseError):  # noqa: N818 - the state is the name
    """A command needs packages that the base install leaves out."""


def train(
    data: DataFiles,
    out: Annotated[Path, typer.Option(help="Folder of the bundle that is made.")],
    encoder: Annotated[
        str,
        typer.Option(
            help="auto, base, or a folder: of a bundle whose encoder is kept, or of a "
            "sentence-transformers encoder. auto keeps the default bundle's where it "
            "knows most of your labels, and else takes base, all-MiniLM-L6-v2."
        ),
    ] = "auto",
    deep: Annotated[
        bool, typer.Option("--deep", help="Fine-tune the encoder first; minutes.")
    ] = False,
    rules: Annotated[
        Path | None,
        typer.Option(help="Folder with policy, keywords and responses."),
    ] = None,
    text_column: TextColumn = "text",
    intent_column: IntentColumn = "intent",
    sentiment_column: SentimentColumn = "sentiment",
    report: Annotated[
        Path | None, typer.Option(help="Where the HTML report goes; beside the bundle.")
    ] = None,
    track: Annotated[bool, typer.Option(help="Record the run in MLflow.")] = True,
) -> None:
    """Make a bundle from labelled replies."""
    with needs_extra():
        from training.commands import TrainRequest, run_train
        from training.dataset import Columns
    request = TrainRequest(
        data=tuple(data),
        out=out,
        encoder=encoder,
        deep=deep,
        rules=rules,
        columns=Columns(text_column, intent_column, sentiment_column),
        report=report or Path(f"{out}-report.html"),
        cache=CACHE,
        tracking=TRACKING if track else None,
    )
    run_train(request, Console())


def evaluate(
    data: DataFiles,
    bundle: Annotated[Path, typer.Option(help="Folder of the bundle.")] = DEFAULT,
    json: Annotated[
        Path | None, typer.Option(help="Write the figures to this file as well.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the HTML report to this file as well.")
    ] = None,
    text_column: TextColumn = "text",
    intent_column: IntentColumn = "intent",
    sentiment_column: SentimentColumn = "sentiment",
) -> None:
    """Report what a bundle gets right and wrong on labelled replies."""
    with needs_extra():
        from training.commands import run_evaluate
        from training.dataset import Columns
    columns = Columns(text_column, intent_column, sentiment_column)
    run_evaluate(
        tuple(data), bundle, columns, json=json, report=report, console=Console()
    )


def check(
    data: DataFiles,
    against: Annotated[
        list[Path] | None,
        typer.Option(help="Replies that must stay apart, such as a held-out file."),
    ] = None,
    text_column: TextColumn = "text",
    intent_column: IntentColumn = "intent",
    sentiment_column: SentimentColumn = "sentiment",
) -> None:
    """Check labelled replies: duplicates, conflicts, leaks, labels, by row.

    Exits with 1 where something must be mended, with 2 where a file cannot be read.
    """
    with needs_extra():
        from training.commands import run_check
        from training.dataset import Columns
    columns = Columns(text_column, intent_column, sentiment_column)
    raise typer.Exit(run_check(tuple(data), tuple(against or ()), columns, Console()))


@contextmanager
def needs_extra() -> Iterator[None]:
    """Turn a missing package into a message that says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"this command needs {error.name}, which the base install leaves out; "
            "pip install 'replywise[train]'"
        ) from error
