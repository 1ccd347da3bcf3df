"""What the Overview shows, as files for other programs: CSV and Parquet."""

import csv
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.util import find_spec
from io import BytesIO, StringIO
from typing import Any

import sqlalchemy as sa

from serving.console.overview_figures import PERCENTILES, read_figures
from serving.console.overview_filters import Filters
from serving.figures.kept import COUNTS
from serving.figures.tally import Asked, reach_of, series
from serving.figures.waiting import queues

Row = dict[str, Any]
Read = Callable[[sa.Connection, Filters, datetime], list[Row]]

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/octet-stream"}


def parquet_is_there() -> bool:
    """Return whether Parquet can be written; pyarrow is an extra."""
    return find_spec("pyarrow") is not None


def replies_rows(
    connection: sa.Connection, filters: Filters, now: datetime
) -> list[Row]:
    """Return the replies by hour or day and by all that they are counted by."""
    asked = Asked(filters.period, reach_of(connection, now), filters.program)
    found = series(connection, COUNTS, asked, *COUNTS.by, step=filters.step)
    names = ("begins", *COUNTS.by)
    return [
        {**dict(zip(names, key, strict=True)), "replies": replies}
        for key, replies in sorted(found.items())
    ]


def delays_rows(
    connection: sa.Connection, filters: Filters, now: datetime
) -> list[Row]:
    """Return the percentiles of delays by hour or day, in milliseconds."""
    delays = read_figures(connection, filters, now).delays
    names = [f"p{100 * share:g}_ms" for share in PERCENTILES]
    return [
        {"begins": step, **dict(zip(names, found, strict=True))}
        for step, found in sorted(delays.items())
    ]


def waiting_rows(
    connection: sa.Connection, filters: Filters, now: datetime
) -> list[Row]:
    """Return who waits for a person now, by queue, in seconds."""
    return [
        {
            "queue": queue.name,
            "conversations": queue.conversations,
            "longest_s": queue.oldest.total_seconds(),
            "median_s": queue.median.total_seconds(),
        }
        for queue in queues(connection, now, filters.program)
    ]


EXPORTS: Mapping[str, tuple[str, Read]] = {
    "replies": (
        "by hour or day and by all that they are counted by, from program to bundle",
        replies_rows,
    ),
    "delays": ("percentiles by hour or day, in milliseconds", delays_rows),
    "waiting": ("by queue, now", waiting_rows),
}
"""What can be exported, by name: what it is, and what reads it."""


def written(rows: list[Row], form: str) -> bytes:
    """Return `rows`, all of the same columns, as a file: "csv" or "parquet".

    Moments are in UTC; without rows a CSV is empty and a Parquet file has no columns.
    """
    if form == "csv":
        return _csv(rows).encode()
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()


def _csv(rows: list[Row]) -> str:
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return file.getvalue()


def _cell(value: object) -> object:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
