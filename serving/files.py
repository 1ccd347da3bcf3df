"""Files of replies in three formats: read row by row, written whole or not at all."""

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from model.errors import InputError

Row = dict[str, object]

CSV, JSONL, PARQUET = ".csv", ".jsonl", ".parquet"


def read_rows(path: Path, text_column: str) -> list[Row]:
    """Read every row of a CSV, JSONL or Parquet file.

    Raises:
        InputError: the file, a row or the text column is not as expected; it says
            which row (1 is the first after the header) and what to do.
    """
    reader = {CSV: _read_csv, JSONL: _read_jsonl, PARQUET: _read_parquet}.get(
        path.suffix.lower()
    )
    if reader is None:
        raise InputError(path, f"expected {CSV}, {JSONL} or {PARQUET} by its ending")
    try:
        rows = list(reader(path))
    except OSError as error:
        raise InputError(path, error.strerror or "cannot be read") from error
    if not rows:
        raise InputError(path, "holds no rows; expected one reply a row")
    for number, row in enumerate(rows, start=1):
        if text_column not in row:
            known = ", ".join(map(str, row)) or "nothing"
            problem = f"is missing; there are {known}. Name yours with --text-column"
            raise InputError(path, problem, row=number, column=text_column)
        if row[text_column] is not None and not isinstance(row[text_column], str):
            kind = type(row[text_column]).__name__
            problem = f"expected text, got {kind}"
            raise InputError(path, problem, row=number, column=text_column)
    return rows


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Give a temporary path that becomes `path` when all went well, else nothing."""
    if not path.parent.is_dir():
        raise InputError(path, f"there is no folder {path.parent}; make it first")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise InputError(path, error.strerror or "cannot be written") from error
    finally:
        part.unlink(missing_ok=True)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows in the format that the ending of `path` names."""
    writer = {CSV: _write_csv, JSONL: _write_jsonl, PARQUET: _write_parquet}.get(
        path.suffix.lower()
    )
    if writer is None:
        raise InputError(path, f"expected {CSV}, {JSONL} or {PARQUET} by its ending")
    with written(path) as part:
        writer(part, rows)


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(path, "is a binary file; expected UTF-8 text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n")
        problem = "is not UTF-8 here; save it as UTF-8"
        raise InputError(path, problem, row=max(row, 1)) from error


def _read_csv(path: Path) -> Iterator[Row]:
    text = _decoded(path)
    if not text.strip():
        raise InputError(path, "is empty; expected a header and one reply a row")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader)
        for number, cells in enumerate(reader, start=1):
            if not cells:
                continue
            if len(cells) != len(header):
                problem = f"expected {len(header)} cells, got {len(cells)}"
                raise InputError(path, problem, row=number)
            yield dict(zip(header, cells, strict=True))
    except csv.Error as error:
        problem = f"is not CSV: {error}"
        raise InputError(path, problem, row=max(reader.line_num - 1, 1)) from error


def _read_jsonl(path: Path) -> Iterator[Row]:
    for number, line in enumerate(_decoded(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(path, f"is not JSON: {error}", row=number) from error
        if not isinstance(row, dict):
            raise InputError(path, "expected a JSON object", row=number)
        yield row


def _read_parquet(path: Path) -> Iterator[Row]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        problem = "Parquet needs an extra: pip install 'replywise[parquet]'"
        raise InputError(path, problem) from error
    try:
        yield from pq.read_table(path).to_pylist()
    except pa.ArrowException as error:
        raise InputError(path, f"is not Parquet: {error}") from error


def _write_csv(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(file, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow({k: _writable(v) for k, v in row.items()})


def _writable(value: object) -> object:
    # A lone surrogate cannot be written in UTF-8.
    return (
        value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
    )


def _write_jsonl(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8") as file:
        write_json_lines(file, rows)


def write_json_lines(file: IO[str], rows: Iterable[Row]) -> None:
    """Write one JSON object a line; what is not ASCII travels as escapes."""
    for row in rows:
        file.write(json.dumps(row, default=str) + "\n")


def _write_parquet(path: Path, rows: Iterable[Row]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(list(rows)), path)
