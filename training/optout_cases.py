"""Hard opt-out cases: replies that a rule would get wrong, read and checked.

`optout_cases.csv` holds replies that ask for the messages to stop in a way that is
easily missed, and replies that only look as if they did. Training may learn from the
train part; nothing is fitted or chosen on the test part.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from model.errors import InputError
from model.files import read_rows
from model.text import MAX_CHARACTERS

FILE = "optout_cases.csv"
COLUMNS = ("id", "text", "opt_out", "category", "language", "part")
YES, NO = "yes", "no"
TRAIN, TEST = "train", "test"

SCHEMA = pa.DataFrameSchema(
    {
        "id": pa.Column(str, pa.Check.str_length(1, 100), unique=True),
        "text": pa.Column(str, pa.Check.str_length(1, MAX_CHARACTERS)),
        "opt_out": pa.Column(str, pa.Check.isin((YES, NO))),
        "category": pa.Column(str, pa.Check.str_matches(r"^[a-z][a-z_]{0,39}$")),
        "language": pa.Column(str, pa.Check.str_matches(r"^([a-z]{2}|mixed|und)$")),
        "part": pa.Column(str, pa.Check.isin((TRAIN, TEST))),
    },
    name="opt-out cases",
)
"""What the file must hold, before `opt_out` becomes a truth value."""

_EXPECTED = {
    "id": "expected an id of 1 to 100 characters that no other row has",
    "text": f"expected 1 to {MAX_CHARACTERS} characters of text",
    "opt_out": f"expected {YES} or {NO}",
    "category": "expected a name in small letters and underscores",
    "language": "expected a code of two letters (ISO 639-1), mixed or und",
    "part": f"expected {TRAIN} or {TEST}",
}


@dataclass(frozen=True, slots=True)
class OptOutCases:
    """The cases of one file, each part in file order.

    Both frames have `id`, `text` (as written, line breaks kept: a keyword on a line of
    its own counts), `opt_out` (bool: the person asks for the messages to stop),
    `category` (what makes it hard), `language` (ISO 639-1, "mixed", or "und" where it
    cannot be told), `file` and `row` (1 is the first after the header). A part may be
    empty.
    """

    train: pd.DataFrame
    test: pd.DataFrame

    def set_apart(self) -> "OptOutCases":
        """Return the cases without those that are learned from."""
        return OptOutCases(self.train[:0], self.test)


def cases_beside(data: Path) -> OptOutCases | None:
    """Read the cases in the folder of `data`; None where there are none."""
    path = data.parent / FILE
    return read_cases(path) if path.is_file() else None


def read_cases(path: Path) -> OptOutCases:
    """Read the cases of one file.

    Raises:
        InputError: a column, row or cell is not as expected; nothing is guessed.
    """
    rows = read_rows(path, "text")
    for number, row in enumerate(rows, start=1):
        missing = [name for name in COLUMNS if name not in row]
        if missing:
            problem = f"is missing; expected {', '.join(COLUMNS)}"
            raise InputError(path, problem, row=number, column=missing[0])
    cells = [[str(row[name] or "").strip() for name in COLUMNS] for row in rows]
    frame = pd.DataFrame(cells, columns=list(COLUMNS), dtype=object)
    try:
        SCHEMA.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        _refuse(path, error.failure_cases)
    told = frame.assign(
        opt_out=frame["opt_out"] == YES,
        file=str(path),
        row=range(1, len(frame) + 1),
    )
    train, test = (
        told[told["part"] == part].drop(columns="part").reset_index(drop=True)
        for part in (TRAIN, TEST)
    )
    return OptOutCases(train, test)


def _refuse(path: Path, failures: pd.DataFrame) -> None:
    first = failures.dropna(subset=["index"]).sort_values("index").iloc[0]
    column = str(first["column"])
    more = len(failures["index"].dropna().unique()) - 1
    suffix = f" ({more} more rows are wrong)" if more else ""
    raise InputError(
        path, _EXPECTED[column] + suffix, row=int(first["index"]) + 1, column=column
    )
