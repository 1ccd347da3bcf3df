"""Moments, alike in SQLite and PostgreSQL: in UTC, to the microsecond."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def floored(moment: datetime, step: timedelta) -> datetime:
    """Return the last whole `step` of UTC at or before an aware `moment`."""
    return moment.astimezone(UTC) - (moment - _EPOCH) % step


def raised(moment: datetime, step: timedelta) -> datetime:
    """Return the first whole `step` of UTC at or after an aware `moment`."""
    return floored(moment + step - timedelta(microseconds=1), step)


def aware(moment: datetime) -> datetime:
    """Return a moment of the store in UTC; SQLite keeps no zone."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class microseconds(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """Microseconds from 1970 to the moment in a column; differences are exact."""

    name = "microseconds"
    type = sa.BigInteger()
    inherit_cache = True


@compiles(microseconds, "postgresql")
def _postgresql(element: microseconds, compiler: SQLCompiler, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"CAST(EXTRACT(EPOCH FROM {moment}) * 1000000 AS BIGINT)"


@compiles(microseconds, "sqlite")
def _sqlite(element: microseconds, compiler: SQLCompiler, **options: Any) -> str:
    # SQLAlchemy writes "2026-11-23 12:00:00.000000"; SQLite's own functions stop at
    # milliseconds.
    moment = compiler.process(element.clauses, **options)
    seconds = f"CAST(strftime('%s', {moment}) AS INTEGER)"
    return f"({seconds} * 1000000 + CAST(substr({moment}, 21, 6) AS INTEGER))"
