import json

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import BPE, WordPiece
from tokenizers.pre_tokenizers import BertPreTokenizer

from training.emoji import teach_emoji

WORDS = ("[PAD]", "[UNK]", "[unused0]", "[unused1]", "grinning", "face", "hi", "with")
GRINNING, BEAMING = "😀", "😁"
"""The first two of the faces: they take the two unused places."""


@pytest.fixture
def word_piece() -> bytes:
    pieces = WordPiece({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]")  # noqa: S106 - a word, no secret
    tokenizer = Tokenizer(pieces)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer.to_str().encode()


@pytest.fixture
def embeddings() -> torch.Tensor:
    return torch.arange(float(len(WORDS) * 4)).reshape(len(WORDS), 4)


def ids(tokenizer: bytes, text: str) -> list[int]:
    encoding = Tokenizer.from_buffer(tokenizer).encode(text, add_special_tokens=False)
    return list(encoding.ids)


def test_an_emoji_takes_an_unused_place(
    word_piece: bytes, embeddings: torch.Tensor
) -> None:
    taught = teach_emoji(word_piece, embeddings)

    assert ids(word_piece, GRINNING) == [1]
    assert ids(taught, GRINNING) == [2]
    assert ids(taught, BEAMING) == [3]


def test_an_emoji_begins_as_the_mean_of_the_words_of_its_name(
    word_piece: bytes, embeddings: torch.Tensor
) -> None:
    before = embeddings.clone()

    teach_emoji(word_piece, embeddings)

    # GRINNING FACE
    assert torch.equal(embeddings[2], before[[4, 5]].mean(0))


def test_other_words_keep_their_places_and_vectors(
    word_piece: bytes, embeddings: torch.Tensor
) -> None:
    before = embeddings.clone()

    taught = teach_emoji(word_piece, embeddings)

    assert ids(taught, "hi face") == ids(word_piece, "hi face") == [6, 5]
    kept = [0, 1, 4, 5, 6, 7]
    assert torch.equal(embeddings[kept], before[kept])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("hi😀", [6, 2]), ("😀😁", [2, 3]), ("😀😀😀", [2, 2, 2]), ("😀face", [2, 5])],
)
def test_an_emoji_is_read_wherever_it_stands(
    word_piece: bytes, embeddings: torch.Tensor, text: str, expected: list[int]
) -> None:
    taught = teach_emoji(word_piece, embeddings)

    assert ids(taught, text) == expected


def test_an_emoji_without_a_place_stays_unknown(
    word_piece: bytes, embeddings: torch.Tensor
) -> None:
    taught = teach_emoji(word_piece, embeddings)

    assert ids(taught, "hi🦄") == [6, 1]


def test_the_vocabulary_stays_as_large_as_the_embeddings(
    word_piece: bytes, embeddings: torch.Tensor
) -> None:
    vocabulary = json.loads(teach_emoji(word_piece, embeddings))["model"]["vocab"]

    assert sorted(vocabulary.values()) == list(range(len(WORDS)))
    assert np.isfinite(embeddings.numpy()).all()


def test_a_tokenizer_of_another_kind_is_left_as_it_is() -> None:
    tokenizer = Tokenizer(BPE({"a": 0, "b": 1}, [])).to_str().encode()
    embeddings = torch.ones(2, 4)

    assert teach_emoji(tokenizer, embeddings) == tokenizer
    assert torch.equal(embeddings, torch.ones(2, 4))
