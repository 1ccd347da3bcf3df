from pathlib import Path

import numpy as np
import pytest

from tests.training.word_bag import word_bag
from training.cache import embed_cached

TEXTS = ["where is my box", "money back please"]


def embedded(folder: Path) -> tuple[np.ndarray, list[int]]:
    """Return the embeddings, and how many texts each call of progress told of."""
    told: list[int] = []
    return embed_cached(word_bag(), TEXTS, folder, told.append), told


def test_a_text_is_embedded_once(tmp_path: Path) -> None:
    first, _ = embedded(tmp_path)

    again, told = embedded(tmp_path)

    assert np.array_equal(again, first)
    assert told == [len(TEXTS)]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_made_anew(tmp_path: Path, share: float) -> None:
    first, _ = embedded(tmp_path)
    [path] = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])

    again, _ = embedded(tmp_path)

    assert np.array_equal(again, first)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes()[:2] == b"PK"
