"""`programs.yaml` to `Programs`."""

import re
from collections.abc import Collection
from datetime import timedelta
from urllib.parse import urlsplit

import phonenumbers

from serving.programs.marketing_words import selling_words
from serving.programs.number import Number, NumberKind, is_toll_free, read_number
from serving.programs.parse_hours import parse_hours
from serving.programs.parse_secrets import parse_secrets
from serving.programs.program import (
    ConsentScope,
    FrequencyCap,
    HelpFacts,
    Program,
    Provider,
    SecretNames,
    StopConfirmer,
    Support,
)
from serving.programs.programs import Programs
from serving.routing.lined_yaml import LinedYaml

_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)
_KEYS = (
    "brand",
    "name",
    "provider",
    "numbers",
    "public_url",
    "secrets",
    "accounts",
    "support",
    "country",
    "hours",
    "languages",
    "stop_confirmed_by",
    "scopes",
    "help",
    "revoke_all",
    "frequency_cap",
    "answers_in_quiet_hours",
)
_MOST_MESSAGES, _LONGEST_HOURS = 10_000, 24 * 366


def parse_programs(source: LinedYaml, languages: Collection[str]) -> Programs:
    """Read the programs; RulesError names the line and field that cannot be meant.

    Args:
        source: the file.
        languages: those that there are templates in; a program may use no others.
    """
    source.only("version", "default", "programs")
    source.number("version", 1, 1)
    lines = source.child("programs")
    for name in lines.fields:
        if not _ID.fullmatch(name):
            problem = "expected an id of small letters, digits and _, 32 at most"
            raise lines.error(name, f"{problem}; it is part of a web address")
    by_id = {name: _program(name, line, languages) for name, line in lines.children()}
    default = source.text("default")
    if default not in by_id:
        known = ", ".join(by_id) or "none"
        problem = f"expected one of the programs ({known}), got {default!r}"
        raise source.error("default", problem)
    return Programs(by_id, default, _owners(lines, by_id))


def _program(name: str, line: LinedYaml, languages: Collection[str]) -> Program:
    line.only(*_KEYS)
    country = _country(line)
    spoken = _languages(line, languages)
    program = Program(
        program_id=name,
        brand=line.text("brand").strip(),
        name=line.text("name").strip(),
        numbers=_numbers(line, country),
        provider=line.choice("provider", Provider),
        public_url=_public_url(line),
        secrets=_secrets(line),
        accounts=_accounts(line),
        support=_support(line.child("support"), country),
        country=country,
        hours=parse_hours(line.child("hours")),
        languages=spoken,
        stop_confirmer=line.choice("stop_confirmed_by", StopConfirmer),
        scopes=_scopes(line),
        help_facts=_help(line.child("help"), spoken),
        revoke_all=line.required_flag("revoke_all"),
        frequency_cap=_cap(line) if "frequency_cap" in line.fields else None,
        answers_in_quiet_hours=line.required_flag("answers_in_quiet_hours"),
    )
    _check_canadian_support(line, program)
    return program


def _secrets(line: LinedYaml) -> SecretNames:
    # AWS signs with a certificate that anybody can read; its topic is what we trust.
    if line.fields["provider"] == Provider.AWS and "secrets" not in line.fields:
        return SecretNames((), ())
    return parse_secrets(line)


def _accounts(line: LinedYaml) -> frozenset[str]:
    accounts = line.texts("accounts") if "accounts" in line.fields else ()
    if line.fields["provider"] == Provider.AWS and not accounts:
        problem = "expected the topic (its ARN) that the messages come from"
        raise line.error("accounts", problem)
    return frozenset(accounts)


def _country(line: LinedYaml) -> str:
    country = line.text("country")
    if country not in phonenumbers.SUPPORTED_REGIONS:
        problem = f"expected a country like US, CA or FR, got {country!r}"
        raise line.error("country", problem)
    return country


