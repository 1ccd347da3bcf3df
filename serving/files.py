"""Files of replies as the command line takes them: CSV, JSONL, and Parquet.

Parquet needs pyarrow, which is an extra: it would double the base install.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from model import files
from model.errors import InputError
from model.files import Row, columns_of, writable

PARQUET = ".parquet"


def read_rows(path: Path, text_column: str) -> list[Row]:
    """Read every row; InputError as `model.files.read_rows` has it."""
    return files.read_rows(path, text_column, {PARQUET: _read_parquet})


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows in the format that the ending of `path` names."""
    files.write_rows(path, rows, {PARQUET: _write_parquet})


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


def _write_parquet(path: Path, rows: Iterable[Row]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = list(rows)
    columns = {
        name: [writable(row.get(name)) for row in rows] for name in columns_of(rows)
    }
    pq.write_table(pa.table(columns), path)
