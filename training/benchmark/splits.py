"""One split of a public set: a CSV file with the columns `text` and `label`."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.files import columns_told, read_rows

TEXT, LABEL = "text", "label"
SAMPLE_SEED = 7


@dataclass(frozen=True, slots=True)
class Split:
    """Texts and labels, row by row."""

    texts: Sequence[str]
    labels: Sequence[str]

    def part(self, rows: NDArray[np.int64]) -> "Split":
        """Return some of the rows."""
        return Split([self.texts[n] for n in rows], [self.labels[n] for n in rows])

    def sample(self, rows: int | None) -> "Split":
        """Return at most so many rows, drawn by a fixed seed; None for all."""
        if rows is None or rows >= len(self.texts):
            return self
        rng = np.random.default_rng(SAMPLE_SEED)
        return self.part(np.sort(rng.choice(len(self.texts), rows, replace=False)))

    def unless(self, labels: set[str]) -> "Split":
        """Return the rows that bear none of the labels."""
        rows = [n for n, label in enumerate(self.labels) if label not in labels]
        return self.part(np.array(rows, dtype=np.int64))

    def without(self, seen: set[str]) -> "Split | None":
        """Return the rows whose `letters` are not in `seen`; None where all are."""
        rows = [n for n, text in enumerate(self.texts) if letters(text) not in seen]
        return self.part(np.array(rows, dtype=np.int64)) if rows else None


def read_split(path: Path) -> Split:
    """Read a split.

    Raises:
        InputError: a column is missing, a row lacks its text or its label.
    """
    check_columns(path, (TEXT, LABEL))
    rows = read_rows(path, TEXT)
    for number, row in enumerate(rows, start=1):
        for column in (TEXT, LABEL):
            if not str(row[column]).strip():
                raise InputError(path, "is empty", row=number, column=column)
    return Split([str(r[TEXT]) for r in rows], [str(r[LABEL]).strip() for r in rows])


def letters(text: str) -> str:
    """Return letters and digits alone, case folded: one text however it is typed."""
    return re.sub(r"[\W_]", "", text.casefold()) or text


def check_columns(path: Path, columns: Sequence[str]) -> None:
    """Raise InputError where a CSV file lacks one of the columns."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            header = next(csv.reader(file), [])
    except OSError as error:
        raise InputError(path, error.strerror or "cannot be read") from error
    except csv.Error as error:
        raise InputError(path, f"is not CSV: {error}") from error
    for column in columns:
        if column not in header:
            problem = f"is missing; {columns_told(header)}"
            raise InputError(path, problem, column=column)
