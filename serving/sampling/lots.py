"""Drawing by lot: numbers that chance gives a decision, the same whoever asks."""

from dataclasses import dataclass
from hashlib import blake2b

_BYTES = 8
_LOTS = 4
_UNUSED_BITS = 11
"""A double holds 53 bits of the 64: more of them might round up to 1."""

_RANGE = 2.0 ** (8 * _BYTES - _UNUSED_BITS)


@dataclass(frozen=True, slots=True)
class Lots:
    """Independent numbers of one decision, each uniform from 0 to below 1.

    Attributes:
        draw: the smallest of a stratum are drawn.
        order: in which order the drawn ones of a stratum are reviewed.
        jitter: mixes the strata in that order.
        double: below the share that two review, two do.
    """

    draw: float
    order: float
    jitter: float
    double: float


def lots_of(seed: bytes, decision_id: str) -> Lots:
    """Return the lots of a decision.

    They are its keyed digest, as in the sampling of election audits (Rivest 2018,
    "Consistent Sampling with Replacement", without the replacement): who has the seed
    and the decisions can draw again and find the same ones, in any order of rows, on
    any store; who has not the seed cannot guess who will be drawn.

    Args:
        seed: 16 to 64 bytes.
        decision_id: of the decision.
    """
    digest = _digest(seed, decision_id)
    draw, order, jitter, double = (_uniform(digest, place) for place in range(_LOTS))
    return Lots(draw, order, jitter, double)


def lot_of(seed: bytes, decision_id: str) -> float:
    """Return the first of the lots alone, for whoever asks a million times."""
    return _uniform(_digest(seed, decision_id), 0)


def _digest(seed: bytes, decision_id: str) -> bytes:
    size = _LOTS * _BYTES
    return blake2b(decision_id.encode(), key=seed, digest_size=size).digest()


def _uniform(digest: bytes, place: int) -> float:
    start = place * _BYTES
    return (int.from_bytes(digest[start : start + _BYTES]) >> _UNUSED_BITS) / _RANGE
