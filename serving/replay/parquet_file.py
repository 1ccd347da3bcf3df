"""Every decision that flips, as Parquet; pyarrow is an extra."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from model.errors import InputError
from model.files import writable
from serving.replay.flip_row import FlipRow, Side

GROUP = 20_000
"""Rows of one row group, and in memory at once."""


def check_parquet(path: Path) -> None:
    """Refuse before the work is done where Parquet cannot be written.

    Raises:
        InputError: pyarrow is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401 - only whether it is there
    except ImportError as error:
        problem = "Parquet needs an extra: pip install 'replywise[parquet]'"
        raise InputError(path, problem) from error


def write_parquet(path: Path, flips: Iterable[Sequence[FlipRow]]) -> None:
    """Write the flips, part by part; a file without flips has its columns all the same.

    Columns are named `before_…` and `after_…`; times are in UTC.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(pa)
    with pq.ParquetWriter(path, schema) as writer:
        rows: list[dict[str, Any]] = []
        for part in flips:
            rows += map(_row, part)
            if len(rows) >= GROUP:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        writer.write_table(pa.Table.from_pylist(rows, schema))


def _schema(pa: Any) -> Any:
    text = pa.string()
    side = {
        "intent": text,
        "confidence": pa.float64(),
        "action": text,
        "consent": text,
        "template": text,
        "words": text,
        "queue": text,
        "priority": text,
        "effects": pa.list_(text),
        "reasons": pa.list_(text),
    }
    return pa.schema(
        {
            "decision_id": text,
            "recorded_at": pa.timestamp("us", "UTC"),
            "program": text,
            "text": text,
            "kind": text,
            "change": text,
            "cost": pa.float64(),
            **{f"before_{name}": kind for name, kind in side.items()},
            **{f"after_{name}": kind for name, kind in side.items()},
        }
    )


def _row(flip: FlipRow) -> dict[str, Any]:
    return {
        "decision_id": flip.decision_id,
        "recorded_at": datetime.fromisoformat(flip.recorded_at),
        "program": flip.program,
        "text": writable(flip.text),
        "kind": flip.kind.value,
        "change": flip.change,
        "cost": flip.cost,
        **_side("before", flip.before),
        **_side("after", flip.after),
    }


def _side(name: str, side: Side) -> dict[str, Any]:
    outcome = side.outcome
    told = {
        "intent": outcome.intent,
        "confidence": side.confidence,
        "action": outcome.action,
        "consent": outcome.consent,
        "template": outcome.template,
        "words": outcome.text,
        "queue": outcome.queue,
        "priority": outcome.priority,
        "effects": list(outcome.effects),
        "reasons": list(side.reasons),
    }
    return {f"{name}_{key}": value for key, value in told.items()}
