"""Heads on the encoder's graph: `embedding` to probabilities and confidence.

The heads are appended as ONNX operations in float32 under names that begin with
"heads/", so that an encoder whose heads are outdated can be given new ones.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from model.classifier import OUTPUTS
from training.heads import ConfidenceHead, LinearHead

_PREFIX = "heads/"


@dataclass(frozen=True, slots=True)
class Heads:
    """What turns an embedding into a prediction; both linear heads calibrated."""

    intent: LinearHead
    sentiment: LinearHead
    confidence: ConfidenceHead


def attach_heads(encoder: bytes, heads: Heads) -> bytes:
    """Return the graph of `encoder`, its heads if any replaced by `heads`."""
    model = onnx.load_model_from_string(encoder_only(encoder))
    graph = model.graph
    for name, value in _weights(heads).items():
        graph.initializer.append(numpy_helper.from_array(value, _PREFIX + name))
    graph.node.extend(_nodes())
    del graph.output[:]
    shapes: dict[str, list[str | int | None]] = {
        "intent_probabilities": ["batch", len(heads.intent.bias)],
        "sentiment_probabilities": ["batch", len(heads.sentiment.bias)],
        "confidence": ["batch"],
        "embedding": ["batch", heads.intent.weight.shape[1]],
    }
    for name in OUTPUTS:
        graph.output.append(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name])
        )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def encoder_only(graph: bytes) -> bytes:
    """Return a graph without its heads: token ids to `embedding`."""
    model = onnx.load_model_from_string(graph)
    nodes = [n for n in model.graph.node if not n.name.startswith(_PREFIX)]
    weights = [w for w in model.graph.initializer if not w.name.startswith(_PREFIX)]
    outputs = [o for o in model.graph.output if o.name == "embedding"]
    for field, kept in (("node", nodes), ("initializer", weights), ("output", outputs)):
        model.graph.ClearField(field)
        getattr(model.graph, field).extend(kept)
    return bytes(model.SerializeToString())


def sentiment_head(graph: bytes) -> LinearHead:
    """Return the calibrated sentiment head of a graph that `attach_heads` made."""
    model = onnx.load_model_from_string(graph)
    found = {w.name: w for w in model.graph.initializer}
    weight = numpy_helper.to_array(found[f"{_PREFIX}sentiment/weight"])
    bias = numpy_helper.to_array(found[f"{_PREFIX}sentiment/bias"])
    return LinearHead(weight.T.copy(), bias)


def _weights(heads: Heads) -> dict[str, NDArray[np.float32] | NDArray[np.int64]]:
    return {
        "intent/weight": heads.intent.weight.T.copy(),
        "intent/bias": heads.intent.bias,
        "sentiment/weight": heads.sentiment.weight.T.copy(),
        "sentiment/bias": heads.sentiment.bias,
        "confidence/weight": heads.confidence.weight[:, None].copy(),
        "confidence/bias": np.array([heads.confidence.bias], dtype=np.float32),
        "two": np.array([2], dtype=np.int64),
        "first": np.array([0], dtype=np.int64),
        "second": np.array([1], dtype=np.int64),
        "columns": np.array([1], dtype=np.int64),
    }


def _nodes() -> list[onnx.NodeProto]:
    """Return the operations; they mirror `confidence_features` and the softmaxes."""

    def node(
        kind: str, inputs: str, outputs: str, **attributes: int | list[int]
    ) -> None:
        names = [n if n == "embedding" else _PREFIX + n for n in inputs.split()]
        given = [n if n in OUTPUTS else _PREFIX + n for n in outputs.split()]
        name = f"{_PREFIX}{kind}/{len(nodes)}"
        made = helper.make_node(kind, names, given, name=name)
        made.attribute.extend(
            helper.make_attribute(key, value) for key, value in attributes.items()
        )
        nodes.append(made)

    nodes: list[onnx.NodeProto] = []
    node("MatMul", "embedding intent/weight", "intent/raw")
    node("Add", "intent/raw intent/bias", "intent/logits")
    node("Softmax", "intent/logits", "intent_probabilities", axis=-1)
    node("MatMul", "embedding sentiment/weight", "sentiment/raw")
    node("Add", "sentiment/raw sentiment/bias", "sentiment/logits")
    node("Softmax", "sentiment/logits", "sentiment_probabilities", axis=-1)
    node("TopK", "intent/logits two", "top top/indices", axis=-1)
    node("Gather", "top first", "best", axis=1)
    node("Gather", "top second", "next", axis=1)
    node("ReduceLogSumExp", "intent/logits", "energy", axes=[1], keepdims=1)
    node("Sub", "best energy", "log_probability")
    node("Sub", "best next", "lead")
    node("Concat", "log_probability lead energy", "features", axis=1)
    node("MatMul", "features confidence/weight", "confidence/raw")
    node("Add", "confidence/raw confidence/bias", "confidence/logit")
    node("Sigmoid", "confidence/logit", "confidence/column")
    node("Squeeze", "confidence/column columns", "confidence")
    return nodes
