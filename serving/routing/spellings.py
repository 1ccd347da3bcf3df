"""How else a keyword may have been typed."""

import re
import unicodedata
from collections.abc import Iterator
from functools import partial

from serving.routing.folded_once import folded_once

_RUN = re.compile(r"(\w)\1{2,}")
_DOUBLED = re.compile(r"(\w)\1+")
_AGAIN = re.compile(r"(\w{3,}?)\1+")
_LEET = str.maketrans("0$§5!|13@478+†€¢", "osssiiieaatbttec")
_LEET_L = _LEET | str.maketrans("1|", "ll")
_LEET_LENGTH = 4
_ENDS = re.compile(r"^[^\w$§@†€¢]+|[^\w$§@†€¢]+$")
_TOKEN = re.compile(r"(?<!\S)\S*[^\W\d_]\S*")
"""A word that has a letter: 411 is a number, "4LL" is none."""


def spellings(text: str, words: str) -> Iterator[str]:
    """Yield the folded `words` of `text`, with fewer letters, with digits read."""
    yield words
    if _RUN.search(words):
        yield _RUN.sub(r"\1", words)
    # "st0p", not "7D": a size is no keyword.
    letters = _ENDS.sub("", unicodedata.normalize("NFKC", text))
    if len(letters) < _LEET_LENGTH or letters.replace(" ", "").isalpha():
        return
    for table in (_LEET, _LEET_L) if "1" in letters else (_LEET,):
        read = _TOKEN.sub(partial(_translated, table), letters)
        if read != letters:
            yield folded_once(read)


def _translated(table: dict[int, int], token: re.Match[str]) -> str:
    return token[0].translate(table)


def skeleton(words: str) -> str:
    """Return folded `words` without spaces and doubled letters, said once.

    "STO P", "SSTTOOPP" and "stopstop" have the skeleton of "stop".
    """
    letters = _DOUBLED.sub(r"\1", words.replace(" ", ""))
    again = _AGAIN.fullmatch(letters)
    return again[1] if again else letters


def one_edit_apart(word: str, other: str) -> bool:
    """Return whether one insertion, deletion, change or swap makes them equal.

    Damerau-Levenshtein distance of 1, in its optimal string alignment form.
    """
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b),
        min(len(word), len(other)),
    )
    rest, other_rest = word[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    )
