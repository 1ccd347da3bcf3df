"""A reply cut where people put a word by itself: "STOP. ...", "wrong number, stop".

Only for keywords, so it cuts at every mark and asks of no piece whether it means
anything alone; what somebody else wrote (quotes, forwarded lines) is put out of sight.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from model.text import MAX_CHARACTERS, readable


class Break(Enum):
    """What ends a clause."""

    HARD = auto()
    """A full stop, a semicolon, a line break, or "also": what follows is new."""
    SOFT = auto()
    """A comma, "!", a dash, a bracket: what follows may go on about it."""
    QUESTION = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class OwnClause:
    """One clause and what ends it."""

    text: str
    after: Break


def own_clauses(text: str) -> tuple[OwnClause, ...]:
    """Return the clauses of `text` that hold anything, in order."""
    text = "\n".join(
        readable(line)
        for line in text[:MAX_CHARACTERS].splitlines()
        if not line.lstrip().startswith(">")
    )
    text = _ADDRESS.sub(_ELSEWHERE, _QUOTED.sub(_ELSEWHERE, text))
    found: list[OwnClause] = []
    begun = 0
    for mark in _BREAK.finditer(text):
        clause, after = text[begun : mark.start()], _kind(mark)
        begun = mark.end()
        if clause.strip():
            found.append(OwnClause(clause, after))
        elif found and after is Break.HARD:  # "stop, also ..."
            found[-1] = OwnClause(found[-1].text, after)
    if text[begun:].strip():
        found.append(OwnClause(text[begun:], Break.NOTHING))
    return tuple(found)


def _kind(mark: re.Match[str]) -> Break:
    if "?" in mark[0]:
        return Break.QUESTION
    return Break.HARD if mark["hard"] is not None else Break.SOFT


_ELSEWHERE = " elsewhere "
"""Stands for words that are not the person's own; it is no keyword."""
_QUOTED = re.compile(
    r"[\"“”„«»][^\"“”„«»]*[\"“”«»]|‘[^‘’]*’(?!\w)|(?<!\w)'[^'\n]*'(?!\w)"
)
_ADDRESS = re.compile(
    r"\bhttps?://\S+|\b[\w-]+\.(?:com|net|org|io|co|info|biz)\b\S*",
    re.IGNORECASE,
)
_ALSO = r"(?:also|btw|by the way|oh and)\s+"
_BREAK = re.compile(
    # An ellipsis trails off; a single full stop ends.
    r"(?P<soft>(?:\.{2,}|[!,…()])[!?,.…()\s]*|\s[-–—]+\s|\?[!?.\s]*)"
    rf"|(?P<hard>[.;\n][.;\s]*|(?<!\S){_ALSO})",
    re.IGNORECASE,
)
