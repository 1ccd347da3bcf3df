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
    """Yield what is said again, each row once: thousands may say "yes"."""
    told: set[tuple[str, str]] = set()
    for finding in _alike(frame):
        if (finding.kind, finding.place) not in told:
            told.add((finding.kind, finding.place))
            yield finding


def _alike(frame: pd.DataFrame) -> Iterator[Finding]:
    rows = [row for _, row in frame.iterrows()]
    for i, j, likeness in near_duplicates(frame["text"].tolist()):
        first, second = rows[i], rows[j]
        same = folded(first["text"]) == folded(second["text"])
        if first["intent"] != second["intent"] and same:
            problem = (
                f"labelled {second['intent']}, {place(first)} labels the same words "
                f"{first['intent']}"
            )
            yield Finding("conflicting labels", place(second), problem)
        elif same:
            problem = f"the same words as {place(first)}"
            yield Finding("duplicate", place(second), problem)
        elif first["intent"] != second["intent"]:
            problem = (
                f"labelled {second['intent']}, nearly the words ({likeness:.2f}) of "
                f"{place(first)}, labelled {first['intent']}"
            )
            yield Finding("near-duplicate", place(second), problem, error=False)
        elif first["group"] != second["group"]:
            problem = f"nearly the words ({likeness:.2f}) of {place(first)}"
            yield Finding("near-duplicate", place(second), problem, error=False)


def _crossings(frame: pd.DataFrame, against: pd.DataFrame | None) -> Iterator[Finding]:
    if against is None:
        return
    both = pd.concat([against, frame], ignore_index=True)
    rows = [row for _, row in both.iterrows()]
    for i, j, likeness in near_duplicates(both["text"].tolist()):
        if i < len(against) <= j:
            problem = f"nearly the words ({likeness:.2f}) of {place(rows[i])}"
            yield Finding("leak", place(rows[j]), problem)


def place(row: "pd.Series[str]") -> str:
    """Return where a row stands, as "replies.csv:12"."""
    return f"{Path(row['file']).name}:{row['row']}"
