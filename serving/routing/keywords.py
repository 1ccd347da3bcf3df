"""Words that carry out a wish at once: opt out, help, opt in.

A keyword counts when it is the whole message, whatever its case, punctuation,
spacing, script or courtesy ("Stop.", "S T O P", "stop please"), or when it stands as
a sentence of its own at either end ("STOP. Also cancel my 3pm"). A word inside a
sentence never counts: "stop by at 3?", "when does the sale end?". What is asked for
in other words is the classifier's to hear.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from model.text import folded, readable


class KeywordRole(StrEnum):
    """What a keyword does."""

    OPT_OUT = "opt_out"
    HELP = "help"
    OPT_IN = "opt_in"


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword as `keywords.yaml` has it.

    Attributes:
        role: what it does.
        language: ISO 639-1, the language of its list.
        word: its folded form, one or more words.
        ambiguous: it opts out by rule and may have meant an order or a visit.
        when_opted_out: it counts only while the contact is opted out ("yes").
    """

    role: KeywordRole
    language: str
    word: str
    ambiguous: bool = False
    when_opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Keywords:
    """All keywords, ready to match.

    Attributes:
        table: keyword by folded form.
        courtesy: folded words that may stand around a keyword ("please", "gracias").
        not_typos: real words one edit from a keyword ("step", "shop", "quiet").
        symbols: emoji that are an opt-out when nothing else is said.
        auto_replies: folded openings of machines' answers.
        markers: function words by language, for telling a reply's language.
    """

    table: Mapping[str, Keyword]
    courtesy: frozenset[str]
    not_typos: frozenset[str]
    symbols: frozenset[str]
    auto_replies: tuple[str, ...]
    markers: Mapping[str, frozenset[str]]

    def match(self, text: str, *, opted_out: bool) -> Keyword | None:
        """Return the keyword that `text` is, or None.

        `opted_out` tells whether the contact is opted out: "yes" is an opt-in then,
        and an answer otherwise.
        """
        words = folded(text)
        # Most replies are longer than any keyword can be made, and end here.
        short = words.count(" ") < _LONGEST
        keyword = (short and self._whole(text, words)) or self._sentence(text)
        if keyword and keyword.when_opted_out and not opted_out:
            return None
        return keyword or None

    def is_auto_reply(self, words: str) -> bool:
        """Return whether folded `words` open like a machine's answer.

        Not where an opt-out word is among them ("thank you for contacting me but
        please stop"), unless it is quoted ("reply STOP"): the classifier reads that.
        """
        if not words.startswith(self.auto_replies):
            return False
        tokens = words.split()
        said = (
            self.table.get(word)
            for before, word in pairwise(tokens)
            if before not in _QUOTING
        )
        return not any(k and k.role is KeywordRole.OPT_OUT for k in said)

    def _whole(self, text: str, words: str) -> Keyword | None:
        if not words:
            return self._symbol(text)
        for spelling in _spellings(text, words):
            for form in (spelling, self._without_courtesy(spelling)):
                if keyword := self.table.get(form):
                    return keyword
        bare = self._without_courtesy(words)
        return self._repeated(bare) or self._typo(bare)

    def _symbol(self, text: str) -> Keyword | None:
        bare = readable(text).replace("\ufe0f", "").replace(" ", "")
        if bare and set(bare) <= self.symbols:
            return self.table["stop"]
        return None

    def _without_courtesy(self, words: str) -> str:
        kept = [word for word in words.split() if word not in self.courtesy]
        return " ".join(kept)

    def _repeated(self, words: str) -> Keyword | None:
        """Match "stop stop stop" and "stop unsubscribe": keywords and nothing else."""
        found = [self.table.get(word) for word in words.split()]
        first = found[0] if found else None
        if first and all(k and k.role is first.role for k in found):
            return first
        return None

    def _typo(self, word: str) -> Keyword | None:
        """Match one long enough word that is one edit from an opt-out keyword."""
        if " " in word or len(word) < _TYPO_LENGTH or word in self.not_typos:
            return None
        for keyword in self.table.values():
            if (
                keyword.role is KeywordRole.OPT_OUT
                and not keyword.ambiguous
                and len(keyword.word) >= _TYPO_LENGTH
                and one_edit_apart(word, keyword.word)
            ):
                return keyword
        return None

    def _sentence(self, text: str) -> Keyword | None:
        """Match an unambiguous opt-out that is the first or the last sentence."""
        if not _SENTENCE_END.search(text.strip()):
            return None
        sentences = [s for s in _SENTENCE_END.split(readable_lines(text)) if s.strip()]
        for sentence in sentences[:1] + sentences[-1:]:
            keyword = self.table.get(self._without_courtesy(folded(sentence)))
            if keyword and keyword.role is KeywordRole.OPT_OUT:
                if keyword.ambiguous:
                    continue
                return keyword
        return None


_TYPO_LENGTH = 4
_LONGEST = 12
"""Words; the longest keyword has six, and courtesy may stand around it."""

_QUOTING = frozenset(("reply", "text", "send", "word"))
_SENTENCE_END = re.compile(r"[.;\n]+")
_RUN = re.compile(r"(\w)\1{2,}")
_LEET = str.maketrans("0$51!3@7", "ossiieat")


def readable_lines(text: str) -> str:
    """Return `text` readable, with its line breaks kept."""
    return "\n".join(readable(line) for line in text.splitlines())


def _spellings(text: str, words: str) -> Iterator[str]:
    """Yield folded `words`, also without drawn-out letters and with digits read."""
    yield words
    if _RUN.search(words):
        yield _RUN.sub(r"\1", words)
    # "st0p", not "7D": a size is no keyword.
    letters = text.strip()
    if len(letters) >= _TYPO_LENGTH and not letters.isalpha() and " " not in letters:
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
