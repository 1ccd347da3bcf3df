"""Postal addresses and postcodes, where their form leaves no doubt."""

import re
from collections.abc import Iterator

from serving.redaction.found import Found, Kind

_NO_STREET = (
    r"(?!(?:the|a|an|my|your|our|this|that|down|up|on|of|to|in|at|and|or|more|from|"
    r"off|over|for|with|min|mins|minutes?|hours?|hrs?|days?|weeks?|miles?|mi|km|blocks?"
    r"|times?|people|kids|items?|doors?|am|pm)\b)"
)
_UNIT = r"(?:,?\s*(?:apt|apartment|unit|suite|ste|flat|#)\.?\s*\w+)?"
_ENGLISH = re.compile(
    r"\b\d{1,5}[a-z]?\s+(?:[nsew]\.?\s+|north |south |east |west )?"
    rf"(?:{_NO_STREET}[a-z\d][\w'.]*\s+){{1,3}}"
    rf"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|hwy|pkwy)\b\.?"
    rf"{_UNIT}"
    r"|\b(?:apt\.?|apartment|suite|ste\.?|flat)\s*#?\s?(?:\d{1,5}[a-z]?|[a-z]-?\d{1,4})\b"
    r"|\bp\.?\s?o\.?\s?box\s+\d+",
    re.IGNORECASE,
)
# Words that also mean something else: only where they are written as names are.
_NAMED_WAYS = re.compile(
    r"\b\d{1,5}[A-Za-z]?\s+(?:[A-Z][\w'.]*\s+){1,3}"
    r"(?:Way|Place|Pl|Court|Ct|Close|Crescent|Gardens|Square|Sq|Terrace|Circle|Cir|"
    rf"Highway|Parkway|Row|Hill|Trail|Loop)\b\.?{_UNIT}"
)
_OTHER = re.compile(
    # Spanish and Portuguese: the kind of street, its name, the number.
    r"\b(?:(?:calle|avenida|avda\.?|av\.|paseo|plaza|carrera|camino|rua|travessa|"
    r"alameda|praça)\s+|c/\s*)(?:[\wáéíóúñãõç.]+\s+){0,4}?[\wáéíóúñãõç.]+,?\s*"
    r"(?:n[ºo°]?\.?\s*|#\s*)?\d{1,5}\b"
    # French: the number first.
    r"|\b\d{1,4}(?:\s?(?:bis|ter))?,?\s+(?:rue|avenue|boulevard|bd|chemin|allée|impasse"
    r"|quai)\s+(?:(?:de|du|des|la|le|les)\s+|[dl]['’])*[\wéèêàâôîç'’-]+"
    # German: the kind of street ends its name.
    r"|\b[\wäöüß-]+(?:straße|strasse|str\.|gasse|allee|platz)\s*\d{1,4}\s?[a-h]?\b",
    re.IGNORECASE,
)
_ITALIAN = re.compile(
    r"\b(?:[Vv]ia|[Vv]iale|[Pp]iazza|[Cc]orso)\s+(?:[a-z]{2,5}\s+)?"
    r"(?:[A-Z][\wàèéìòù']*\s?){1,3},?\s*\d{1,4}\b"
)
_POSTCODE = re.compile(
    # Great Britain: the last two are never C, I, K, M, O or V, so "2 pm" is none.
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}"
    # Canada
    r"|[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d"
    # The United States, with the state or the four more digits
    r"|(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]"
    r"|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]),? \d{5}(?:-\d{4})?"
    r"|\d{5}-\d{4})\b"
)
_SMALL_POSTCODE = re.compile(
    r"\b(?:[a-z]{1,2}\d[a-z\d]? \d(?!nd\b|rd\b|th\b|st\b|hr\b|ft\b|lb\b|pt\b)"
    r"[abd-hjlnp-uw-z]{2}|[abceghj-nprstvxy]\d[a-z] \d[a-z]\d)\b"
)


def places(text: str) -> Iterator[Found]:
    """Yield streets with a number, flats, post boxes and postcodes."""
    if not any(map(str.isdigit, text)):
        return
    patterns = (_OTHER, _ITALIAN, _ENGLISH, _NAMED_WAYS, _POSTCODE, _SMALL_POSTCODE)
    for pattern in patterns:
        for found in pattern.finditer(text):
            yield Found(found.start(), found.end(), Kind.ADDRESS)
