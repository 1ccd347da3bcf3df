"""Words that carry out a wish at once: opt out, help, opt in.

A keyword counts when it is the whole message, whatever its case, punctuation,
spacing, script or courtesy ("Stop.", "S T O P", "stop please"), or when it stands as
a sentence or clause of its own at either end ("STOP. Also cancel my 3pm", "Wrong
number, stop"). A word inside a sentence never counts: "stop by at 3?", "when does the
sale end?". What is asked for in other words is the classifier's to hear.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from model.text import folded, readable
from serving.routing.own_clauses import Break, OwnClause, own_clauses
from serving.routing.reactions import after_reaction
from serving.routing.spellings import one_edit_apart, spellings


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


class Answer(NamedTuple):
    """A plain answer to our question whether to stop, and the language it is in."""

    stop: bool
    language: str | None


@dataclass(frozen=True, slots=True)
class Keywords:
    """All keywords, ready to match.

    Attributes:
        table: keyword by folded form.
        courtesy: folded words that may stand around a keyword ("please", "gracias").
        not_typos: real words one edit from a keyword ("step", "shop", "quiet").
        symbols: emoji that are an opt-out when nothing else is said.
        whole_only: opt-outs that count as the whole message only ("quit").
        goes_on: folded openings after "stop!" or "stop," that make it no opt-out by
            rule ("you are too kind").
        agreeing: folded answers that mean yes to our question whether to stop, with
            their language.
        agreeing_symbols: emoji that mean it.
        declining: folded answers that mean no to it, with their language.
        auto_replies: folded openings of machines' answers.
        markers: function words by language, for telling a reply's language.
    """

    table: Mapping[str, Keyword]
    courtesy: frozenset[str]
    not_typos: frozenset[str]
    symbols: frozenset[str]
    whole_only: frozenset[str]
    goes_on: tuple[str, ...]
    agreeing: Mapping[str, str]
    agreeing_symbols: frozenset[str]
    declining: Mapping[str, str]
    auto_replies: tuple[str, ...]
    markers: Mapping[str, frozenset[str]]

    def match(self, text: str, *, opted_out: bool) -> Keyword | None:
        """Return the keyword that `text` is, or that stands in it by itself, or None.

        `opted_out` tells whether the contact is opted out: "yes" is an opt-in then,
        and an answer otherwise.
        """
        return self.whole(text, opted_out=opted_out) or self.by_itself(text)

    def whole(self, text: str, *, opted_out: bool) -> Keyword | None:
        """Return the keyword that is the whole of `text`, or None."""
        words = folded(text)
        # Most replies are longer than any keyword can be made, and end here.
        keyword = self._whole(text, words) if words.count(" ") < _LONGEST else None
        if keyword and keyword.when_opted_out and not opted_out:
            return None
        return keyword

    def by_itself(self, text: str) -> Keyword | None:
        """Return the unambiguous opt-out that stands by itself in `text`, or None.

        It is a sentence or clause of its own, the first or the last, or all that
        follows a phone's reaction (`Loved "..." STOP`).
        """
        rest = after_reaction(text)
        if rest and (keyword := self._plain_opt_out(self._whole(rest, folded(rest)))):
            return keyword
        clauses = [c for c in own_clauses(rest or text) if self._says_something(c)]
        if not clauses:
            return None
        first, last = clauses[0], clauses[-1]
        if first.after is Break.HARD or self._leaves_it(clauses):
            keyword = self._plain_opt_out(self._own(first))
            if keyword and len(clauses) > 1:
                return keyword
        if len(clauses) > 1 and not _QUOTES.search(folded(clauses[-2].text)):
            return self._plain_opt_out(self._own(last))
        return None

    def answer(self, text: str) -> Answer | None:
        """Return what `text` plainly answers to whether we should stop, or None."""
        words = folded(text)
        if not words:
            bare = _bare(text)
            agrees = bare and set(bare) <= self.agreeing_symbols
            return Answer(stop=True, language=None) if agrees else None
        for form in (*spellings(text, words), self._without_courtesy(words)):
            for stop, answers in ((False, self.declining), (True, self.agreeing)):
                if form in answers:
                    return Answer(stop, answers[form])
        return None

    def _says_something(self, clause: OwnClause) -> bool:
        return bool(self._without_courtesy(folded(clause.text)))

    def _own(self, clause: OwnClause) -> Keyword | None:
        """Return the keyword that is the whole clause; a question is none.

        "Please stop" may be about the music: a single word must stand bare.
        """
        words = folded(clause.text)
        if clause.after is Break.QUESTION:
            return None
        for spelling in spellings(clause.text, words):
            if keyword := self.table.get(spelling):
                return keyword
        keyword = self.table.get(self._without_courtesy(words))
        return keyword if keyword and " " in keyword.word else self._repeated(words)

    def _plain_opt_out(self, keyword: Keyword | None) -> Keyword | None:
        if (
            keyword is None
            or keyword.role is not KeywordRole.OPT_OUT
            or keyword.ambiguous
            or keyword.word in self.whole_only
        ):
            return None
        return keyword

    def _leaves_it(self, clauses: list[OwnClause]) -> bool:
        """Return whether what follows a first "stop!" or "stop," leaves it an order."""
        if len(clauses) == 1:
            return False
        keyword = self._own(clauses[0])
        if keyword and " " in keyword.word:
            return True
        after = folded(clauses[1].text)
        return not any(
            after == opening or after.startswith(f"{opening} ")
            for opening in self.goes_on
        )

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
        for spelling in spellings(text, words):
            for form in (spelling, self._without_courtesy(spelling)):
                if keyword := self.table.get(form):
                    return keyword
        bare = self._without_courtesy(words)
        return self._repeated(bare) or self._typo(bare)

    def _symbol(self, text: str) -> Keyword | None:
        bare = _bare(text)
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


_TYPO_LENGTH = 4
"""Shorter words are one edit from too many others."""
_LONGEST = 12
"""Words; the longest keyword has six, and courtesy may stand around it."""

_QUOTING = frozenset(("reply", "text", "send", "word"))
# Who tells of a word does not say it: "to opt out reply / STOP", "he said, stop",
# "dont. stop". "Like i said, stop" does.
_QUOTES = re.compile(
    r"(?:^| )(?:reply|respond|with|word|typed?|dont|wont|cant|not|never|or|and|the|a|to"
    r"|(?:^|or |and |out |just |end |please )(?:text|txt|send)"
    r"|(?:he|she|it|they|sign|text|message|msg|mom|dad|doctor) (?:says?|said|goes)"
    r"|(?:was|were|is|be) like|(?:told|tell|asked) (?:him|her|them|my \w+|the \w+))$"
)
_COLOURS = re.compile("[ \ufe0f\U0001f3fb-\U0001f3ff]")


def _bare(text: str) -> str:
    """Return a text of emoji without what only colours them."""
    return _COLOURS.sub("", readable(text))
