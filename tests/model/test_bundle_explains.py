"""What a bundle holds for explanations is checked when it is loaded."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.bundle import Bundle, load_bundle
from model.errors import BundleFormat
from model.neighbours import NEIGHBOURS
from tests.bag_bundle import bag_bundle, bag_folder


@pytest.fixture(scope="module")
def bag() -> Bundle:
    return bag_bundle()


def written(bag: Bundle, folder: Path, neighbours: bytes | None = None) -> Path:
    files = {} if neighbours is None else {NEIGHBOURS: neighbours}
    return bag_folder(folder, bag, files)


def test_stored_replies_are_loaded(bag: Bundle, tmp_path: Path) -> None:
    assert bag.neighbours is not None

    loaded = load_bundle(written(bag, tmp_path, bag.neighbours.pack()))

    assert loaded.neighbours is not None
    assert loaded.neighbours.ids == bag.neighbours.ids
    assert NEIGHBOURS not in loaded.files
    assert loaded.manifest.signals == bag.manifest.signals


def test_a_bundle_without_them_loads(bag: Bundle, tmp_path: Path) -> None:
    assert load_bundle(written(bag, tmp_path)).neighbours is None


@pytest.mark.parametrize("data", [b"", b"no archive"])
def test_a_file_that_holds_none_is_refused(
    bag: Bundle, tmp_path: Path, data: bytes
) -> None:
    with pytest.raises(BundleFormat, match=r"neighbours\.npz does not load"):
        load_bundle(written(bag, tmp_path, data))


def test_stored_replies_of_another_encoder_are_refused(
    bag: Bundle, tmp_path: Path
) -> None:
    assert bag.neighbours is not None
    wide = np.ones((24, bag.neighbours.vectors.shape[1]), dtype=np.float32)
    other = replace(bag.neighbours, projection=wide)

    with pytest.raises(BundleFormat, match="is for embeddings of 24"):
        load_bundle(written(bag, tmp_path, other.pack()))


def test_as_many_signals_are_named_as_the_graph_gives(
    bag: Bundle, tmp_path: Path
) -> None:
    more = (*bag.manifest.signals, "mood")
    named = replace(bag, manifest=replace(bag.manifest, signals=more))

    with pytest.raises(BundleFormat, match=f"names {len(more)}"):
        load_bundle(written(named, tmp_path))
