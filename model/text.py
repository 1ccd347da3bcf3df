"""Text as it arrives, made safe to read and to compare.

`readable` keeps what the person wrote and drops what no person types: NUL, lone
surrogates, control characters. `folded` goes on to the form in which keywords are
compared; the order of its steps was measured against look-alike attacks
(full-width, mathematical, Cyrillic, spaced letters, invisible characters).
"""

import re
import unicodedata

from model.lookalikes import FOLD

MAX_CHARACTERS = 1_600
"""Longest body that a provider delivers (Twilio); the rest is not read."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_APOSTROPHE = re.compile("['’‘ʼ`´]")
_NOT_WORD = re.compile(r"[\W_]+")
_UNSEEN = {"Cf", "Mn", "Me"}
"""Categories that leave the letter what it is: invisible, accents, enclosures."""
_SPACED_LETTERS = re.compile(r"(?<!\w)\w(?: \w)+(?!\w)")


def readable(text: str) -> str:
    """Return `text` in NFC on one line, without what no person types.

    Lone surrogates become U+FFFD, control characters a space; runs of white space
    become one space; at most `MAX_CHARACTERS` characters are kept.
    """
    # Cut first, with room for what is dropped: a megabyte costs no more than a page.
    text = _SURROGATE.sub("\ufffd", text[: 4 * MAX_CHARACTERS])
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
    return _SPACE.sub(" ", text).strip()[:MAX_CHARACTERS].rstrip()


def folded(text: str) -> str:
    """Return the form of `text` in which keywords are compared.

    NFKC, invisible characters and accents dropped, look-alike letters folded to
    ASCII, case folded, punctuation and emoji to spaces, runs of white space
    collapsed, and a row of single letters joined ("s t o p" to "stop").
    """
    text = unicodedata.normalize("NFKC", readable(text))
    if not text.isascii():
        # Accents go first: a look-alike that wears one is in no table.
        text = unicodedata.normalize("NFD", text)
        text = "".join(c for c in text if _seen(c))
        text = text.translate(FOLD).casefold().translate(FOLD)
    words = _NOT_WORD.sub(" ", _APOSTROPHE.sub("", text.casefold())).strip()
    return _SPACED_LETTERS.sub(lambda run: run[0].replace(" ", ""), words)


def _seen(character: str) -> bool:
    """Return whether a character of decomposed text shows as one of its own."""
    return (
        unicodedata.category(character) not in _UNSEEN
        and character not in _HANGUL_FILLERS
    )


_HANGUL_FILLERS = "\u115f\u1160\u3164\uffa0"
"""Letters by category, nothing to the eye."""
