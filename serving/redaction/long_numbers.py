"""Telephone numbers, cards, and the numbers of orders, accounts and parcels.

A number that might lead to one person is taken rather than left: an amount, a time, a
size or a year stays, five digits in a row do not.
"""

import re
from collections.abc import Iterator, Sequence

from phonenumbers import Leniency, PhoneNumberMatcher

from serving.redaction.found import Found, Kind

_DIGITS_OF_A_PHONE = 7
_DIGITS_OF_A_CARD = 13
_LONGEST_SEARCH = 100
"""Tries of the matcher a text; a page of digits must not take a second."""

_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
_LAST_FOUR = re.compile(
    r"\b(?:card|visa|mastercard|amex|tarjeta|carte|karte|cartão|carta)\b[^.!?\d]{0,30}"
    r"(?<!\w)(?P<digits>\d{4})(?!\w)"
    r"|\b(?:ending|ends|last (?:four|4))(?: (?:in|with|is|are|of))*\s*"
    r"(?P<four>\d{4})(?!\w)",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w$€£])(?:"
    r"\+\d[\d ().-]{6,18}\d"
    r"|\(\d{2,5}\) ?\d{3,5}[ .-]?\d{3,5}"
    r"|\d{3}[ .-]\d{3}[ .-]\d{4}"
    r"|\d{3}[.-]\d{4}"
    r"|0\d(?:[ .-]\d{2}){4}"
    r"|\d{3}(?: \d{2}){3}"
    r"|0\d{2,4}[ /-]\d{5,8}"
    r")(?!\w)"
)
_WORDS_OF_DIGITS = re.compile(
    r"\b(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
    r"|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|\d)[ ,-]+){6,}"
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|hundred"
    r"|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|\d)\b",
    re.IGNORECASE,
)
_CONTEXT = (
    r"orders?|ord|po|purchase|account|acc?t|a/c|tracking|trk|booking|reservation|"
    r"confirmation|conf|reference|ref|ticket|case|claim|invoice|inv|policy|member|"
    r"membership|customer|client|patient|loyalty|rewards|license|licence|plate|"
    r"passport|ssn|social|serial|card|id|parcel|package|shipment|rma|mrn|chart|"
    r"pedido|orden|cuenta|reserva|factura|cliente|envío|seguimiento|boleto|"
    r"commande|compte|réservation|facture|colis|suivi|dossier|"
    r"bestellung|bestellnummer|auftrag|auftragsnummer|konto|kundennummer|rechnung|"
    r"rechnungsnummer|buchung|sendung|sendungsnummer|vertrag|"
    r"encomenda|conta|fatura|rastreio|protocolo|"
    r"ordine|prenotazione|conto|fattura|spedizione|pratica"
)
_LABEL = (
    rf"\b(?:{_CONTEXT})\b\.?"
    r"(?:\s*(?:#|:|-|\b(?:number|num|no|nr|nbr|id|is|code|was|says|said|reads|"
    r"número|numero|nº|n°|es|ist|est|é|für|del?|der|die|do|da)\b\.?))*\s*#?\s*"
)
# A count of things is no number of an order.
_NO_COUNT = (
    r"(?!\s*(?:more|of|pcs|pieces|units|x\b|mg|ml|kg|lbs?|oz|grams|miles|people|"
    r"points|puntos|%|\$|€|£))"
)
_SOCIAL = re.compile(
    r"(?<![\w$€£.,])(?P<id>\d{3}(?:[ -]\d{2}[ -]|\.\d{2}\.)\d{4})(?![\w%]|[.,]\d)"
)
_IN_GROUPS = re.compile(
    # The last group has three digits or more: the 2 of "order 448120 2 shirts" and
    # the sizes of "order 8 10 12 14" are no part of a number, nor is a date.
    rf"{_LABEL}(?!\d{{1,2}}[ .-]\d{{1,2}}[ .-](?:19|20)\d{{2}}\b)"
    r"(?P<id>(?=(?:\d[ .-]?){7})\d+(?:(?:[ -]\d{2,})*[ -]|(?:\.\d{2,})*\.)\d{3,})"
    rf"(?![\w%]|[.,/:-]\d){_NO_COUNT}",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    rf"{_LABEL}"
    r"(?P<id>(?:(?-i:[A-Z]{1,3}\d? ))?(?=[\w/-]*\d{3})[a-z\d][\w/-]{2,29}"
    r"(?:(?: \d{3,})+(?: \d{2})?)?|(?=[a-z]*\d[a-z]*\d)(?=\d*[a-z]\d*)[a-z\d]{6})\b"
    rf"{_NO_COUNT}",
    re.IGNORECASE,
)
_HASHED = re.compile(r"#\s?(?P<id>(?:[A-Za-z]{1,4}-?)?\d{3,}[\w-]*)")
_LONG = re.compile(
    r"(?<![\w$€£.,])(?:"
    # Groups of three or more, perhaps behind the letters of whoever gave it; what
    # "12.99 15.99" and "10 12 14" have is less.
    r"(?:[A-Z]{1,3}\d? )?\d{3,}(?:[ .-]\d{3,})+(?: \d{2})?"
    r"|\d{2}-\d{7}"
    r"|\d{5,}"
    r"|(?:\d[ -]){6,}\d"
    r")(?![\w%]|[.,]\d)"
)
_CODED = re.compile(
    r"(?<![\w$€£/-])(?=[\w/-]*[a-z])(?=(?:[a-z/-]*\d){5}|(?:[a-z]*\d){4}[a-z\d]*[/-]"
    r"|[a-z\d]*[/-](?:[a-z/-]*\d){4})"
    r"(?!\d+x\d)[a-z\d]+(?:[/-][a-z\d]+)*(?![\w/-])",
    re.IGNORECASE,
)
_YEARS = re.compile(r"(?:19|20)\d{2}(?:[ .-](?:19|20)\d{2})+")


