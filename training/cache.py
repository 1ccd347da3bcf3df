"""Embeddings kept between runs, by encoder digest and text."""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model.prediction import Floats
from training.encoder import Progress
from training.sources import EncoderSource


def embed_cached(
    encoder: EncoderSource, texts: Sequence[str], folder: Path, progress: Progress
) -> Floats:
    """Return embeddings of `texts`; only those not seen before are computed.

    One file an encoder; a file that cannot be read is made anew.
    """
    path = folder / f"{encoder.digest.removeprefix('sha256:')[:24]}.npz"
    keys = [hashlib.sha256(t.encode("utf-8", "replace")).digest() for t in texts]
    known = _load(path)
    missing = {
        key: text for key, text in zip(keys, texts, strict=True) if key not in known
    }
    progress(len(texts) - len(missing))
    if missing:
        fresh = encoder.embed(list(missing.values()), progress)
        known |= dict(zip(missing, fresh, strict=True))
        _save(path, known)
    return np.stack([known[key] for key in keys])


def _load(path: Path) -> dict[bytes, Floats]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            keys, rows = stored["keys"], stored["rows"]
    except _UNREADABLE:
        return {}
    return dict(zip((key.tobytes() for key in keys), rows, strict=True))


def _save(path: Path, known: dict[bytes, Floats]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = np.stack([np.frombuffer(key, dtype=np.uint8) for key in known])
    # By process: another training may write the same file meanwhile.
    part = path.with_suffix(f".{os.getpid()}.part.npz")
    try:
        np.savez(part, keys=keys, rows=np.stack(list(known.values())))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


_UNREADABLE = (
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
