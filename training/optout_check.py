"""What is wrong with hard opt-out cases, row by row: a part of `replywise check`."""

from collections.abc import Iterator

import pandas as pd

from model.text import folded, readable
from training.check import Finding, place
from training.near import near_duplicates
from training.optout_cases import OptOutCases


def check_cases(
    cases: OptOutCases, learned: pd.DataFrame | None, apart: pd.DataFrame | None
) -> list[Finding]:
    """Return what is to mend; every finding is an error.

    Spellings of one keyword fold to the same words, so inside a part only the same
    letters are a duplicate.

    Args:
        cases: both parts.
        learned: replies to train on, as `read_replies` gives them; the test part must
            not be near them, nor near the train part.
        apart: replies held out; the train part must not be near them.
    """
    return [
        *_doubles(cases),
        *_conflicts(cases),
        *_leaks(cases.test, [cases.train, learned]),
        *_leaks(cases.train, [apart]),
    ]


def _doubles(cases: OptOutCases) -> Iterator[Finding]:
    seen: dict[str, pd.Series[str]] = {}
    for row in _rows(cases):
        key = readable(row["text"]).casefold()
        if key in seen:
            problem = f"the same words as {place(seen[key])}"
            yield Finding("duplicate", place(row), problem)
        seen.setdefault(key, row)


def _conflicts(cases: OptOutCases) -> Iterator[Finding]:
    seen: dict[str, pd.Series[str]] = {}
    for row in _rows(cases):
        first = seen.setdefault(folded(row["text"]) or row["text"], row)
        if first["opt_out"] != row["opt_out"]:
            problem = f"labelled unlike the same words in {place(first)}"
            yield Finding("conflicting labels", place(row), problem)


def _leaks(
    cases: pd.DataFrame, others: "list[pd.DataFrame | None]"
) -> Iterator[Finding]:
    frames = [frame for frame in others if frame is not None and len(frame)]
    if cases.empty or not frames:
        return
    both = pd.concat([cases, *frames], ignore_index=True)
    pairs = near_duplicates(both["text"].tolist(), first=len(cases))
    for i, j, likeness in pairs:
        if j >= len(cases):
            problem = f"nearly the words ({likeness:.2f}) of {place(both.iloc[j])}"
            yield Finding("leak", place(both.iloc[i]), problem)


def _rows(cases: OptOutCases) -> "list[pd.Series[str]]":
    frames = [cases.train, cases.test]
    return [row for frame in frames for _, row in frame.iterrows()]
