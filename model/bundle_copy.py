"""A bundle copied to another place: verified, and there whole or not at all."""

import shutil
from pathlib import Path

from model.bundle import read_file, read_manifest
from model.durable import PART, to_disk
from model.errors import BundleError, BundleTampered
from model.manifest import Manifest, write_manifest


def verify(folder: Path, bundle_id: str) -> None:
    """Hold every file of a bundle against its manifest, without loading it.

    Raises:
        BundleError: it is missing, damaged, of another format, or another bundle.
    """
    manifest = read_manifest(folder)
    if manifest.bundle_id != bundle_id:
        problem = f"expected {bundle_id}, holds {manifest.bundle_id}"
        raise BundleTampered(folder, problem)
    for name in manifest.files:
        read_file(folder, manifest, name)


def copy_bundle(source: Path, place: Path) -> None:
    """Put the bundle of `source` at `place`; what was damaged there makes way.

    Only what the manifest lists is copied. Of those that copy to one place at once all
    but one must wait; what a crash leaves behind ends in ".part" (`sweep`).

    Raises:
        BundleError: `source` is no bundle, or damaged.
        OSError: it cannot be written.
    """
    manifest = read_manifest(source)
    if _whole(place, manifest.bundle_id):
        return
    part = place.with_name(f"{place.name}{PART}")
    _fill(part, source, manifest)
    worn = place.with_name(f"{place.name}.damaged{PART}")
    if place.exists():
        place.rename(worn)
    part.rename(place)
    to_disk(place.parent)
    if worn.exists():
        shutil.rmtree(worn)


def sweep(folder: Path) -> None:
    """Remove what was left unfinished in `folder`, while nobody else writes there."""
    for left in folder.glob(f"*{PART}"):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


def _fill(part: Path, source: Path, manifest: Manifest) -> None:
    part.mkdir()
    for name in manifest.files:
        data = read_file(source, manifest, name)
        assert data is not None  # noqa: S101 - the manifest lists it
        (part / name).write_bytes(data)
    write_manifest(manifest, part)
    for path in (*part.iterdir(), part):
        to_disk(path)


def _whole(folder: Path, bundle_id: str) -> bool:
    try:
        verify(folder, bundle_id)
    except BundleError:
        return False
    return True
