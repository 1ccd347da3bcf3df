"""Names of people: said, signed, greeted, or known as nothing but a name.

A given name that is nothing else counts wherever it stands. One that is a word too
("will", "hope") counts where it is written as a name amid a sentence, or where the
text says that it is one. A surname is found behind a given name or a title, and where
it is said to be a name.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from serving.redaction.found import Found, Kind
from serving.redaction.given_names import (
    also_a_word,
    no_name,
    only_a_name,
    place_or_brand,
    plain,
)
from serving.redaction.lead_ins import (
    ADDRESSED,
    HERE,
    INTRODUCED,
    INTRODUCED_ALOUD,
    LAST,
    SAID,
    SIGNED,
    TITLED,
)

_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?:['’-][^\W\d_]+)*(?!\w)")
_OWNED = re.compile(r"['’]s?$", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"(?:^|[.!?:\n“\"]\s*)$")
_CLAUSE_ENDS = re.compile(
    r"\s*(?:$|[.,!?;:)&\n-]|(?:and|from|calling|speaking|i|im|we|at|the|y|et|und|"
    r"e|again)\b)",
    re.IGNORECASE,
)
_SAINTS = {"san", "santa", "saint", "st", "st.", "puerto"}
_SHORT = 3
"""Letters up to which a small name may be a slip of something else."""
_SURNAMES = 2
_FEW = 4
_TITLES = 0.6
"""Share of capitalised words from which capitals tell nothing, unless few."""


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str
    name: str

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def written(self) -> bool:
        """As names are written, or an initial."""
        return self.capital and not self.text[1:].isupper()


class _Text:
    """A text in words, and what its capitals are worth."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = [_bare(found) for found in _WORD.finditer(text)]
        self.places = {word.start: place for place, word in enumerate(self.words)}
        capitals = sum(word.capital for word in self.words)
        self.shouted = text.isupper()
        self.telling = capitals <= max(_FEW, _TITLES * len(self.words))


_Believes = Callable[[_Text, _Word], bool]


def people(text: str) -> Iterator[Found]:
    """Yield names, what the text says to be one before what is known to be one."""
    read = _Text(text)
    for pattern, believes in _RULES:
        for found in pattern.finditer(text):
            place = read.places.get(_start(found))
            if place is not None and believes(read, read.words[place]):
                yield _whole(read, place, said=believes is _any)
    for place, word in enumerate(read.words):
        if _by_itself(read, word):
            yield _whole(read, place, said=False)


def _start(found: re.Match[str]) -> int:
    """Return where the name begins: at what is marked, else behind it all."""
    marked = [place for place in map(found.start, found.re.groupindex) if place >= 0]
    return marked[0] if marked else found.end()


def _any(_: _Text, word: _Word) -> bool:
    return not no_name(word.name) or also_a_word(word.name)


def _written(read: _Text, word: _Word) -> bool:
    """Written as a name, or known as one."""
    looks = read.telling and word.written
    return (looks and not no_name(word.name)) or only_a_name(word.name)


def _known(read: _Text, word: _Word) -> bool:
    """A given name; one that is a word too must be written as a name."""
    if also_a_word(word.name):
        return word.capital and read.telling and not place_or_brand(word.name)
    return only_a_name(word.name)


def _by_itself(read: _Text, word: _Word) -> bool:
    """A given name that needs nothing before it."""
    if only_a_name(word.name):
        surely = word.capital or len(word.name) > _SHORT
        return surely and not _of_a_saint(read, word)
    if not also_a_word(word.name) or _of_a_saint(read, word):
        return False
    begins = _ENDS_SENTENCE.search(read.text, max(0, word.start - 3), word.start)
    small = not word.text.isupper()
    return small and begins is None and _known(read, word)


_RULES: tuple[tuple["re.Pattern[str]", _Believes], ...] = (
    (SAID, _any),
    (ADDRESSED, _any),
    (INTRODUCED_ALOUD, _written),
    (TITLED, _written),
    (SIGNED, _written),
    (LAST, _known),
    (HERE, _known),
    (INTRODUCED, _known),
)


def _whole(read: _Text, place: int, *, said: bool) -> Found:
    """Return the name that begins at `place`, with the surnames behind it."""
    words: Sequence[_Word] = read.words
    last = place
    while last - place < _SURNAMES and last + 1 < len(words):
        one, following = words[last], words[last + 1]
        if not _beside(read.text, one, following) or no_name(following.name):
            break
        written = read.telling and following.written
        # "my name is maria lopez.": nobody has said what else it could be.
        closes = (said or read.shouted) and _CLAUSE_ENDS.match(
            read.text, following.end
        ) is not None
        if not (written or closes):
            break
        last += 1
    return Found(words[place].start, words[last].end, Kind.NAME)


def _beside(text: str, one: _Word, following: _Word) -> bool:
    between = text[one.end : following.start]
    return between == " " or (between == ". " and len(one.text) == 1)


def _of_a_saint(read: _Text, word: _Word) -> bool:
    """Behind "San" and "St" stands a place or a holiday."""
    before = read.text[: word.start].casefold().split()
    return bool(before) and before[-1] in _SAINTS


def _bare(found: re.Match[str]) -> _Word:
    """Return a word without the 's of what belongs to it."""
    text = _OWNED.sub("", found[0]) or found[0]
    return _Word(found.start(), found.start() + len(text), text, plain(text))
