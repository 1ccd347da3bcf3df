"""Labelled replies that travel with a bundle, so that a decision can be compared.

A choice of them, with their ids and labels, and vectors small enough to ship: the
embeddings projected on fewer dimensions and rounded to one byte each.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.prediction import Floats

NEIGHBOURS = "neighbours.npz"
"""The file in the bundle."""

NEAREST = 5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled reply near the one in question.

    Attributes:
        reply_id: its id in the labelled file, file and row where that has none.
        text: what it says; a long one is cut.
        intent: its label.
        similarity: cosine (-1 to 1) of the projected embeddings.
    """

    reply_id: str
    text: str
    intent: str
    similarity: float


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """So many labelled replies, row by row.

    Attributes:
        ids: of the replies.
        texts: what they say.
        codes: places of their labels in `intents` (n).
        intents: the bundle's labels.
        vectors: int8, n x k; only their direction counts.
        projection: dim x k, embedding to the space of the vectors.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    codes: NDArray[np.int64]
    intents: tuple[str, ...]
    vectors: NDArray[np.int8]
    projection: Floats

    def nearest(self, embedding: Floats) -> tuple[Neighbour, ...]:
        """Return the replies nearest to `embedding` (dim), the nearest first."""
        place = embedding @ self.projection
        rows = self.vectors.astype(np.float32)
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(place)
        cosines = rows @ place / np.maximum(lengths, _NOTHING)
        order = np.argsort(-cosines, kind="stable")[:NEAREST]
        return tuple(
            Neighbour(
                reply_id=self.ids[row],
                text=self.texts[row],
                intent=self.intents[self.codes[row]],
                similarity=float(cosines[row]),
            )
            for row in order.tolist()
        )

    def pack(self) -> bytes:
        """Return the file's bytes; the same replies give the same bytes."""
        file = io.BytesIO()
        np.savez_compressed(
            file,
            ids=_packed(self.ids),
            texts=_packed(self.texts),
            codes=self.codes.astype(np.uint16),
            vectors=self.vectors,
            # Half precision moves a cosine by less than the rounding to a byte.
            projection=self.projection.astype(np.float16),
        )
        return file.getvalue()


def unpack(data: bytes, intents: tuple[str, ...]) -> Neighbours:
    """Read what `pack` made for a bundle with these labels.

    Raises:
        ValueError: the bytes are not that, or do not fit together.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            found = Neighbours(
                ids=_unpacked(stored["ids"]),
                texts=_unpacked(stored["texts"]),
                codes=stored["codes"].astype(np.int64),
                intents=intents,
                vectors=stored["vectors"].astype(np.int8, casting="no"),
                projection=stored["projection"].astype(np.float32),
            )
    except _UNREADABLE as error:
        raise ValueError(f"expected labelled replies: {error}") from error
    rows, width = found.vectors.shape
    same = {len(found.ids), len(found.texts), len(found.codes)} == {rows}
    if not same or found.projection.shape[1:] != (width,):
        raise ValueError("expected an id, a text, a label and a vector a reply")
    if rows and found.codes.max() >= len(intents):
        raise ValueError(f"a label is not among the {len(intents)} of the bundle")
    return found


_NOTHING = 1e-12
_UNREADABLE = (
    EOFError,
    KeyError,
    OSError,
    TypeError,
    zipfile.BadZipFile,
    zlib.error,
)


def _packed(texts: Sequence[str]) -> NDArray[np.uint8]:
    told = json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
    return np.frombuffer(told.encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _unpacked(packed: NDArray[np.uint8]) -> tuple[str, ...]:
    told = packed.tobytes().decode("utf-8", "surrogatepass")
    return tuple(str(text) for text in json.loads(told))
