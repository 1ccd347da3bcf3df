"""The ONNX graph and its tokenizer: texts in, predictions out."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar, cast

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model.prediction import Floats, Prediction, ranked
from model.text import readable

Ints = NDArray[np.int64]
_Read = TypeVar("_Read")

OUTPUTS = (
    "intent_probabilities",
    "sentiment_probabilities",
    "confidence",
    "embedding",
    "opt_out",
)
SIGNALS = "confidence_signals"
"""Output for explanations: what each signal adds to the log-odds of its chance: inside
the label set, or right there. The confidence is the product of the two."""
REMEMBERED = 2048
"""Readings kept for texts that come again ("yes", "thanks!"), 4 KB each."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the graph gives for n texts, row by row, in the order of the texts.

    Attributes:
        intent_probabilities: float32, n x intents, calibrated, rows sum to 1.
        sentiment_probabilities: float32, n x sentiments, calibrated, rows sum to 1.
        confidence: float32, n, each 0 to 1.
        embedding: float32, n x dim, rows of length 1.
        opt_out: float32, n, the calibrated probability (0 to 1) that the person asks
            for the messages to stop.
    """

    intent_probabilities: Floats
    sentiment_probabilities: Floats
    confidence: Floats
    embedding: Floats
    opt_out: Floats


class Classifier:
    """Reads replies with one ONNX graph; safe to share between threads."""

    def __init__(
        self,
        graph: bytes,
        tokenizer: bytes,
        *,
        intents: tuple[str, ...],
        sentiments: tuple[str, ...],
        max_tokens: int,
        threads: int = 1,
    ) -> None:
        options = ort.SessionOptions()
        # One thread a run: more collapse under several workers
        # (microsoft/onnxruntime#9800, #3099).
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = ort.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer = _tokenizer(tokenizer, max_tokens)
        self.threads = threads or os.cpu_count() or 1
        self.intents = intents
        self.sentiments = sentiments
        # By token ids, in memory only: a reply that says the same reads the same.
        self._reading = lru_cache(REMEMBERED)(self._read)

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text, cut to the bundle's `max_tokens`."""
        clean = [readable(text) for text in texts]
        return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(clean)]

    def outputs(self, texts: Sequence[str]) -> Outputs:
        """Run the graph over `texts`, at least one, in their order."""
        if not texts:
            raise ValueError("outputs of no texts: expected at least one")
        rows = self._each(lambda ids: self.run(*padded([ids])), texts)
        return Outputs(*map(np.concatenate, zip(*rows, strict=True)))

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction for each text, in their order.

        A text gives the same numbers whatever other texts come with it.
        """
        return self._each(self._reading, texts)

    def run(
        self,
        input_ids: Ints,
        attention_mask: Ints,
        wanted: Sequence[str] = OUTPUTS,
    ) -> list[Floats]:
        """Run the graph once on a padded batch; what is `wanted`, in that order.

        Args:
            input_ids: int64, batch x tokens.
            attention_mask: the same, 1 where there is a token, 0 where padding.
            wanted: names of outputs.
        """
        feed = {"input_ids": input_ids, "attention_mask": attention_mask}
        return cast("list[Floats]", self.session.run(wanted, feed))

    def _read(self, ids: tuple[int, ...]) -> Prediction:
        intents, sentiments, confidence, _, opt_out = self.run(*padded([ids]))
        return Prediction(
            intents=ranked(self.intents, intents[0]),
            confidence=float(confidence[0]),
            sentiments=ranked(self.sentiments, sentiments[0]),
            opt_out=float(opt_out[0]),
        )

    def _each(
        self, read: Callable[[tuple[int, ...]], _Read], texts: Sequence[str]
    ) -> list[_Read]:
        """Return what `read` makes of each text's tokens by themselves.

        Never padded together: activations are rounded to int8 by their range in the
        whole batch, so a text's numbers would depend on its company (by up to 0.02
        of confidence). Threads over texts cost a fifth more time than batches.
        """
        ids = map(tuple, self.token_ids(texts))
        if len(texts) > 1 and self.threads > 1:
            with ThreadPoolExecutor(self.threads) as pool:
                return list(pool.map(read, ids))
        return list(map(read, ids))


@lru_cache(2)
def _tokenizer(data: bytes, max_tokens: int) -> Tokenizer:
    """Return a tokenizer, shared by bundles that have the same one.

    To make one stops every thread for 50 ms; to share one stops nobody.
    """
    tokenizer = Tokenizer.from_buffer(data)
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def padded(ids: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Return ids and attention mask (int64, batch x longest) for one batch."""
    width = max(map(len, ids))
    input_ids = np.zeros((len(ids), width), dtype=np.int64)
    mask = np.zeros_like(input_ids)
    for row, tokens in enumerate(ids):
        input_ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return input_ids, mask
