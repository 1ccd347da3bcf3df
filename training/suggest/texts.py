"""Recent replies as `replywise export-replies` writes them, or any file of texts."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from model.errors import InputError
from model.files import Row, read_rows
from model.text import folded, readable

MOST = 20_000
"""Texts that are read: about a minute on two cores."""


def read_recent(path: Path, known: Sequence[str], most: int = MOST) -> pd.DataFrame:
    """Read texts that nobody has labelled, the same words once.

    Where there are more than `most`, those that promise most stay: by 1 - `confidence`
    of the decision, where the file has it, and by how often they came.

    Args:
        path: CSV, JSONL or Parquet; `text` is needed, `count`, `confidence`, `language`
            and `group` are used where they are there.
        known: labelled texts, which are left out.
        most: rows that are returned.

    Returns:
        `id`, `text`, `count` (at least 1), `language` and `group` ("" where the file
        has none).

    Raises:
        InputError: the file cannot be read, or a count is no number.
    """
    rows = read_rows(path, "text", {".parquet": _parquet})
    labelled = {_key(text) for text in known}
    found: dict[str, dict[str, object]] = {}
    for number, row in enumerate(rows, start=1):
        text = readable(str(row["text"] or ""))
        key = _key(text)
        if not text or key in labelled:
            continue
        one = found.setdefault(key, _row(path, row, text, number))
        if one["row"] != number:
            one["count"] = int(str(one["count"])) + _count(path, row, number)
    frame = pd.DataFrame(list(found.values()), columns=_COLUMNS)
    worth = (1 - frame["confidence"].fillna(0)) * frame["count"].map(math.log1p)
    chosen = worth.sort_values(ascending=False, kind="stable").index[:most]
    kept = frame.loc[sorted(chosen)].reset_index(drop=True)
    return kept[["id", "text", "count", "language", "group"]]


def _row(path: Path, row: Row, text: str, number: int) -> dict[str, object]:
    return {
        "id": str(row.get("id") or f"{path.stem}-{number}"),
        "text": text,
        "count": _count(path, row, number),
        "confidence": _share(row.get("confidence")),
        "language": str(row.get("language") or ""),
        "group": str(row.get("group") or ""),
        "row": number,
    }


def _count(path: Path, row: Row, number: int) -> int:
    told = row.get("count")
    if told in (None, ""):
        return 1
    try:
        return max(1, int(float(str(told))))
    except (ValueError, OverflowError) as error:
        problem = f"expected a whole number, got {type(told).__name__}"
        raise InputError(path, problem, row=number, column="count") from error


def _share(told: object) -> float | None:
    try:
        return float(str(told))
    except ValueError:
        return None


def _key(text: str) -> str:
    return folded(text) or text


def _parquet(path: Path) -> Iterator[Row]:
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(path, "is not Parquet") from error
    told = frame.astype(object).where(frame.notna(), None)
    for row in told.to_dict(orient="records"):
        yield {str(name): value for name, value in row.items()}


_COLUMNS = ["id", "text", "count", "confidence", "language", "group", "row"]
