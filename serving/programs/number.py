"""The names that a message can come from or go to: numbers, codes, words, ids."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

NANP = 1
"""Country code of the North American plan; its toll-free STOP is the network's."""

_SHORT_CODE = re.compile(r"[0-9]{3,6}")
# Twilio's Messaging Services; the profiles and applications of Telnyx and Bandwidth
# are UUIDs; AWS names pools and sender ids; Sinch has service plans of 32 digits.
_SERVICE = re.compile(
    r"MG[0-9a-f]{32}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?:pool|phone|sender)-[0-9a-f]{32}"
    r"|(?=[0-9a-f]*[a-f])[0-9a-f]{32}"
)
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &+_.-]{1,11}")
_TYPED = re.compile(r"[+0-9 ()./-]+")


class NumberKind(StrEnum):
    """What kind of name it is."""

    PHONE = "phone"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"
    MESSAGING_SERVICE = "messaging_service"


@dataclass(frozen=True, slots=True)
class Number:
    """A name in its one canonical form.

    Attributes:
        value: E.164 for a phone number, the digits of a short code, the word or id.
        kind: what kind of name it is.
    """

    value: str
    kind: NumberKind

    @property
    def key(self) -> str:
        """What two spellings of one name have in common."""
        return self.value.casefold()


# A reply asks for the same numbers several times, at 50 microseconds each.
@lru_cache(maxsize=1024)
def read_number(text: str, region: str) -> Number:
    """Return `text` in canonical form.

    A national number is read as one of `region` (ISO 3166, "US"); an international one
    may lack its plus, as some providers write it.

    Raises:
        ValueError: it is none of the four kinds. The message does not repeat it, for
            it may be a person's.
    """
    text = text.strip()
    # Short codes first: as a number, 72345 would be read as an impossible +172345.
    if _SHORT_CODE.fullmatch(text):
        return Number(text, NumberKind.SHORT_CODE)
    if _SERVICE.fullmatch(text):
        return Number(text, NumberKind.MESSAGING_SERVICE)
    if _TYPED.fullmatch(text) and (found := _phone(text, region)) is not None:
        e164 = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
        return Number(e164, NumberKind.PHONE)
    if _ALPHANUMERIC.fullmatch(text):
        return Number(text, NumberKind.ALPHANUMERIC)
    raise ValueError(
        "expected a number like +12025550142, a short code of 3 to 6 digits, a sender "
        "id of at most 11 letters and digits, or a messaging-service id"
    )


def parsed_phone(number: str) -> PhoneNumber | None:
    """Return the parts of an E.164 `number`; None where it is no phone number."""
    if not number.startswith("+"):
        return None
    try:
        return phonenumbers.parse(number, None)
    except NumberParseException:
        return None


@lru_cache(maxsize=1024)
def is_toll_free(number: str) -> bool:
    """Return whether an E.164 `number` is toll-free in North America."""
    phone = parsed_phone(number)
    return (
        phone is not None
        and phone.country_code == NANP
        and phonenumbers.number_type(phone) == PhoneNumberType.TOLL_FREE
    )


def _phone(text: str, region: str) -> PhoneNumber | None:
    """Return the likeliest reading: one in use before one of the right length."""
    readings = [_parsed(text, region)]
    if not text.startswith("+"):
        readings.append(_parsed(f"+{text}", None))
    found = [reading for reading in readings if reading is not None]
    for good in (phonenumbers.is_valid_number, phonenumbers.is_possible_number):
        for reading in found:
            if good(reading):
                return reading
    return None


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None
