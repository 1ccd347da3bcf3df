"""Labelled files that are learned from together, and what must stay out of them.

A file of reviewed replies repeats words of the file that it is added to, and words that
are held out to judge by: those who wrote the held-out replies write still.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from model.errors import InputError
from model.text import folded
from training.check import place
from training.near import near_duplicates
from training.optout_cases import NO, YES, OptOutCases, read_cases

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class JoinedFiles:
    """What is learned from, of all files together.

    Attributes:
        replies: labelled replies.
        cases: opt-out cases; None without.
        told: what was left out, for people.
    """

    replies: pd.DataFrame
    cases: OptOutCases | None
    told: tuple[str, ...]


def join_files(
    replies: pd.DataFrame,
    cases: OptOutCases | None,
    *,
    held_out: pd.DataFrame | None,
    opt_outs: Sequence[Path] = (),
) -> JoinedFiles:
    """Join what is learned from, without what is held out to judge by.

    Args:
        replies: of all files, as `read_replies` gives them.
        cases: those beside the data; their test part is held out as well.
        held_out: replies that must not be learned from; None without any.
        opt_outs: files of further opt-out cases; their train part is learned from.

    Raises:
        InputError: a file cannot be read, two contradict each other, or all that there
            is to learn from is held out.
    """
    apart = [held_out, cases.test if cases else None]
    frames = [frame[_PLACED] for frame in apart if frame is not None and len(frame)]
    kept = pd.concat(frames, ignore_index=True) if frames else None
    read = join(replies, "intent", kept)
    if read.rows.empty:
        problem = "every reply is nearly one of the held-out ones; none is left"
        raise InputError(replies["file"].iloc[0], problem)
    told = [*_told(read, "replies")]
    if opt_outs:
        parts = [cases.train] if cases else []
        parts += [read_cases(path).train for path in opt_outs]
        more = join(pd.concat(parts, ignore_index=True), "opt_out", kept)
        told += _told(more, "opt-out cases")
        cases = OptOutCases(more.rows, cases.test if cases else more.rows[:0])
    return JoinedFiles(read.rows, cases, tuple(told))


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows to learn from.

    Attributes:
        rows: those that stay, in their order.
        repeated: how many said the words of an earlier file again.
        held_out: where those stand that are nearly what is held out, and what that
            is: "reviewed.csv:3 (replies_test.csv:12)".
    """

    rows: pd.DataFrame
    repeated: int
    held_out: tuple[str, ...]


def join(rows: pd.DataFrame, label: str, held_out: pd.DataFrame | None) -> Joined:
    """Keep each text once across files, and none that is held out.

    Inside one file nothing is touched: what it repeats may be meant.

    Args:
        rows: `text`, `file`, `row` and a column of labels, files one after the other.
        label: the name of that column.
        held_out: rows that must not be learned from, as `rows`; None without any.

    Raises:
        InputError: two files label the same words otherwise; which of them is right
            is for people to say.
    """
    repeated = _repeated(rows, label)
    kept = rows[~rows.index.isin(repeated)]
    leaks = _leaks(kept, held_out)
    places = [place(each) for _, each in rows.loc[list(leaks)].iterrows()]
    told = tuple(
        f"{at} ({where})" for at, where in zip(places, leaks.values(), strict=True)
    )
    return Joined(
        rows=kept[~kept.index.isin(list(leaks))].reset_index(drop=True),
        repeated=len(repeated),
        held_out=told,
    )


def _repeated(rows: pd.DataFrame, label: str) -> list[int]:
    """Return the rows that repeat an earlier file; InputError where they contradict."""
    first: dict[str, int] = {}
    again, against = [], []
    files, labels = rows["file"].tolist(), rows[label].tolist()
    for row, text in enumerate(rows["text"]):
        before = first.setdefault(folded(text) or text, row)
        if files[before] != files[row]:
            again.append(row)
            if labels[before] != labels[row]:
                against.append((before, row))
    if against:
        before, row = against[0]
        problem = (
            f"labels {_named(labels[row])} what {place(rows.iloc[before])} labels "
            f"{_named(labels[before])} ({len(against)} rows in all); mend one of them"
        )
        at = int(rows["row"].iloc[row])
        raise InputError(files[row], problem, row=at, column=label)
    return again


def _leaks(rows: pd.DataFrame, held_out: pd.DataFrame | None) -> dict[int, str]:
    """Return the rows that are near what is held out, and where that stands."""
    if held_out is None or rows.empty:
        return {}
    texts = [*held_out["text"], *rows["text"]]
    found: dict[int, str] = {}
    for i, j, _ in near_duplicates(texts, first=len(held_out)):
        if j >= len(held_out):
            row = int(rows.index[j - len(held_out)])
            found.setdefault(row, place(held_out.iloc[i]))
    return dict(sorted(found.items()))


def _named(label: object) -> str:
    """Return a label as the file has it."""
    return (YES if label else NO) if isinstance(label, bool) else str(label)


def _told(read: Joined, what: str) -> Iterator[str]:
    if read.repeated:
        yield f"{read.repeated} {what} repeat the words of an earlier file; kept once"
    if read.held_out:
        first = ", ".join(read.held_out[:_SHOWN])
        more = len(read.held_out) - _SHOWN
        rest = f" and {more} more" if more > 0 else ""
        yield (
            f"{len(read.held_out)} {what} are left out: nearly what is held out to "
            f"judge by: {first}{rest}"
        )


_PLACED = ["text", "file", "row"]
