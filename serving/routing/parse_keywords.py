"""`keywords.yaml` to `Keywords`."""

from collections.abc import Iterator

from model.text import folded
from serving.routing.keywords import Keyword, KeywordRole, Keywords
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
        courtesy=frozenset(_folded(source, "courtesy")),
        not_typos=frozenset(_folded(source, "not_typos")),
        symbols=frozenset(source.texts("opt_out_symbols")),
        auto_replies=_folded(source, "auto_replies"),
        markers={
            language: frozenset(_folded(languages, language))
            for language in languages.fields
        },
    )


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
