"""How many SMS parts a text is billed as (3GPP TS 23.038, 23.040).

GSM-7 carries 160 septets, 153 a part in a longer message; UCS-2 carries 70 code
units, 67 a part. An escape pair of GSM-7 and a surrogate pair of UCS-2 are never
split, so a part may stay one unit short: 152 "a", "€" and 152 "b" are 3 parts
although their 306 septets would fit in 2.
"""

from dataclasses import dataclass

GSM7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = "\f^{}\\[~]|€"

_SEPTETS = dict.fromkeys(GSM7, 1) | dict.fromkeys(GSM7_EXTENSION, 2)
_GSM7_SINGLE, _GSM7_PART = 160, 153
_UCS2_SINGLE, _UCS2_PART = 70, 67
_BMP_END = 0xFFFF


@dataclass(frozen=True, slots=True)
class Segments:
    """How a text travels: encoding ("GSM-7" or "UCS-2") and number of parts."""

    encoding: str
    count: int


def segments(text: str) -> Segments:
    """Return the encoding and the number of parts (at least 1) of `text`."""
    units = [_SEPTETS.get(character, 0) for character in text]
    if all(units):
        return Segments("GSM-7", _parts(units, _GSM7_SINGLE, _GSM7_PART))
    units = [2 if ord(character) > _BMP_END else 1 for character in text]
    return Segments("UCS-2", _parts(units, _UCS2_SINGLE, _UCS2_PART))


def _parts(units: list[int], single: int, part: int) -> int:
    if sum(units) <= single:
        return 1
    parts, room = 1, part
    for unit in units:
        if unit > room:
            parts, room = parts + 1, part
        room -= unit
    return parts
