"""What is found in a text, and what stands in its place."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of personal detail it is."""

    EMAIL = "email"
    LINK = "link"
    HANDLE = "handle"
    CARD = "card"
    PHONE = "phone"
    ADDRESS = "address"
    BIRTH = "birth"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A personal detail in a text, from `start` up to `end` (characters)."""

    start: int
    end: int
    kind: Kind


def settled(found: Iterable[Found]) -> list[Found]:
    """Return what does not overlap, in the order of the text; the first found stays.

    So a recogniser that is surer goes before one that guesses.
    """
    kept: list[Found] = []
    for each in found:
        if all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return sorted(kept)
