"""Labelled replies: read, held against what a labelled file must be."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import yaml

from model.errors import InputError
from model.files import Row, columns_told, named, read_rows, writable
from model.text import readable

SENTIMENTS = ("negative", "neutral", "positive")
MINIMUM_PER_INTENT = 2
"""Cross-validation needs each intent on both sides of a split."""

SCHEMA = pa.DataFrameSchema(
    {
        "text": pa.Column(str, pa.Check.str_length(1, 10_000)),
        "intent": pa.Column(str, pa.Check.str_length(1, 100)),
        "sentiment": pa.Column(str, pa.Check.isin(SENTIMENTS), nullable=True),
        "group": pa.Column(str),
    },
    name="labelled replies",
)
"""What a labelled file must hold once its columns have our names."""

_EXPECTED = {
    "text": "expected 1 to 10000 characters of text",
    "intent": "expected a label of 1 to 100 characters",
    "sentiment": f"expected {', '.join(SENTIMENTS)} or nothing",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """What a foreign file calls its columns."""

    text: str = "text"
    intent: str = "intent"
    sentiment: str = "sentiment"


def read_replies(
    paths: Sequence[Path], columns: Columns | None = None, *, labels: bool = True
) -> pd.DataFrame:
    """Read labelled replies from one or more files.

    Returns:
        `id` (another file's id of another reply gets the name of its file before it),
        `text`, `intent`, `sentiment` (None where a file has none), `source`, `group`
        (rows of one group may lie in several files) and `file`, `row` (1 is the first
        after the header), in file order. Further columns are left alone.

    Raises:
        InputError: a file, row or cell is not as expected; nothing is guessed.
    """
    columns = columns or Columns()
    refuse_twice(paths)
    parts = [
        _read_file(path, columns, name)
        for path, name in zip(paths, names_of(paths), strict=True)
    ]
    frame = _with_own_ids(pd.concat(parts, ignore_index=True))
    try:
        SCHEMA.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        _refuse(frame, error.failure_cases, columns)
    if labels:
        check_counts(frame, columns)
    return frame


def known_intents(data: Path) -> tuple[str, ...] | None:
    """Return the intents of the `taxonomy.yaml` beside `data`, None without one."""
    path = data.parent / "taxonomy.yaml"
    if not path.is_file():
        return None
    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        return tuple(str(intent) for intent in body["intents"])
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError) as error:
        problem = "expected `intents:` with one entry for each label"
        raise InputError(path, problem) from error


def digest_of(frame: pd.DataFrame) -> str:
    """Return a digest of the texts and labels, in their order."""
    told = frame[["text", "intent", "sentiment"]].fillna("").to_csv(index=False)
    return f"sha256:{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()}"


def names_of(paths: Sequence[Path]) -> list[str]:
    """Return a name for each file: its stem, numbered from the second alike on."""
    names: list[str] = []
    for path in paths:
        alike = sum(other.stem == path.stem for other in paths[: len(names)])
        names.append(f"{path.stem}~{alike + 1}" if alike else path.stem)
    return names


def _with_own_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, each id that an earlier file gave to other words made distinct.

    Ids are shown beside what the reply says: one id for two of them would lie.
    """
    first = frame.drop_duplicates("id").set_index("id")
    before = frame["id"].map(first["file"])
    taken = (before != frame["file"]) & (
        frame["id"].map(first["text"]) != frame["text"]
    )
    own = frame["name"] + ":" + frame["id"]
    return frame.assign(id=frame["id"].where(~taken, own)).drop(columns="name")


def _read_file(path: Path, columns: Columns, name: str) -> pd.DataFrame:
    rows = read_rows(path, columns.text)
    if not any(columns.intent in row for row in rows):
        told = columns_told(rows[0])
        problem = f"is missing; {told}. Name yours with --intent-column"
        raise InputError(path, problem, column=columns.intent)
    numbers = pd.Series(range(1, len(rows) + 1))
    anonymous = name + "-" + numbers.astype(str)
    read = pd.DataFrame(
        {
            "id": _column(path, rows, "id").fillna(anonymous),
            "text": [readable(str(row[columns.text] or "")) for row in rows],
            "intent": _column(path, rows, columns.intent).fillna(""),
            "sentiment": _column(path, rows, columns.sentiment),
            "source": _column(path, rows, "source").fillna(name),
            "group": _column(path, rows, "group").fillna(anonymous),
            "file": str(path),
            "row": numbers,
            "name": name,
        }
    )
    return read.astype({"id": str, "group": str, "source": str})


def _column(path: Path, rows: Sequence[Row], name: str) -> "pd.Series[str]":
    """Return a column as text; empty, null and missing cells as None."""
    told: list[object] = []
    for number, row in enumerate(rows, start=1):
        cell = row.get(name)
        if isinstance(cell, list | dict):
            problem = f"expected text, got {type(cell).__name__}"
            raise InputError(path, problem, row=number, column=name)
        # What is not itself is JSON's NaN, pandas' word for nothing.
        nothing = cell is None or cell != cell  # noqa: PLR0124
        told.append(None if nothing else writable(str(cell).strip()) or None)
    return pd.Series(told, dtype=object)


def _refuse(frame: pd.DataFrame, failures: pd.DataFrame, columns: Columns) -> None:
    first = failures.dropna(subset=["index"]).sort_values("index").iloc[0]
    column = str(first["column"])
    where = frame.iloc[int(first["index"])]
    more = len(failures["index"].dropna().unique()) - 1
    suffix = f" ({more} more rows are wrong)" if more else ""
    raise InputError(
        where["file"],
        _EXPECTED.get(column, str(first["check"])) + suffix,
        row=int(where["row"]),
        column=getattr(columns, column, column),
    )


def refuse_twice(paths: Sequence[Path]) -> None:
    """Raise InputError where a file is named twice: it would be learned twice."""
    whole = [path.resolve() for path in paths]
    for number, path in enumerate(paths):
        if whole[number] in whole[:number]:
            raise InputError(path, "is named twice; name each file once")


def check_counts(frame: pd.DataFrame, columns: Columns) -> None:
    """Raise InputError where the labels are too few, or have too few replies."""
    path, counts = frame["file"].iloc[0], frame["intent"].value_counts()
    if len(counts) < 2:  # noqa: PLR2004 - one label is nothing to tell apart
        problem = f"expected at least 2 different labels, got {len(counts)}"
        raise InputError(path, problem, column=columns.intent)
    rare = counts[counts < MINIMUM_PER_INTENT]
    if 2 * len(rare) > len(frame):
        # Shown as labels they would be somebody's words.
        problem = (
            f"expected few labels with many replies each, got {len(counts)} for "
            f"{len(frame)} replies; name the column of labels with --intent-column"
        )
        raise InputError(path, problem, column=columns.intent)
    if len(rare):
        problem = (
            f"expected at least {MINIMUM_PER_INTENT} replies a label; too few of "
            f"{named(rare.index[:5])}"
        )
        raise InputError(path, problem, column=columns.intent)
