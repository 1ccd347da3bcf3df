"""`keywords.yaml` to `Keywords`."""

import re
from collections.abc import Iterator, Mapping

from model.text import folded
from serving.routing.keywords import Keyword, KeywordRole, Keywords
from serving.routing.spellings import skeleton
from serving.routing.yaml_file import YamlFile


def parse_keywords(source: YamlFile) -> Keywords:
    """Read the keywords; RulesError names a word that two lists claim."""
    source.only(
        "version",
        "opt_out",
        "opt_out_ambiguous",
        "help",
        "opt_in",
        "opt_in_when_opted_out",
        "opt_out_symbols",
        "whole_message_only",
        "stop_goes_on",
        "stop_yes",
        "stop_yes_symbols",
        "stop_no",
        "courtesy",
        "not_typos",
        "auto_replies",
        "languages",
    )
    table: dict[str, Keyword] = {}
    for keyword, section, place in _keywords(source):
        if not keyword.word:
            raise section.error(place, "is empty once it is folded")
        rival = table.setdefault(keyword.word, keyword)
        if rival.role is not keyword.role:
            raise section.error(place, f"is listed under {rival.role} as well")
    if "stop" not in table:
        raise source.error("opt_out", "must hold STOP, which no law lets us leave out")
    languages = source.child("languages")
    return Keywords(
        table=table,
        skeletons=_skeletons(table),
        courtesy=_phrases(_folded(source, "courtesy")),
        not_typos=frozenset(_folded(source, "not_typos")),
        symbols=frozenset(source.texts("opt_out_symbols")),
        whole_only=_known(source, "whole_message_only", table),
        goes_on=_folded(source, "stop_goes_on"),
        agreeing=_answers(source, "stop_yes"),
        agreeing_symbols=frozenset(source.texts("stop_yes_symbols")),
        declining=_answers(source, "stop_no"),
        auto_replies=_folded(source, "auto_replies"),
        markers={
            language: frozenset(_folded(languages, language))
            for language in languages.fields
        },
    )


def _skeletons(table: Mapping[str, Keyword]) -> dict[str, Keyword]:
    """Return the opt-outs by their letters; "td" is a size or a bank as well."""
    found: dict[str, Keyword] = {}
    for keyword in table.values():
        letters = skeleton(keyword.word)
        if keyword.role is KeywordRole.OPT_OUT and len(letters) >= _LETTERS:
            found.setdefault(letters, keyword)
    return found


_LETTERS = 3


def _phrases(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds any of `phrases`, the longest first, as words of their own."""
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"(?<!\S)(?:{'|'.join(map(re.escape, longest_first))})(?!\S)")


def _known(source: YamlFile, key: str, table: Mapping[str, Keyword]) -> frozenset[str]:
    """Return the keywords at `key`; a word that is none would be a rule for nothing."""
    words = _folded(source, key)
    for number, word in enumerate(words):
        if word not in table:
            raise source.error(f"{key}[{number}]", "is in none of the lists above")
    return frozenset(words)


def _answers(source: YamlFile, key: str) -> dict[str, str]:
    """Return the language of each folded answer; none where the list is left out."""
    languages: dict[str, str] = {}
    if key in source.fields:
        section = source.child(key)
        for language in section.fields:
            for word in _folded(section, language):
                languages.setdefault(word, language)
    return languages


def _folded(source: YamlFile, key: str) -> tuple[str, ...]:
    """Return the folded texts at `key`; an empty one would match every reply."""
    words = tuple(map(folded, source.texts(key)))
    if "" in words:
        place = f"{key}[{words.index('')}]"
        raise source.error(place, "is empty once it is folded")
    return words


def _keywords(source: YamlFile) -> Iterator[tuple[Keyword, YamlFile, str]]:
    for name, role, ambiguous, when_opted_out in (
        ("opt_out", KeywordRole.OPT_OUT, False, False),
        ("opt_out_ambiguous", KeywordRole.OPT_OUT, True, False),
        ("help", KeywordRole.HELP, False, False),
        ("opt_in", KeywordRole.OPT_IN, False, False),
        ("opt_in_when_opted_out", KeywordRole.OPT_IN, False, True),
    ):
        section = source.child(name)
        for language in section.fields:
            for number, word in enumerate(section.texts(language)):
                place = f"{language}[{number}]"
                keyword = Keyword(
                    role, language, folded(word), ambiguous, when_opted_out
                )
                yield keyword, section, place
