"""A real encoder small enough to train in milliseconds: the mean of word vectors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from model.prediction import Floats
from training.confidence import SIGNALS, ConfidenceHead
from training.encoder import Progress
from training.graph import Heads
from training.heads import LinearHead

WORDS = (
    *(
        "[UNK]",
        "where",
        "is",
        "my",
        "order",
        "parcel",
        "box",
        "refund",
        "money",
        "back",
    ),
    *("please", "want", "when", "do", "you", "open", "close", "store", "today", "now"),
)
INTENTS = {
    "order_status": ("where is my", ("order", "parcel", "box")),
    "refund": ("i want back my", ("money", "refund")),
    "store_info": ("when do you", ("open", "close")),
}


@dataclass(frozen=True, slots=True)
class WordBag:
    """Float vectors that embed, and the vectors that each yielded graph holds."""

    vectors: Floats
    packings: tuple[Floats, ...]
    tokenizer: bytes
    name: str = "word bag"
    digest: str = "sha256:wordbag"
    tuned_on: str | None = None
    sentiment: LinearHead | None = None

    def embed(self, texts: Sequence[str], progress: Progress) -> Floats:
        """Return the mean vector of each text's words, scaled to length 1."""
        reader = Tokenizer.from_buffer(self.tokenizer)
        means = [self.vectors[reader.encode(t).ids].mean(0) for t in texts]
        progress(len(texts))
        return np.stack([mean / np.linalg.norm(mean) for mean in means])

    def graphs(self) -> Iterator[bytes]:
        """Yield one graph a packing."""
        return map(bag_graph, self.packings)


def word_bag() -> WordBag:
    """Return a word bag whose one graph holds the vectors that embed."""
    tokenizer = Tokenizer(
        WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]")  # noqa: S106 - a word, no secret
    )
    tokenizer.pre_tokenizer = Whitespace()
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(len(WORDS), 16)).astype(np.float32)
    return WordBag(vectors, (vectors,), tokenizer.to_str().encode())


def bag_graph(vectors: Floats) -> bytes:
    """Return the graph of a word bag: `input_ids`, `attention_mask` to `embedding`."""
    shape = ["batch", "tokens"]
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["vectors", "input_ids"], ["rows"]),
            helper.make_node(
                "Cast", ["attention_mask"], ["kept"], to=TensorProto.FLOAT
            ),
            helper.make_node("Unsqueeze", ["kept", "last"], ["mask"]),
            helper.make_node("Mul", ["rows", "mask"], ["words"]),
            helper.make_node("ReduceSum", ["words", "middle"], ["sum"], keepdims=0),
            helper.make_node("LpNormalization", ["sum"], ["embedding"], axis=-1, p=2),
        ],
        "word bag",
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape),
            helper.make_tensor_value_info("attention_mask", TensorProto.INT64, shape),
        ],
        [
            helper.make_tensor_value_info(
                "embedding", TensorProto.FLOAT, ["batch", vectors.shape[1]]
            )
        ],
        [
            numpy_helper.from_array(vectors, "vectors"),
            numpy_helper.from_array(np.array([2]), "last"),
            numpy_helper.from_array(np.array([1]), "middle"),
        ],
    )
    opset = [helper.make_opsetid("", 17)]
    made = helper.make_model(graph, opset_imports=opset, ir_version=8)
    return bytes(made.SerializeToString())


def bag_heads(intent: LinearHead, sentiment: LinearHead) -> Heads:
    """Return heads that never see an opt-out, and are sure where one intent leads."""
    never = LinearHead(np.zeros((2, 16), np.float32), np.array([0, -30], np.float32))
    lead = np.array([name == "lead" for name in SIGNALS], dtype=np.float32)
    nothing = np.zeros_like(lead)
    at_home = np.array([9, 0], dtype=np.float32)
    confidence = ConfidenceHead(nothing, lead, at_home, nothing)
    return Heads(intent, sentiment, never, confidence, WORDS.index("[UNK]"))


def bag_replies(each: int = 40) -> pd.DataFrame:
    """Return `each` labelled replies of three intents, as `read_replies` gives them."""
    rows = [
        (f"{opening} {words[n % len(words)]} n{intent[0]}{n}x{n * 7919}", intent, n)
        for intent, (opening, words) in INTENTS.items()
        for n in range(each)
    ]
    return pd.DataFrame(
        {
            "id": [f"{intent}-{n}" for _, intent, n in rows],
            "text": [text for text, _, _ in rows],
            "intent": [intent for _, intent, _ in rows],
            "sentiment": [("negative", "neutral", "positive")[n % 3] for *_, n in rows],
            "source": "bag",
            "group": [f"{intent}-{n}" for _, intent, n in rows],
            "file": "bag.csv",
            "row": range(1, len(rows) + 1),
        }
    )
