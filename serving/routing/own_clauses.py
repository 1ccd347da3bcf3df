"""A reply cut where people put a word by itself: "STOP. ...", "wrong number, stop".

Only for keywords, so it cuts at every mark and asks of no piece whether it means
anything alone; what somebody else wrote (quotes, forwarded lines) is put out of sight,
and so is what a phone or a mail program added (signatures, effects).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from model.text import MAX_CHARACTERS, readable
from serving.routing.folded_once import folded_once


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


def own_text(text: str) -> str:
    """Return the lines of `text` that were typed for us, "" where it is a forward."""
    return _own_text(text[:MAX_CHARACTERS])


# Asked for several times while a reply is decided about.
@lru_cache(maxsize=1024)
def _own_text(text: str) -> str:
    text = "\n".join(map(readable, text.splitlines())).strip()
    if _FORWARDED.match(text):
        return ""
    if "\n" in text or text.startswith(">"):
        text = _QUOTED_LINE.sub("", _ANSWERED.sub("\n", text))
        text = _OTHERS.sub("", text).rstrip()
    return _SUBJECT.sub("", _ADDED.sub("", text)).strip()


def unsigned(text: str) -> str:
    """Return `text` without the name on a line below it ("STOP", "- Bob")."""
    return _NAME.sub("", text)


def own_clauses(text: str) -> tuple[OwnClause, ...]:
    """Return the clauses of `text` that hold anything, in order."""
    text = _ADDRESS.sub(_ELSEWHERE, _QUOTED.sub(_ELSEWHERE, own_text(text)))
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


def is_told(before: Sequence[OwnClause], is_keyword: Callable[[str], bool]) -> bool:
    """Return whether a keyword behind these clauses is only told of, not said."""
    if any(_FOOTER.search(folded_once(clause.text)) for clause in before):
        return True
    if before[-1].text.endswith(":") or _QUOTES.search(folded_once(before[-1].text)):
        return True
    # The list goes on: "reply STOP, END, UNSUBSCRIBE".
    listed: list[str] = []
    for clause in reversed(before):
        if clause.after is not Break.SOFT:
            break
        listed[:0] = folded_once(clause.text).split()
    while listed and is_keyword(listed[-1]):
        del listed[-1]
    return bool(_QUOTES.search(" ".join(listed)))


def _kind(mark: re.Match[str]) -> Break:
    if "?" in mark[0]:
        return Break.QUESTION
    return Break.HARD if mark["hard"] is not None else Break.SOFT


_ELSEWHERE = " elsewhere "
"""Stands for words that are not the person's own; it is no keyword."""
_QUOTED_LINE = re.compile(r"^>.*\n?", re.MULTILINE)
_WROTE = (
    r"^(?:on|el|le|am|il|em) (?:[^\n]|<\n){4,150}\b"
    r"(?:wrote|escribió|a écrit|schrieb|ha scritto|escreveu)\b[^\n]{0,80}:$"
)
_ANSWERED = re.compile(rf"{_WROTE}\n+(?=>)", re.MULTILINE | re.IGNORECASE)
"""The line above a quote; an answer may stand below the quote."""
_OTHERS = re.compile(
    # To the end: what was answered or forwarded, a mail program's signature.
    rf"(?:{_WROTE}|^-{{3,}}[^\n]*(?:mess|mens|nachricht)[^\n]*$|^_{{5,}}$|^(?:-{{2,3}}|[–—]+)$"
    r"|^(?:begin forwarded message|from): ?.*$).*",
    re.MULTILINE | re.IGNORECASE | re.DOTALL,
)
_FORWARDED = re.compile(r"(?:fwd?|wg|rv|tr|enc) ?:", re.IGNORECASE)
_SUBJECT = re.compile(
    r"^(?:(?:(?:re|aw|subject) ?:|[(<]no subject[)>])\s*)+", re.IGNORECASE
)
_ADDED = re.compile(
    r"\s*(?:^|\s)(?:"
    r"(?:sent (?:from|via)|get outlook for|enviado (?:desde|do|pelo)|inviato da"
    r"|envoyé (?:de|depuis)|von meine[mr]|gesendet (?:von|mit))\b[^\n.!?]{0,60}"
    # Bubble and screen effects of iMessage.
    r"|\(?(?:sent with|enviado c[oó][nm]|envoyé avec|gesendet mit|inviato con) (?:"
    r"[^\n()]{0,30}\b(?:effec?t|efecto|efeito|effet|effetto)\b[^\n()]{0,30}"
    r"|slam|loud|gentle|invisible ink|echo|spotlight|balloons|confetti|love|a?\s?heart"
    r"|lasers|fireworks|shooting star|celebration|sparkles)\)?"
    r")[.!]?$",
    re.IGNORECASE,
)
"""What a phone puts behind the words."""
_NAME = re.compile(r"\n+[-–—~]{1,2} ?[^\W\d_]+\.?(?: [^\W\d_]+\.?){0,2}$")
_QUOTED = re.compile(
    # A curly one that is never closed was cut off.
    r"[\"“”„«»][^\"“”„«»]*[\"“”«»]|[“„«][^”»]*$|‘[^‘’]*’(?!\w)|(?<!\w)'[^'\n]*'(?!\w)"
)
_ADDRESS = re.compile(
    r"\bhttps?://\S+|\b[\w-]+\.(?:com|net|org|io|co|info|biz)\b\S*",
    re.IGNORECASE,
)
_ALSO = r"(?:also|btw|by the way|oh and)\s+"
_BREAK = re.compile(
    # An ellipsis trails off; a single full stop ends.
    r"(?P<soft>(?:\.{2,}|[!,…()])[!?,.…()\s]*|\s[-–—~]+\s|\?[!?.\s]*)"
    rf"|(?P<hard>[.;\n][.;\s]*|(?<!\S){_ALSO})",
    re.IGNORECASE,
)

# Who tells of a word does not say it: "to opt out reply / STOP", "he said, stop",
# "dont. stop", "start, stop". "Like i said, stop" does.
_QUOTES = re.compile(
    r"(?:^| )(?:reply|rply|respond|with|word|typed?|dont|wont|cant|not|never|ever|or"
    r"|and|the|a|to|(?:^|or |and |out |just |end |please )(?:text|txt|send)"
    r"|respond[ae]|conteste|envi[ae]|escrib[ae]|manda|mande|con|com|repondez|envoyez"
    r"|tapez|avec|antworten(?: sie)?|antworte|senden(?: sie)?|sende|mit|rispondi"
    r"|invia|scrivi|(?!(?:i|ive|we|have|already|just|as) )\w+ (?:says?|said|saying"
    r"|goes|reads?|yell(?:s|ed|ing)|scream(?:s|ed|ing)|shout(?:s|ed|ing))"
    r"|(?:was|were|is|be) (?:like|yelling|screaming|shouting)"
    r"|(?:told|tell|telling|asked) (?:me|him|her|them|my \w+|the \w+))$"
    r"|(?:^| )(?:start|play|pause)$|^go$"
)
# Nobody but a footer tells what to answer: "reply HELP for help, STOP".
_FOOTER = re.compile(r"(?:^| )(?:reply|text|txt|send) (?:help|info|yes|y|c|\d)(?: |$)")