def cards(text: str) -> Iterator[Found]:
    """Yield payment cards: by Luhn's checksum, or by their last four digits."""
    if _digits(text) >= _DIGITS_OF_A_CARD:
        for found in _CARD.finditer(text):
            if _luhn(found[0]):
                yield Found(found.start(), found.end(), Kind.CARD)
    for found in _LAST_FOUR.finditer(text):
        group = "digits" if found["digits"] else "four"
        yield Found(found.start(group), found.end(group), Kind.CARD)


def phones(text: str, regions: Sequence[str]) -> Iterator[Found]:
    """Yield telephone numbers: valid ones of `regions` (ISO 3166), or of that shape."""
    if _digits(text) >= _DIGITS_OF_A_PHONE:
        for region in regions:
            matcher = PhoneNumberMatcher(
                text, region, leniency=Leniency.VALID, max_tries=_LONGEST_SEARCH
            )
            for match in matcher:
                yield Found(match.start, match.end, Kind.PHONE)
        for found in _PHONE.finditer(text):
            yield Found(found.start(), found.end(), Kind.PHONE)
    for found in _WORDS_OF_DIGITS.finditer(text):
        yield Found(found.start(), found.end(), Kind.PHONE)


def numbers(text: str) -> Iterator[Found]:
    """Yield numbers of orders, accounts, parcels, and any other long number."""
    if not _digits(text):
        return
    patterns = (_SOCIAL, _IN_GROUPS, _LABELLED)
    shaped = [found for pattern in patterns for found in pattern.finditer(text)]
    # The longest first: another would have a part of the number, and leave the rest.
    shaped.sort(key=lambda found: -len(found["id"]))
    for found in (*shaped, *_HASHED.finditer(text)):
        yield Found(found.start("id"), found.end("id"), Kind.NUMBER)
    for pattern in (_CODED, _LONG):
        for found in pattern.finditer(text):
            if not _YEARS.fullmatch(found[0]):
                yield Found(found.start(), found.end(), Kind.NUMBER)


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _luhn(text: str) -> bool:
    """Return whether the digits of `text` sum up as those of a card do (ISO 7812)."""
    digits = [int(sign) for sign in reversed(text) if sign.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
