"""How else a keyword may have been typed."""

import re
from collections.abc import Iterator

from model.text import folded

_RUN = re.compile(r"(\w)\1{2,}")
_LEET = str.maketrans("0$51!3@7", "ossiieat")
_LEET_LENGTH = 4


def spellings(text: str, words: str) -> Iterator[str]:
    """Yield the folded `words` of `text`, with fewer letters, with digits read."""
    yield words
    if _RUN.search(words):
        yield _RUN.sub(r"\1", words)
    # "st0p", not "7D": a size is no keyword.
    letters = text.strip()
    if len(letters) >= _LEET_LENGTH and not letters.isalpha() and " " not in letters:
        yield folded(letters.translate(_LEET))


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
