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
from typing import NamedTuple

from model.text import readable
from serving.routing.folded_once import folded_once
from serving.routing.own_clauses import (
    Break,
    OwnClause,
    is_told,
    own_clauses,
    own_text,
    unsigned,
)
from serving.routing.reactions import after_reaction
from serving.routing.spellings import one_edit_apart, skeleton, spellings


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
        skeletons: opt-out by its letters, without spaces and doubled letters.
        courtesy: what may stand around a keyword ("please", "muchas gracias").
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
    skeletons: Mapping[str, Keyword]
    courtesy: re.Pattern[str]
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
        own = own_text(text) or text
        keyword = self._said(own)
        if keyword is None and (bare := unsigned(own)) != own:
            keyword = self._said(bare)
        if keyword and keyword.when_opted_out and not opted_out:
            return None
        return keyword

    def by_itself(self, text: str) -> Keyword | None:
        """Return the unambiguous opt-out that stands by itself in `text`, or None.

        It is a sentence or clause of its own, the first or the last, or all that
        follows a phone's reaction (`Loved "..." STOP`).
        """
        rest = after_reaction(text)
        if rest and (keyword := self._plain_opt_out(self._said(rest))):
            return keyword
        keyword = self._apart(rest or text)
        if keyword is None and "\n" in text:
            keyword = self._apart(unsigned(own_text(rest or text)))
        return keyword

    def answer(self, text: str) -> Answer | None:
        """Return what `text` plainly answers to whether we should stop, or None."""
        words = folded_once(text)
        if not words:
            bare = _bare(text)
            agrees = bare and set(bare) <= self.agreeing_symbols
            return Answer(stop=True, language=None) if agrees else None
        for form in (*spellings(text, words), self._without_courtesy(words)):
            for stop, answers in ((False, self.declining), (True, self.agreeing)):
                if form in answers:
                    return Answer(stop, answers[form])
        return None

    def _said(self, text: str) -> Keyword | None:
        """Return the keyword that all of `text` is."""
        words = folded_once(text)
        # Most replies are longer than any keyword can be made, and end here.
        if words.count(" ") >= _LONGEST and len(set(words.split())) > _FEW:
            return None
        if not self._without_courtesy(words):
            return self._symbol(text)
        for form in spellings(text, words):
            bare = self._without_courtesy(form)
            if keyword := self.table.get(form) or self._spelled(bare):
                return keyword
        bare = self._without_courtesy(words)
        return self._repeated(bare) or self._typo(bare)

    def _spelled(self, form: str) -> Keyword | None:
        """Return the keyword that `form` is, wherever its spaces are."""
        keyword = self.table.get(form)
        if keyword or not self.not_typos.isdisjoint(form.split()):
            return keyword
        return self.skeletons.get(skeleton(form))

    def _apart(self, text: str) -> Keyword | None:
        """Return the unambiguous opt-out that is the first or last clause."""
        clauses = [c for c in own_clauses(text) if self._says_something(c)]
        if len(clauses) <= 1:
            return None
        first, last = clauses[0], clauses[-1]
        keyword = self._plain_opt_out(self._own(first))
        if keyword and self._leaves_it(keyword, first, clauses[1]):
            return keyword
        keyword = self._plain_opt_out(self._own(last))
        if keyword is None or is_told(clauses[:-1], self.opts_out):
            return None
        return keyword

    def _says_something(self, clause: OwnClause) -> bool:
        return bool(self._without_courtesy(folded_once(clause.text)))

    def _own(self, clause: OwnClause) -> Keyword | None:
        """Return the keyword that is the whole clause; a question is none.

        "Please stop" may be about the music and must stand bare; "please unsubscribe"
        may not.
        """
        words = folded_once(clause.text)
        if (
            clause.after is Break.QUESTION
            or words.count(" ") >= _LONGEST
            or _LABEL.search(clause.text)
        ):
            return None
        for form in spellings(clause.text, words):
            if keyword := self._spelled(form):
                return keyword
        keyword = self.table.get(self._without_courtesy(words))
        if keyword and keyword.word not in _BARE:
            return keyword
        return self._repeated(words)

    def _plain_opt_out(self, keyword: Keyword | None) -> Keyword | None:
        if (
            keyword is None
            or keyword.role is not KeywordRole.OPT_OUT
            or keyword.ambiguous
            or keyword.word in self.whole_only
        ):
            return None
        return keyword

    def _leaves_it(self, keyword: Keyword, first: OwnClause, second: OwnClause) -> bool:
        """Return whether what follows a first "stop!" or "stop," leaves it an order."""
        if first.after is Break.HARD or " " in keyword.word:
            return True
        after = f"{folded_once(second.text)} "
        return not any(after.startswith(f"{opening} ") for opening in self.goes_on)

    def opts_out(self, word: str) -> bool:
        """Return whether the folded `word` is an opt-out."""
        keyword = self.table.get(word)
        return keyword is not None and keyword.role is KeywordRole.OPT_OUT

    def _symbol(self, text: str) -> Keyword | None:
        bare = _bare(text)
        if bare and set(bare) <= self.symbols:
            return self.table["stop"]
        return None

    def _without_courtesy(self, words: str) -> str:
        return " ".join(self.courtesy.sub("", words).split())

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
                and " " not in keyword.word
                and len(keyword.word) >= _typo_length(keyword)
                and one_edit_apart(word, keyword.word)
            ):
                return keyword
        return None


def _typo_length(keyword: Keyword) -> int:
    """Return the length from which a slip of a keyword counts.

    Shorter words are one edit from too many others; of six languages together the
    words of four letters are ("alto": also, auto, algo, alta).
    """
    return _TYPO_LENGTH if keyword.language == _MAIN else _TYPO_LENGTH + 1


_BARE = frozenset(("stop", "stopp"))
"""Said of much else with courtesy around it: "please stop. the music is too loud"."""
_MAIN = "en"
_TYPO_LENGTH = 4
_FEW = 3
"""Different words: "stop stop stop" may be as long as it likes."""
_LONGEST = 12
"""Words; the longest keyword has six, and courtesy may stand around it."""

# A clause that names what it says is no person's: "Unsubscribe: STOP", "STOP=end".
_LABEL = re.compile(r"\w\s*[:=]\s*\w")
_COLOURS = re.compile(r"[\s\w.,!\u200d\ufe0f\U0001f3fb-\U0001f3ff]")


def _bare(text: str) -> str:
    """Return the emoji of a text, without what only colours them."""
    return _COLOURS.sub("", readable(text))
