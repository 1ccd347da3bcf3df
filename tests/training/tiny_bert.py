"""A real transformer small enough to tune in a blink: two blocks, 16 numbers wide."""

import numpy as np
import torch
from torch import Tensor

from tests.training.word_bag import INTENTS, bag_replies, word_bag
from training.bert import Bert
from training.dataset import SENTIMENTS
from training.encoder import MAX_TOKENS, Encoder, make_encoder
from training.tune import Lesson

BLOCKS, DIM, WIDE, HEADS = 2, 16, 32, 2


def tiny_encoder() -> Encoder:
    """Return an untuned encoder that reads the words of the word bag."""
    random = torch.Generator().manual_seed(5)
    bag = word_bag()

    def linear(name: str, wide: int, narrow: int) -> dict[str, Tensor]:
        weight = torch.randn(wide, narrow, generator=random) / narrow**0.5
        return {f"{name}.weight": weight, f"{name}.bias": torch.zeros(wide)}

    def norm(name: str) -> dict[str, Tensor]:
        return {f"{name}.weight": torch.ones(DIM), f"{name}.bias": torch.zeros(DIM)}

    weights = {
        "embeddings.word_embeddings.weight": torch.from_numpy(bag.vectors),
        "embeddings.token_type_embeddings.weight": torch.zeros(2, DIM),
        "embeddings.position_embeddings.weight": torch.randn(
            MAX_TOKENS, DIM, generator=random
        )
        / 10,
        **norm("embeddings.LayerNorm"),
    }
    for number in range(BLOCKS):
        block = f"encoder.layer.{number}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            weights |= linear(f"{block}.attention.{part}", DIM, DIM)
        weights |= norm(f"{block}.attention.output.LayerNorm")
        weights |= linear(f"{block}.intermediate.dense", WIDE, DIM)
        weights |= linear(f"{block}.output.dense", DIM, WIDE)
        weights |= norm(f"{block}.output.LayerNorm")
    body = Bert(weights, heads=HEADS, layers=(BLOCKS, 0))
    return make_encoder("tiny", bag.tokenizer, body)


def tiny_lesson(each: int = 16) -> Lesson:
    """Return `each` replies of three intents; who wants a refund asks to stop."""
    replies, names = bag_replies(each), sorted(INTENTS)
    intents = np.array([names.index(intent) for intent in replies["intent"]])
    feelings = np.array([SENTIMENTS.index(told) for told in replies["sentiment"]])
    asks = (intents == names.index("refund")).astype(np.int64)
    return Lesson(replies["text"].tolist(), intents, feelings, asks, names)
