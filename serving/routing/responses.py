"""Approved words: which variant of a template is sent, with which values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from serving.routing.decision import Words
from serving.routing.segments import segments

VARIABLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
MAX_VALUE = 120
"""A longer value is not a name or a date, and would run into another segment."""


@dataclass(frozen=True, slots=True)
class Variants:
    """The words of one template in one language.

    Attributes:
        full: what is sent when every value is known.
        safe: what is sent when one is missing; it needs none of the reply's own.
        closed: what is sent instead while nobody is there.
    """

    full: str
    safe: str | None = None
    closed: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """An approved template; `languages` has at least one entry."""

    template_id: str
    version: int
    approved_by: str
    languages: Mapping[str, Variants]

    @property
    def name(self) -> str:
        """Id and version, as decisions quote it: "order_status@1"."""
        return f"{self.template_id}@{self.version}"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of a template.

    Attributes:
        words: the words to send; None where no variant could be filled.
        missing: variables that had no usable value.
    """

    words: Words | None
    missing: tuple[str, ...]


def render(
    template: Template, language: str, values: Mapping[str, str], *, open_now: bool
) -> Rendered:
    """Fill the best variant that `values` can fill, whole or not at all.

    `language` must be one of the template's. The closed variant wins while nobody is
    there; the safe variant stands in when a value is missing.
    """
    variants = template.languages[language]
    first = variants.full if open_now or not variants.closed else variants.closed
    missing = _missing(first, values)
    for text in (first, variants.safe):
        if text and not _missing(text, values):
            return Rendered(_words(template, _fill(text, values)), missing)
    return Rendered(None, missing)


def variables(text: str) -> tuple[str, ...]:
    """Return the variable names in `text`, each once, in order."""
    return tuple(dict.fromkeys(VARIABLE.findall(text)))


def usable(value: str) -> bool:
    """Return whether `value` may be put into a message."""
    return bool(value.strip()) and value.isprintable() and len(value) <= MAX_VALUE


def _missing(text: str, values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(v for v in variables(text) if not usable(values.get(v, "")))


def _fill(text: str, values: Mapping[str, str]) -> str:
    # One pass: a value that holds braces is never filled again.
    return VARIABLE.sub(lambda found: values[found[1]].strip(), text)


def _words(template: Template, text: str) -> Words:
    size = segments(text)
    return Words(template.name, text, size.count, size.encoding)
