"""Writing so that a crash or a power cut leaves the old file or the new, never half."""

import os
from pathlib import Path

PART = ".part"
"""The ending of what is not finished yet."""


def replace_file(path: Path, text: str) -> None:
    """Write a file in one step: its old text stands until the new one is on disk."""
    part = path.with_name(f"{path.name}{PART}")
    part.write_text(text, encoding="utf-8")
    to_disk(part)
    part.replace(path)
    to_disk(path.parent)


def to_disk(path: Path) -> None:
    """Return once a file, or the list of names in a folder, is on disk."""
    if not path.is_dir():
        with path.open("r+b") as file:
            os.fsync(file.fileno())
    elif os.name != "nt":  # Windows opens no folder.
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
