"""What bundles are judged on: held-out replies in parts, and hard opt-out cases."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from model.files import read_rows
from training.dataset import Columns, read_replies
from training.gate.limits import Kind
from training.gate.scores import Ground, Part

UNTOLD = "untold"
"""The part of replies whose language, say, could not be told."""

LENGTHS = {"1 to 2 words": 2, "3 to 7 words": 7, "8 to 15 words": 15}
LONGER = "16 words or more"


def read_held_out(paths: Sequence[Path]) -> pd.DataFrame:
    """Read held-out replies, with their `language` and `program` where a file says.

    Returns:
        What `read_replies` gives, and those two columns (None where nothing is said).

    Raises:
        InputError: a file, row or cell is not as expected.
    """
    replies = read_replies(paths, Columns(), labels=False)
    rows = [row for path in paths for row in read_rows(path, "text")]
    for name in (Kind.LANGUAGE, Kind.PROGRAM):
        told = [str(row.get(name) or "").strip() or None for row in rows]
        replies[name.value] = pd.Series(told, dtype=object)
    return replies


def ground_of(
    replies: pd.DataFrame,
    cases: pd.DataFrame | None,
    languages: Sequence[str | None],
    kinds: Sequence[Kind],
) -> Ground:
    """Return what bundles are judged on.

    Args:
        replies: as `read_held_out` gives them.
        cases: hard opt-out cases, `opt_out`, `category` and `language`; None for none.
        languages: of each reply, as routing tells it; what a file says goes before.
        kinds: by what the replies are told apart.
    """
    told = replies["language"].where(replies["language"].notna(), list(languages))
    columns = {
        **{kind: replies[kind] for kind in Kind if kind in replies},
        Kind.LANGUAGE: told.fillna(UNTOLD),
        Kind.LENGTH: replies["text"].map(_length),
    }
    asks = np.zeros(0, dtype=bool) if cases is None else cases["opt_out"].to_numpy(bool)
    hard = {} if cases is None else {k: cases[k] for k in ("category", "language")}
    return Ground(
        groups=pd.factorize(replies["group"])[0].astype(np.int64),
        felt=replies["sentiment"].notna().to_numpy(),
        parts=_parts({kind: columns[kind] for kind in kinds}),
        asks=asks,
        kinds=_parts(hard),
    )


def _parts(columns: "Mapping[str, pd.Series[str]]") -> tuple[Part, ...]:
    return tuple(
        Part(f"{kind} {value}", (column == value).to_numpy())
        for kind, column in columns.items()
        for value in sorted(column.dropna().unique())
    )


def _length(text: str) -> str:
    words = len(text.split())
    return next((name for name, most in LENGTHS.items() if words <= most), LONGER)