def _languages(line: LinedYaml, known: Collection[str]) -> tuple[str, ...]:
    languages = line.texts("languages")
    if not languages:
        raise line.error("languages", "expected at least one, the default first")
    for index, language in enumerate(languages):
        if language not in known or language in languages[:index]:
            problem = f"expected some of {', '.join(known)}, once each"
            where = f"languages[{index}]"
            raise line.error(where, f"{problem}, got {language!r}")
    return languages


def _numbers(line: LinedYaml, country: str) -> tuple[Number, ...]:
    found = []
    for index, text in enumerate(line.texts("numbers")):
        try:
            found.append(read_number(text, country))
        except ValueError as error:
            problem = f"{error}, got {text!r}"
            raise line.error(f"numbers[{index}]", problem) from error
    if not found:
        raise line.error("numbers", "expected at least one sending number")
    return tuple(found)


def _public_url(line: LinedYaml) -> str:
    url = line.text("public_url").strip()
    try:
        parts = urlsplit(url)
        whole = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:
        whole, parts = False, urlsplit("")
    if not whole or parts.query or parts.fragment or parts.username or url[-1] == "/":
        problem = "expected an address like https://texts.example.com, without a slash"
        raise line.error("public_url", f"{problem} at the end, a query or a user")
    return url


def _support(source: LinedYaml, country: str) -> Support:
    source.only("email", "phone")
    email, phone = source.optional_text("email"), source.optional_text("phone")
    if email is None and phone is None:
        raise source.error("email", "expected an email or a phone that help can name")
    if email is not None and not _EMAIL.fullmatch(email):
        raise source.error("email", f"expected care@example.com, got {email!r}")
    if phone is None:
        return Support(email, None)
    try:
        number = read_number(phone, country)
    except ValueError as error:
        problem = f"expected a number like +18005550142, got {phone!r}"
        raise source.error("phone", problem) from error
    if number.kind is not NumberKind.PHONE:
        raise source.error("phone", f"expected a phone number, got {phone!r}")
    return Support(email, number.value)


def _scopes(line: LinedYaml) -> frozenset[ConsentScope]:
    texts = line.texts("scopes")
    for index, text in enumerate(texts):
        if text not in set(ConsentScope):
            problem = f"expected one of {', '.join(ConsentScope)}, got {text!r}"
            raise line.error(f"scopes[{index}]", problem)
    if not texts:
        raise line.error("scopes", f"expected some of {', '.join(ConsentScope)}")
    return frozenset(map(ConsentScope, texts))


def _help(source: LinedYaml, languages: tuple[str, ...]) -> dict[str, HelpFacts]:
    source.only(*languages)
    return {language: _help_facts(source.child(language)) for language in languages}


def _help_facts(facts: LinedYaml) -> HelpFacts:
    names = HelpFacts.__slots__
    facts.only(*names)
    for name in names:
        if selling := selling_words(facts.text(name)):
            problem = f"expected no word that sells, got {selling[0]!r}; help is no ad"
            raise facts.error(name, problem)
    return HelpFacts(**{name: facts.text(name).strip() for name in names})


def _cap(line: LinedYaml) -> FrequencyCap:
    cap = line.child("frequency_cap")
    cap.only("messages", "hours")
    return FrequencyCap(
        messages=int(cap.number("messages", 1, _MOST_MESSAGES)),
        period=timedelta(hours=cap.number("hours", 1, _LONGEST_HOURS)),
    )


def _check_canadian_support(line: LinedYaml, program: Program) -> None:
    """Canada's carriers want a toll-free number in the help of a short code."""
    short = any(number.kind is NumberKind.SHORT_CODE for number in program.numbers)
    phone = program.support.phone
    if program.country == "CA" and short and not (phone and is_toll_free(phone)):
        problem = "expected a toll-free phone: Canada wants one for a short code"
        raise line.child("support").error("phone", problem)


def _owners(lines: LinedYaml, by_id: dict[str, Program]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for program_id, program in by_id.items():
        for index, number in enumerate(program.numbers):
            owner = owners.setdefault(number.key, program_id)
            if owner != program_id or number in program.numbers[:index]:
                problem = f"{number.value} is a number of {owner} already; keep one"
                where = f"{program_id}.numbers[{index}]"
                raise lines.error(where, problem)
    return owners
