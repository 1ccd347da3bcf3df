"""Files of replies: read row by row, written whole or not at all."""

import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

from model.errors import InputError

Row = dict[str, object]
Reader = Callable[[Path], Iterator[Row]]
Writer = Callable[[Path, Iterable[Row]], None]
F = TypeVar("F")

CSV, JSONL = ".csv", ".jsonl"


def read_rows(
    path: Path, text_column: str, readers: Mapping[str, Reader] | None = None
) -> list[Row]:
    """Read every row of a CSV or JSONL file.

    Args:
        path: the file; its ending names the format.
        text_column: must be there, and hold text or nothing.
        readers: further formats, by ending.

    Raises:
        InputError: the file, a row or the text column is not as expected; it says
            which row (1 is the first after the header) and what to do.
    """
    reader = _by_ending(path, {CSV: _read_csv, JSONL: _read_jsonl, **(readers or {})})
    try:
        rows = list(reader(path))
    except OSError as error:
        raise InputError(path, error.strerror or "cannot be read") from error
    if not rows:
        raise InputError(path, "holds no rows; expected one reply a row")
    for number, row in enumerate(rows, start=1):
        if text_column not in row:
            problem = f"is missing; {columns_told(row)}. Name yours with --text-column"
            raise InputError(path, problem, row=number, column=text_column)
        if row[text_column] is not None and not isinstance(row[text_column], str):
            kind = type(row[text_column]).__name__
            problem = f"expected text, got {kind}"
            raise InputError(path, problem, row=number, column=text_column)
    return rows


def columns_told(names: Iterable[object]) -> str:
    """Return which columns there are, for a message.

    A first line that holds no names holds somebody's words: what is not plainly a name
    is counted, not shown.
    """
    return f"there are {named(names) or 'none'}"


def named(names: Iterable[object]) -> str:
    """Return the names for a message; what may be somebody's words is counted."""
    every = [str(name) for name in names]
    plain = [name for name in every if _NAME.fullmatch(name)]
    others = len(every) - len(plain)
    return ", ".join([*plain, f"{others} more"] if plain and others else plain) or (
        f"{others} that are not shown" if others else ""
    )


_NAME = re.compile(r"[A-Za-z_][A-Za-z_-]*\d{0,2}")


def refuse_place(path: Path) -> None:
    """Raise InputError where no file can be written at `path`."""
    if not path.parent.is_dir():
        raise InputError(path, f"there is no folder {path.parent}; make it first")
    if path.is_dir():
        raise InputError(path, "is a folder; name a file")


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Give a temporary path that becomes `path` when all went well, else nothing."""
    refuse_place(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise InputError(path, error.strerror or "cannot be written") from error
    finally:
        part.unlink(missing_ok=True)


def write_rows(
    path: Path, rows: Iterable[Row], writers: Mapping[str, Writer] | None = None
) -> None:
    """Write rows in the format that the ending of `path` names."""
    known = {CSV: _write_csv, JSONL: _write_jsonl, **(writers or {})}
    writer = _by_ending(path, known)
    with written(path) as part:
        writer(part, rows)


def _by_ending(path: Path, known: Mapping[str, F]) -> F:
    found = known.get(path.suffix.lower())
    if found is None:
        *most, last = known
        problem = f"expected {', '.join(most)} or {last} by its ending"
        raise InputError(path, problem)
    return found


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(path, "is a binary file; expected UTF-8 text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem = f"is not UTF-8 in line {line}; save it as UTF-8"
        raise InputError(path, problem) from error


def _read_csv(path: Path) -> Iterator[Row]:
    text = _decoded(path)
    if not text.strip():
        raise InputError(path, "is empty; expected a header and one reply a row")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = None
    try:
        header = next(reader)
        _check_header(path, header)
        number = 0
        for number, cells in enumerate(filter(None, reader), start=1):
            if len(cells) != len(header):
                problem = f"expected {len(header)} cells, got {len(cells)}"
                raise InputError(path, problem, row=number)
            yield dict(zip(header, cells, strict=True))
    except csv.Error as error:
        if number is None:
            _check_header(path, text.splitlines()[:1])
            raise InputError(
                path, f"has a first line that is not CSV: {error}"
            ) from error
        raise InputError(path, f"is not CSV: {error}", row=number + 1) from error


def _check_header(path: Path, header: Sequence[str]) -> None:
    if len(header) == 1 and (found := re.search(r"[;\t|]", header[0])):
        between = {";": "semicolons", "\t": "tabs", "|": "bars"}[found.group()]
        problem = f"seems to have {between} between its columns; save it with commas"
        raise InputError(path, problem)
    first: dict[str, int] = {}
    for place, name in enumerate(header, start=1):
        before = first.setdefault(name, place)
        if name and before != place:
            problem = f"columns {before} and {place} bear the same name; expected one"
            raise InputError(path, problem)


def _read_jsonl(path: Path) -> Iterator[Row]:
    lines = filter(str.strip, _decoded(path).split("\n"))
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(path, f"is not JSON: {error}", row=number) from error
        if not isinstance(row, dict):
            raise InputError(path, "expected a JSON object", row=number)
        yield row


def _write_csv(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = list(rows)
        writer = csv.DictWriter(_UnixLines(file), columns_of(rows))
        writer.writeheader()
        for row in rows:
            writer.writerow({k: writable(v) for k, v in row.items()})


class _UnixLines:
    r"""Ends lines as Unix does; csv itself, told to, would not quote a lone \r."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, line: str) -> int:
        """Write one line that csv has ended with CR and LF."""
        return self._file.write(line.removesuffix("\r\n") + "\n")


def columns_of(rows: Iterable[Row]) -> list[str]:
    """Return every key of the rows, in the order of their first appearance."""
    # JSON lines need not have the same keys.
    return list(dict.fromkeys(name for row in rows for name in row))


def writable(value: object) -> object:
    """Return the value without lone surrogates, which UTF-8 cannot hold."""
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
