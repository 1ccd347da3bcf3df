"""A bundle in memory that explains itself: a bag of words with heads of its own.

Its graph is written out here: what explanations need of a graph is its outputs, and
how training makes the real ones may change.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnx
from onnx import numpy_helper

from model.bundle import GRAPH, TOKENIZER, Bundle
from model.classifier import Classifier
from model.manifest import FORMAT, Manifest, digest, write_manifest
from model.neighbours import unpack
from model.prediction import Floats
from tests.training.word_bag import INTENTS, bag_replies, word_bag
from training.dataset import SENTIMENTS
from training.encoder import MAX_TOKENS
from training.heads import fit_head
from training.neighbours import neighbours

SIGNALS = ("lead", "unknown_words")
TYPICAL = np.array([3, 0], dtype=np.float32)
WEIGHT = np.array([2, -4], dtype=np.float32)
"""For a unit of lead, and for all of the words unknown."""
BIAS = 3.0

_GRAPH = """
<ir_version: 8, opset_import: ["": 17]>
bag (int64[batch, tokens] input_ids, int64[batch, tokens] attention_mask) => (
  float[batch, 3] intent_probabilities, float[batch, 3] sentiment_probabilities,
  float[batch] confidence, float[batch, 16] embedding, float[batch] opt_out,
  float[batch, 2] confidence_signals
) {
  rows = Gather(vectors, input_ids)
  kept = Cast<to = 1>(attention_mask)
  mask = Unsqueeze(kept, last)
  words = Mul(rows, mask)
  sum = ReduceSum<keepdims = 0>(words, middle)
  embedding = LpNormalization<axis = -1, p = 2>(sum)
  logits = Gemm(embedding, weight, bias)
  intent_probabilities = Softmax<axis = -1>(logits)
  feelings = Sub(logits, logits)
  sentiment_probabilities = Softmax<axis = -1>(feelings)
  top, places = TopK<axis = -1>(logits, two)
  best, second = Split<axis = 1>(top)
  lead = Sub(best, second)
  counted = ReduceSum<keepdims = 1>(kept, middle)
  length = Max(counted, least)
  strange = Equal(input_ids, unknown)
  strange_words = Cast<to = 1>(strange)
  count = ReduceSum<keepdims = 1>(strange_words, middle)
  share = Div(count, length)
  signals = Concat<axis = 1>(lead, share)
  apart = Sub(signals, typical)
  confidence_signals = Mul(apart, effect)
  moved = ReduceSum<keepdims = 0>(confidence_signals, middle)
  odds = Add(moved, typical_odds)
  confidence = Sigmoid(odds)
  opt_out = Sub(odds, odds)
}
"""


def bag_bundle() -> Bundle:
    """Return a bundle that tells orders, refunds and opening hours apart."""
    intents = tuple(sorted(INTENTS))
    manifest = Manifest(
        format=FORMAT,
        created_at="2026-11-23T12:00:00+00:00",
        intents=intents,
        sentiments=SENTIMENTS,
        max_tokens=MAX_TOKENS,
        files={},
        provenance={},
        metrics={},
        golden=(),
        signals=SIGNALS,
    )
    classifier = Classifier(
        explaining_graph(),
        word_bag().tokenizer,
        intents=intents,
        sentiments=SENTIMENTS,
        max_tokens=MAX_TOKENS,
    )
    stored = unpack(neighbours(_embeddings(), bag_replies(), intents), intents)
    return Bundle("sha256:bag", manifest, classifier, {}, stored)


def explaining_graph() -> bytes:
    """Return the graph of that bundle."""
    codes = bag_replies()["intent"].map(sorted(INTENTS).index).to_numpy()
    head = fit_head(_embeddings(), codes, len(INTENTS))
    numbers = {
        "vectors": word_bag().vectors,
        "last": np.array([2]),
        "middle": np.array([1]),
        "weight": head.weight.T.copy(),
        "bias": head.bias,
        "two": np.array([2]),
        "least": np.array([1], dtype=np.float32),
        "unknown": np.array([0]),
        "typical": TYPICAL,
        "effect": WEIGHT,
        "typical_odds": np.array([BIAS], dtype=np.float32),
    }
    made = onnx.parser.parse_model(_GRAPH)
    for name, value in numbers.items():
        made.graph.initializer.append(numpy_helper.from_array(value, name))
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def bag_folder(
    folder: Path, bundle: Bundle, files: Mapping[str, bytes] = MappingProxyType({})
) -> Path:
    """Write the bundle to `folder`, with further files."""
    files = {
        GRAPH: explaining_graph(),
        TOKENIZER: word_bag().tokenizer,
        **files,
    }
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    signed = {name: digest(data) for name, data in files.items()}
    write_manifest(replace(bundle.manifest, files=signed), folder)
    return folder


def _embeddings() -> Floats:
    return word_bag().embed(bag_replies()["text"].tolist(), lambda _: None)
