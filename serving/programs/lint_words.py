"""Whether words may go out in a program: what they must say, and must not."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from serving.programs.marketing_words import selling_words
from serving.programs.program import HelpFacts, Program
from serving.programs.prompts import carrier_prompts
from serving.routing.responses import VARIABLE

_NOT_WORD = re.compile(r"[\W_]+")
_ADDRESS = re.compile(
    r"https?://\S+|\b(?:[a-z0-9-]+\.)+[a-z]{2,}/\S*|\bwww\.\S+", re.IGNORECASE
)
_STOP = re.compile(r"\bSTOP\b")
_HELP = re.compile(r"\b(?:HELP|AYUDA|AIDE|AJUDA|HILFE)\b", re.IGNORECASE)
_LAST_DIGITS = 7
"""However a phone is written, its last digits stay together."""


class WordsKind(StrEnum):
    """What the words are for."""

    STOP = "stop"
    HELP = "help"
    START = "start"
    OTHER = "other"


class FaultCode(StrEnum):
    """What is wrong with words."""

    CARRIER_PROMPT = "carrier_prompt"
    NO_BRAND = "no_brand"
    NO_CONTACT = "no_contact"
    NO_RATES = "no_rates"
    NO_FREQUENCY = "no_frequency"
    NO_STOP = "no_stop"
    NO_HELP = "no_help"
    SELLS = "sells"
    ASKS = "asks"
    LINKS = "links"


@dataclass(frozen=True, slots=True)
class WordsFault:
    """One reason not to send words, and what to do about it."""

    code: FaultCode
    detail: str


def lint_words(
    words: str,
    kind: WordsKind,
    program: Program,
    language: str,
    values: Mapping[str, str] | None = None,
) -> tuple[WordsFault, ...]:
    """Return why `words` may not go out in `program`; empty where they may.

    Args:
        words: filled words, or a template with its {variables}.
        kind: what they are for; only the law's replies must name brand and facts.
        program: whose words they are; its own values fill {brand}, {support},
            {frequency_en} and the like.
        language: in which of the program's languages they are.
        values: what fills the template's other variables.
    """
    known = {**(values or {}), **program.values()}
    text = VARIABLE.sub(lambda found: known.get(found[1], found[0]), words)
    # Words that fall back to another language state its facts.
    facts = program.help_facts.get(language)
    facts = facts or program.help_facts[program.languages[0]]
    return tuple(_faults(text, kind, program, facts))


def _faults(
    text: str, kind: WordsKind, program: Program, facts: HelpFacts
) -> Iterator[WordsFault]:
    for word in carrier_prompts(text):
        detail = f"asks for {word}, which carriers hear as a keyword; ask otherwise"
        yield WordsFault(FaultCode.CARRIER_PROMPT, detail)
    if kind is WordsKind.OTHER:
        return
    if not _says(text, program.brand):
        yield WordsFault(FaultCode.NO_BRAND, f"must name the brand, {program.brand}")
    if kind is WordsKind.STOP:
        yield from _stop_faults(text, program)
        return
    if not _says(text, facts.frequency):
        detail = f"must say how often: {facts.frequency}"
        yield WordsFault(FaultCode.NO_FREQUENCY, detail)
    if not _says(text, facts.rates):
        yield WordsFault(FaultCode.NO_RATES, f"must say what it costs: {facts.rates}")
    if not _STOP.search(text):
        yield WordsFault(FaultCode.NO_STOP, "must name STOP and what it does")
    if kind is WordsKind.HELP and not _names_contact(text, program):
        detail = "must name the program's support email or phone"
        yield WordsFault(FaultCode.NO_CONTACT, detail)
    if kind is WordsKind.START and not _HELP.search(text):
        yield WordsFault(FaultCode.NO_HELP, "must name HELP")


def _stop_faults(text: str, program: Program) -> Iterator[WordsFault]:
    # A brand may be called "The Shop"; it may still say its name.
    if selling := selling_words(_without(text, program.brand)):
        detail = f"must not sell, and says {selling[0]!r}"
        yield WordsFault(FaultCode.SELLS, detail)
    if "?" in text:
        detail = "must not ask anything; the opt-out is done"
        yield WordsFault(FaultCode.ASKS, detail)
    if _ADDRESS.search(text):
        detail = "must not link anywhere; name the support email or phone"
        yield WordsFault(FaultCode.LINKS, detail)


def _without(text: str, brand: str) -> str:
    return re.sub(re.escape(brand), " ", text, flags=re.IGNORECASE)


def _says(text: str, fact: str) -> bool:
    """Return whether `text` says `fact`, whatever its case, spaces and signs."""
    return f" {_plain(fact)} " in f" {_plain(text)} "


def _plain(text: str) -> str:
    return _NOT_WORD.sub(" ", text.casefold().replace("&", " and ")).strip()


def _names_contact(text: str, program: Program) -> bool:
    support = program.support
    if support.email and support.email.casefold() in text.casefold():
        return True
    digits = re.sub(r"\D", "", text)
    return bool(support.phone and support.phone[-_LAST_DIGITS:] in digits)
