"""`responses.yaml` to templates."""

import re

from serving.routing.responses import Template, Variants, variables
from serving.routing.yaml_file import YamlFile

_LANGUAGE = re.compile(r"[a-z]{2}")
_BRACE = re.compile(r"[{}]")


def parse_responses(source: YamlFile) -> dict[str, Template]:
    """Read the templates; RulesError names the one that cannot be sent."""
    source.only("version", "templates")
    templates = source.child("templates")
    return {name: _template(name, line) for name, line in templates.children()}


def _template(name: str, line: YamlFile) -> Template:
    line.only("version", "approved_by", "text")
    texts = line.child("text")
    for language in texts.fields:
        if not _LANGUAGE.fullmatch(language):
            raise texts.error(language, "expected a language code like en")
    if not texts.fields:
        raise line.error("text", "expected words in at least one language")
    return Template(
        template_id=name,
        version=int(line.number("version", 1, 1_000_000)),
        approved_by=line.text("approved_by"),
        languages={lang: _variants(words) for lang, words in texts.children()},
    )


def _variants(words: YamlFile) -> Variants:
    words.only("full", "safe", "closed")
    for key in words.fields:
        text = words.text(key)
        stripped = text
        for variable in variables(text):
            stripped = stripped.replace(f"{{{variable}}}", "")
        if _BRACE.search(stripped):
            raise words.error(key, "expected variables like {order_number}")
    return Variants(
        full=words.text("full"),
        safe=words.optional_text("safe"),
        closed=words.optional_text("closed"),
    )
