"""Training's commands; what is heavy is imported when a command is called."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
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


def train(  # noqa: PLR0913 - Typer makes options of parameters
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
    against: Annotated[
        list[Path] | None,
        typer.Option(
            help="Held-out replies: what is nearly one of them is left out. The first "
            "file's own, as replies_test.csv beside replies.csv, where left out."
        ),
    ] = None,
    optout: Annotated[
        list[Path] | None,
        typer.Option(help="Further opt-out cases, as export-labels writes them."),
    ] = None,
    text_column: TextColumn = "text",
    intent_column: IntentColumn = "intent",
    sentiment_column: SentimentColumn = "sentiment",
    report: Annotated[
        Path | None, typer.Option(help="Where the HTML report goes; beside the bundle.")
    ] = None,
    track: Annotated[bool, typer.Option(help="Record the run in MLflow.")] = True,
) -> None:
    """Make a bundle from labelled replies, of one file or of several together.

    The same words in two files count once; where the files label them otherwise, they
    are refused, row by row.
    """
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
        against=None if against is None else tuple(against),
        opt_outs=tuple(optout or ()),
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

    A file named optout_cases.csv among DATA is checked as such: its test part is held
    against the replies of DATA, its train part against those of --against.
    Exits with 1 where something must be mended, with 2 where a file cannot be read.
    """
    with needs_extra():
        from training.check_command import run_check
        from training.dataset import Columns
    columns = Columns(text_column, intent_column, sentiment_column)
    raise typer.Exit(run_check(tuple(data), tuple(against or ()), columns, Console()))


def thresholds(
    max_wrong: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Share of automatic answers that may be wrong: 0.02."
        ),
    ],
    bundle: Annotated[Path, typer.Option(help="Folder of the bundle.")] = DEFAULT,
    assurance: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="How sure that must be; the policy's."),
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Write the figures to this file as well.")
    ] = None,
) -> None:
    """Tell what another error limit would give, without training again."""
    with needs_extra():
        from training.what_if import run_thresholds
    run_thresholds(
        bundle, max_wrong=max_wrong, assurance=assurance, json=json, console=Console()
    )


class Benchmark(StrEnum):
    """What can be benchmarked."""

    INTENTS = "intents"


def benchmark(
    what: Annotated[  # noqa: ARG001 - Typer holds it to what there is
        Benchmark,
        typer.Argument(metavar="intents", help="Accuracy and confidence on sets."),
    ],
    data: Annotated[
        Path,
        typer.Option(
            help="Folder with one folder a set, each with train.csv and test.csv "
            "(columns text, label), and perhaps val.csv, oos_test.csv, train_10.csv."
        ),
    ],
    sets: Annotated[
        str | None,
        typer.Option(help="Names by comma: banking77,banking77-10; all if left out."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each set.")] = 1,
    rows: Annotated[
        int | None, typer.Option(min=1, help="Train on at most so many rows a set.")
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep/--fast", help="Tune the encoder, or heads only.")
    ] = True,
    json: Annotated[
        Path | None, typer.Option(help="Write the figures to this file as well.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the tables to this file as well.")
    ] = None,
) -> None:
    """Train on public sets in their published splits, and compare."""
    with needs_extra():
        from training.benchmark.run import BenchmarkRequest, run_benchmark
    request = BenchmarkRequest(
        data=data,
        sets=tuple(name.strip() for name in (sets or "").split(",") if name.strip()),
        seeds=seeds,
        rows=rows,
        deep=deep,
        json=json,
        markdown=markdown,
    )
    run_benchmark(request, Console())


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
