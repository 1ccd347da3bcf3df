"""`replywise suggest`; what is heavy is imported when it is called."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model.bundle import DEFAULT
from training.cli import (
    CACHE,
    IntentColumn,
    SentimentColumn,
    TextColumn,
    needs_extra,
)

MOST = 200


def suggest(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Labelled replies: CSV, JSONL.")
    ],
    recent: Annotated[
        Path | None,
        typer.Argument(
            metavar="RECENT",
            help="Recent replies of export-replies: Parquet, CSV, JSONL.",
        ),
    ] = None,
    bundle: Annotated[
        Path, typer.Option(help="Folder of the bundle that reads them.")
    ] = DEFAULT,
    out: Annotated[
        Path, typer.Option(help="Where the page goes; it holds people's words.")
    ] = Path("suggestions.html"),
    json: Annotated[
        Path | None, typer.Option(help="Write all of it to this file as well.")
    ] = None,
    label_out: Annotated[
        Path | None, typer.Option(help="What to label next, as a CSV to fill in.")
    ] = None,
    most: Annotated[
        int, typer.Option(min=1, help="Texts to label next, and labels to look at.")
    ] = MOST,
    text_column: TextColumn = "text",
    intent_column: IntentColumn = "intent",
    sentiment_column: SentimentColumn = "sentiment",
) -> None:
    """Say what to label next, which labels look wrong, and what intents are missing.

    Without RECENT: wrong labels and intents that overlap.
    """
    with needs_extra():
        from training.dataset import Columns
        from training.suggest.command import SuggestRequest, run_suggest
    request = SuggestRequest(
        data=data,
        recent=recent,
        bundle=bundle,
        out=out,
        json=json,
        label_out=label_out,
        most=most,
        columns=Columns(text_column, intent_column, sentiment_column),
        cache=CACHE,
    )
    run_suggest(request, Console())
