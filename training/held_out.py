"""What models said of replies that they had not seen, kept in the bundle.

Thresholds are solved from it, what-if questions are answered from it without
training again, and a later training that keeps the encoder still has honest
predictions of the replies that the encoder was tuned on. It holds no text.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Doubles = NDArray[np.float64]

HELD_OUT = "held_out.npz"


class Ruled(IntEnum):
    """Who settles a reply before any threshold is asked."""

    BY_MODEL = 0
    RIGHTLY = 1
    WRONGLY = 2
    TO_A_PERSON = 3


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Predictions of n replies, in row order.

    Attributes:
        intents: labels by code.
        truth: true intents (codes).
        predicted: intents that the model saw in them (codes).
        confidence: that the prediction is right (0 to 1); 0 where nothing that was
            said of the reply unseen is known.
        ruled: `Ruled` of each: left to the model, or settled by a keyword or guard.
        sentiment: true sentiments (codes), -1 where a reply names none.
        feeling: predicted sentiments (codes).
        key: 32 bits of a digest of each text, to know it again.
    """

    intents: tuple[str, ...]
    truth: Codes
    predicted: Codes
    confidence: Doubles
    ruled: Codes
    sentiment: Codes
    feeling: Codes
    key: NDArray[np.uint32]

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Whether something is known that was said of each reply unseen (n)."""
        return np.asarray(self.confidence > 0)

    def part(self, rows: Codes | NDArray[np.bool_]) -> "HeldOut":
        """Return some of the rows."""
        return replace(self, **{n: getattr(self, n)[rows] for n in _COLUMNS})

    def marked(self, ruled: Codes) -> "HeldOut":
        """Return the same predictions with who settles each reply."""
        return replace(self, ruled=ruled)


def keys_of(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Return a short digest of each text."""
    told = [hashlib.sha256(t.encode("utf-8", "replace")).digest()[:4] for t in texts]
    return np.frombuffer(b"".join(told), dtype="<u4").astype(np.uint32)


def pack(held_out: HeldOut) -> bytes:
    """Return the file: compressed arrays, confidence to 1/65,535."""
    packed = {name: getattr(held_out, name) for name in _COLUMNS}
    steps = np.maximum(np.round(held_out.confidence * _STEPS), held_out.judged)
    packed["confidence"] = steps.astype(np.uint16)
    for name in ("truth", "predicted"):
        packed[name] = packed[name].astype(np.uint16)
    for name in ("ruled", "sentiment", "feeling"):
        packed[name] = packed[name].astype(np.int8)
    stream = io.BytesIO()
    np.savez_compressed(stream, intents=np.array(held_out.intents), **packed)
    return stream.getvalue()


def unpack(data: bytes) -> HeldOut:
    """Read the file; ValueError where it is another one."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            columns = {name: stored[name].astype(np.int64) for name in _COLUMNS}
            columns["confidence"] = stored["confidence"] / _STEPS
            columns["key"] = stored["key"]
            return HeldOut(tuple(stored["intents"].tolist()), **columns)
    except _UNREADABLE as error:
        raise ValueError(f"expected predictions of replies: {error}") from error


_COLUMNS = tuple(field.name for field in fields(HeldOut) if field.name != "intents")
_STEPS = 65_535
_UNREADABLE = (
    EOFError,
    KeyError,
    OSError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
