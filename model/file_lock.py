"""A lock between processes: a file that the system unlocks when its holder ends."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_AGAIN_SECONDS = 0.02


@contextmanager
def locked(path: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the lock on `path` for the block; the file stays behind, and means nothing.

    Raises:
        TimeoutError: another process held it for all of `wait_seconds`.
        OSError: the file cannot be made.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        patience = time.monotonic() + wait_seconds
        while not _taken(file):
            if time.monotonic() > patience:
                raise TimeoutError(f"{path} is locked by another process")
            time.sleep(_AGAIN_SECONDS)
        yield
    finally:
        os.close(file)


def _taken(file: int) -> bool:
    try:
        _lock(file)
    except OSError:
        return False
    return True
