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
        whole = self._whole(text) or self._sentence(text)
        if whole and whole.when_opted_out and not opted_out:
            return None
        return whole

    def is_auto_reply(self, words: str) -> bool:
        """Return whether folded `words` open like a machine's answer."""
        return words.startswith(self.auto_replies)

    def _whole(self, text: str) -> Keyword | None:
        if symbol := self._symbol(text):
            return symbol
        for words in _spellings(text):
            for form in (words, self._without_courtesy(words)):
                if keyword := self.table.get(form):
                    return keyword
        words = self._without_courtesy(folded(text))
        return self._repeated(words) or self._typo(words)

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
        sentences = [s for s in _SENTENCE_END.split(readable_lines(text)) if s.strip()]
        for sentence in sentences[:1] + sentences[-1:]:
            keyword = self.table.get(self._without_courtesy(folded(sentence)))
            if keyword and keyword.role is KeywordRole.OPT_OUT:
                if keyword.ambiguous:
                    continue
                return keyword
        return None


_TYPO_LENGTH = 4
_SENTENCE_END = re.compile(r"[.;\n]+")
_RUN = re.compile(r"(\w)\1{2,}")
_LEET = str.maketrans("0$51!3@7", "ossiieat")


def readable_lines(text: str) -> str:
    """Return `text` readable, with its line breaks kept."""
    return "\n".join(readable(line) for line in text.splitlines())


def _spellings(text: str) -> Iterator[str]:
    words = folded(text)
    yield words
    yield _RUN.sub(r"\1", words)
    if " " not in words:
        yield folded(text.strip().translate(_LEET))


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
