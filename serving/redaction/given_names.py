"""Given names, and which of them are words as well.

The lists are those of Faker 40 and mimesis 22 (both MIT licence) for English, Spanish,
French, German, Portuguese, Italian and Indian names, with short forms added ("Walt",
"Jen"). What is hardly ever a name in a text message ("till", "else") was taken out by
hand; names that are words too ("will", "hope", "rosa") were set apart.
"""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

_APOSTROPHE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]")
_PRONOUNS = frozenset(
    (
        "he",
        "here",
        "i",
        "it",
        "she",
        "that",
        "there",
        "they",
        "we",
        "what",
        "who",
        "you",
    )
)
_OWNED = 4
"""Letters from which a name with an s is hardly a word of its own."""


@lru_cache(4096)
def plain(word: str) -> str:
    """Return a word as the lists have it: small letters, no accents."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def only_a_name(word: str) -> bool:
    """Return whether a word, made plain, is a given name and nothing else.

    "kyles" is Kyle's, "jean-pierre" is a name of two that are.
    """
    known = _read("given_names.txt")
    owned = word.endswith("s") and len(word) > _OWNED and word[:-1] in known
    if word in known or owned:
        return True
    parts = word.split("-")
    return len(parts) > 1 and all(p in known or also_a_word(p) for p in parts)


def also_a_word(word: str) -> bool:
    """Return whether a name is a word of some language too, or a place, or a brand."""
    return word in _read("names_and_words.txt")


def place_or_brand(word: str) -> bool:
    """Return whether a name is more often a month, a place or a brand."""
    return word in _read("places_and_brands.txt")


def no_name(word: str) -> bool:
    """Return whether people write this where a name could stand ("sorry", "I'm")."""
    head, *rest = _APOSTROPHE.split(word, maxsplit=1)
    return word in _read("no_names.txt") or (bool(rest) and head in _PRONOUNS)


@cache
def _read(name: str) -> frozenset[str]:
    path = Path(__file__).with_name(name)
    return frozenset(path.read_text(encoding="utf-8").split())
