"""New words: said by several people today, and by hardly anybody before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from model.text import folded
from serving.drift.more import tail, times
from serving.drift.sample import Sample

FEWEST_PEOPLE = 8
"""A word of fewer people is not looked at, and never shown: it may be a name."""

OFTENER = 3.0
"""A word is new where it is said so many times as often as before, or oftener."""

SURE = 0.001
"""The highest p-value, corrected for the number of words, of a word that is new."""

EXAMPLES = 5

SHORTEST = 3
"""Letters of a word."""


@dataclass(frozen=True, slots=True)
class NewWord:
    """A word that people have begun to say.

    Attributes:
        word: folded: small letters, without accents.
        people: how many said it today.
        before: how many of those before did.
        times: how many times as often it is said.
        p: that chance alone does it, corrected for the number of words.
        examples: ids of decisions about replies that say it.
    """

    word: str
    people: int
    before: int
    times: float
    p: float
    examples: tuple[str, ...]


def new_words(now: Sample, before: Sample) -> tuple[NewWord, ...]:
    """Return the words that are new, the surest first. Nobody counts twice."""
    words = [words_of(text) for text in now.texts]
    said, used = _people(now, words), _counts(people_by_word(before))
    of_now, of_before = len(set(now.people)), len(set(before.people))
    looked = {w: len(who) for w, who in said.items() if len(who) >= FEWEST_PEOPLE}
    found = []
    for word, people in looked.items():
        counts = (people, used.get(word, 0), of_now, of_before)
        if times(*counts) < OFTENER:
            continue
        p = min(1.0, tail(*counts) * len(looked))
        if p <= SURE:
            rows = zip(now.ids, words, strict=True)
            examples = tuple(
                islice((one for one, row in rows if word in row), EXAMPLES)
            )
            found.append(NewWord(word, people, counts[1], times(*counts), p, examples))
    return tuple(sorted(found, key=lambda one: (one.p, one.word)))


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text that are looked at: no numbers, nothing short."""
    return frozenset(
        word
        for word in folded(text).split()
        if len(word) >= SHORTEST and word.isalpha()
    )


def people_by_word(sample: Sample) -> dict[str, set[str]]:
    """Return who said each word."""
    return _people(sample, map(words_of, sample.texts))


def _people(sample: Sample, words: Iterable[frozenset[str]]) -> dict[str, set[str]]:
    said: dict[str, set[str]] = {}
    for person, row in zip(sample.people, words, strict=True):
        for word in row:
            said.setdefault(word, set()).add(person)
    return said


def _counts(said: Mapping[str, set[str]]) -> dict[str, int]:
    return {word: len(who) for word, who in said.items()}
