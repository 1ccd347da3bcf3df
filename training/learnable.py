"""What there is to learn from, and whether it is enough: told before any work."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from model.errors import InputError
from model.files import named
from training.dataset import Columns, check_counts, known_intents, read_replies
from training.heads import FOLDS


def read_checked(data: Sequence[Path], columns: Columns) -> pd.DataFrame:
    """Read replies to train on; a label that the taxonomy lacks is refused."""
    replies = read_replies(data, columns)
    known = known_intents(data[0])
    unknown = replies[~replies["intent"].isin(list(known))] if known else replies[:0]
    if len(unknown):
        first = unknown.iloc[0]
        problem = (
            "the taxonomy beside the file does not have this label: "
            f"{named([first['intent']])} ({len(unknown)} rows in all)"
        )
        column = columns.intent
        raise InputError(first["file"], problem, row=int(first["row"]), column=column)
    return replies


def read_held_out(
    data: Path, against: Sequence[Path] | None, columns: Columns
) -> pd.DataFrame | None:
    """Return the held-out replies: those that are named, else those beside `data`."""
    if against is None:
        beside = data.with_name(f"{data.stem}_test{data.suffix}")
        against = (beside,) if beside.is_file() else ()
    return read_replies(against, columns, labels=False) if against else None


def require_enough(read: pd.DataFrame, kept: pd.DataFrame, columns: Columns) -> None:
    """Raise InputError where too little is left to learn from, or to hold out.

    Args:
        read: replies of all files.
        kept: those that are not nearly held-out ones.
        columns: what the files call their columns.
    """
    gone = sorted(set(read["intent"]) - set(kept["intent"]))
    if gone:
        problem = (
            f"every reply is nearly a held-out one of these labels: {named(gone)}; "
            "write others"
        )
        raise InputError(read["file"].iloc[0], problem, column=columns.intent)
    check_counts(kept, columns)
    for name in ("intent", "sentiment"):
        most = max(kept[name].value_counts(), default=0)
        if kept[name].notna().any() and most < FOLDS:
            problem = (
                f"expected at least {FOLDS} replies of one label to calibrate on, "
                f"got {most}"
            )
            file, column = kept["file"].iloc[0], getattr(columns, name)
            raise InputError(file, problem, column=column)
