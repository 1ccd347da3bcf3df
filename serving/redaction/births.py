"""Dates of birth: said to be one, or a whole date too long ago for an order."""

import re
from collections.abc import Iterator

from serving.redaction.found import Found, Kind

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|"
    r"janv|févr|mars|avr|mai|juin|juil|août|déc|mär|okt|dez|fev|set|out)[a-zéû]*\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_OF = r"(?:\s+|\s+(?:of|de|del)\s+|[\s,]+)"
_DATE = (
    rf"(?:\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{1,4}}|\d{{1,2}}[/.-]\d{{1,2}}|\d{{6,8}}"
    rf"|{_DAY}{_OF}{_MONTH}(?:{_OF}\d{{2,4}})?|{_MONTH}{_OF}{_DAY}(?:{_OF}\d{{2,4}})?"
    r"|(?:19|20)\d{2})"
)
_SAID = re.compile(
    r"\b(?:dob|d\.o\.b\.?|date of birth|birth ?date|birthday|b-?day|born(?: on| in)?"
    r"|fecha de nacimiento|nacid[oa](?: el| en)?|nac[ií](?: el| en)?|cumpleaños"
    r"|né|née|date de naissance|anniversaire|geboren(?: am)?|geburtsdatum"
    r"|geburtstag|nascid[oa](?: em)?|data de nascimento|aniversário"
    r"|nat[oa](?: il)?|data di nascita)\b"
    r"(?:\s*(?:is|on|was|es|el|le|ist|am|é|:|-|=))*\s*"
    rf"(?P<date>{_DATE})\b",
    re.IGNORECASE,
)
_LONG_AGO = re.compile(
    r"(?<![\d/.-])(?:\d{1,2}[/.-]\d{1,2}[/.-](?:19\d{2}|200\d)"
    r"|(?:19\d{2}|200\d)[/.-]\d{1,2}[/.-]\d{1,2}"
    rf"|{_DAY}{_OF}{_MONTH}{_OF}(?:19\d{{2}}|200\d)"
    rf"|{_MONTH}{_OF}{_DAY}{_OF}(?:19\d{{2}}|200\d))(?!\d)",
    re.IGNORECASE,
)


def births(text: str) -> Iterator[Found]:
    """Yield dates of birth."""
    if not any(map(str.isdigit, text)):
        return
    for found in _SAID.finditer(text):
        yield Found(found.start("date"), found.end("date"), Kind.BIRTH)
    for found in _LONG_AGO.finditer(text):
        yield Found(found.start(), found.end(), Kind.BIRTH)
