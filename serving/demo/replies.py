"""The labelled replies that a simulated month is made of."""

import csv
from dataclasses import dataclass
from pathlib import Path

from model.errors import InputError


@dataclass(frozen=True, slots=True)
class Labelled:
    """A reply of which is known what it wants.

    Attributes:
        text: what is written.
        intent: its label.
    """

    text: str
    intent: str


def read_labelled(path: Path) -> list[Labelled]:
    """Return the replies of a CSV with the columns `text` and `intent`.

    Raises:
        InputError: it cannot be read, lacks a column, or holds no reply.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            missing = {"text", "intent"} - set(rows.fieldnames or ())
            if missing:
                raise InputError(path, f"expected the column {min(missing)}, got none")
            found = [Labelled(row["text"], row["intent"]) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            path, f"expected a CSV of labelled replies: {error}"
        ) from error
    if not found:
        raise InputError(path, "expected labelled replies, got none")
    return found
