"""Emoji as words of the encoder, in the tokenizer itself.

BERT's vocabulary knows few emoji and reads the rest as unknown, although a reply's
feeling is often nowhere else. It also has about a thousand unused entries. Each
takes one emoji, whose embedding starts as the mean of the words of its Unicode name
("SMILING FACE WITH HEART-SHAPED EYES"). The mapping lives in `tokenizer.json`, so
that every runtime reads the same.
"""

import json
import unicodedata
from collections.abc import Iterator

import torch
from tokenizers import Tokenizer

_RANGES = (
    (0x1F600, 0x1F650),  # faces
    (0x1F910, 0x1F980),  # more faces, gestures
    (0x2600, 0x27C0),  # hearts, signs, dingbats
    (0x1F440, 0x1F4B0),  # hands, people, hearts, money
    (0x1F970, 0x1F97B),
    (0x1F6A8, 0x1F6B0),
    (0x1F6D0, 0x1F6D3),
    (0x1F300, 0x1F440),
    (0x1F4B0, 0x1F600),
    (0x1FA70, 0x1FB00),
    (0x1F680, 0x1F700),
    (0x1F980, 0x1FA00),
)
_SPLIT = {
    "type": "Split",
    "pattern": {"Regex": r"\p{So}"},
    "behavior": "Isolated",
    "invert": False,
}


def teach_emoji(tokenizer: bytes, embeddings: torch.Tensor) -> bytes:
    """Return a tokenizer that knows emoji, and write their rows of `embeddings`.

    Args:
        tokenizer: a WordPiece `tokenizer.json` with BERT's unused entries; any other
            is returned as it is.
        embeddings: float, vocabulary x dim; changed in place.
    """
    body = json.loads(tokenizer)
    vocabulary: dict[str, int] = body["model"].get("vocab", {})
    if body["model"].get("type") != "WordPiece":
        return tokenizer
    unused = [word for word in vocabulary if word.startswith("[unused")]
    reader = Tokenizer.from_buffer(tokenizer)
    for slot, emoji in zip(unused, _emoji(vocabulary), strict=False):
        name = unicodedata.name(emoji).lower().replace("-", " ")
        words = reader.encode(name, add_special_tokens=False).ids
        number = vocabulary.pop(slot)
        vocabulary[emoji] = number
        embeddings[number] = embeddings[words].mean(0)
    body["model"]["vocab"] = dict(sorted(vocabulary.items(), key=lambda item: item[1]))
    body["pre_tokenizer"] = {
        "type": "Sequence",
        "pretokenizers": [body["pre_tokenizer"], _SPLIT],
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _emoji(vocabulary: dict[str, int]) -> Iterator[str]:
    seen: set[str] = set()
    for start, end in _RANGES:
        for character in map(chr, range(start, end)):
            is_emoji = unicodedata.category(character) == "So"
            if is_emoji and character not in vocabulary and character not in seen:
                seen.add(character)
                yield character
