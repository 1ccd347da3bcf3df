"""What is wrong with labelled replies, row by row: `replywise check`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from model.text import folded
from training.near import near_duplicates

RARE = 20
"""Below so many replies an intent's score says little and its threshold nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend; `error` findings make the check fail."""

    kind: str
    place: str
    problem: str
    error: bool = True


def check_replies(
    frame: pd.DataFrame, known: Sequence[str] | None, against: pd.DataFrame | None
) -> list[Finding]:
    """Return what is to mend, errors first, then in row order.

    Args:
        frame: replies as `read_replies` gives them.
        known: the labels of the taxonomy; None where there is none.
        against: replies that must stay apart, such as a held-out file.
    """
    findings = [
        *_unknown_labels(frame, known),
        *_rare_labels(frame, known),
        *_duplicates(frame),
        *_crossings(frame, against),
    ]
    return sorted(findings, key=lambda finding: not finding.error)


def _unknown_labels(
    frame: pd.DataFrame, known: Sequence[str] | None
) -> Iterator[Finding]:
    if known is None:
        return
    for _, row in frame[~frame["intent"].isin(list(known))].iterrows():
        problem = f"the taxonomy has no label {row['intent']!r}"
        yield Finding("unknown label", place(row), problem)


def _rare_labels(frame: pd.DataFrame, known: Sequence[str] | None) -> Iterator[Finding]:
    counts = {str(k): int(n) for k, n in frame["intent"].value_counts().items()}
    for intent in known or ():
        counts.setdefault(intent, 0)
    for intent, count in sorted(counts.items(), key=lambda item: item[1]):
        if count < RARE:
            problem = f"{count} replies; write at least {RARE}"
            yield Finding("rare label", intent, problem, error=False)


def _duplicates(frame: pd.DataFrame) -> Iterator[Finding]:
    """Yield what is said again, each row once of its kind: thousands may say "yes"."""
    rows = [row for _, row in frame.iterrows()]
    told: set[tuple[int, bool, bool]] = set()
    for i, j, likeness in near_duplicates(frame["text"].tolist()):
        first, second = rows[i], rows[j]
        same = folded(first["text"]) == folded(second["text"])
        apart = first["intent"] != second["intent"]
        if (j, same, apart) in told:
            continue
        if same or apart or first["group"] != second["group"]:
            told.add((j, same, apart))
            yield _again(first, second, likeness, same=same, apart=apart)


def _again(
    first: "pd.Series[str]",
    second: "pd.Series[str]",
    likeness: float,
    *,
    same: bool,
    apart: bool,
) -> Finding:
    """Return what is to say of a row whose words, or nearly its words, came before."""
    at, before = place(second), place(first)
    labelled = f"labelled {second['intent']}, "
    if same and apart:
        problem = f"{labelled}{before} labels the same words {first['intent']}"
        return Finding("conflicting labels", at, problem)
    if same:
        return Finding("duplicate", at, f"the same words as {before}")
    nearly = f"nearly the words ({likeness:.2f}) of {before}"
    problem = f"{labelled}{nearly}, labelled {first['intent']}" if apart else nearly
    return Finding("near-duplicate", at, problem, error=False)


def _crossings(frame: pd.DataFrame, against: pd.DataFrame | None) -> Iterator[Finding]:
    if against is None:
        return
    both = pd.concat([against, frame], ignore_index=True)
    rows = [row for _, row in both.iterrows()]
    told: set[int] = set()
    for i, j, likeness in near_duplicates(both["text"].tolist()):
        if i < len(against) <= j and j not in told:
            told.add(j)
            problem = f"nearly the words ({likeness:.2f}) of {place(rows[i])}"
            yield Finding("leak", place(rows[j]), problem)


def place(row: "pd.Series[str]") -> str:
    """Return where a row stands, as "replies.csv:12"."""
    return f"{Path(row['file']).name}:{row['row']}"
