"""Heads on the encoder's graph: `embedding` to probabilities and confidence.

The heads are appended as ONNX operations in float32 under names that begin with
"heads/", so that an encoder whose heads are outdated can be given new ones.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from model.classifier import OUTPUTS, SIGNALS
from training.confidence import ConfidenceHead
from training.heads import LinearHead

_PREFIX = "heads/"
_GIVEN = ("embedding", "input_ids", "attention_mask")


@dataclass(frozen=True, slots=True)
class Heads:
    """What turns an embedding into a prediction; the linear heads calibrated.

    Attributes:
        intent: logits of the intents.
        sentiment: logits of the sentiments.
        opt_out: logits of "does not ask" and "asks for the messages to stop".
        confidence: from the signals of a prediction.
        unknown_token: id of the token for what the vocabulary lacks.
    """

    intent: LinearHead
    sentiment: LinearHead
    opt_out: LinearHead
    confidence: ConfidenceHead
    unknown_token: int


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
        "opt_out": ["batch"],
        SIGNALS: ["batch", len(heads.confidence.typical)],
    }
    for name in (*OUTPUTS, SIGNALS):
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


def heads_of(graph: bytes) -> Heads:
    """Return the heads of a graph that `attach_heads` made."""
    model = onnx.load_model_from_string(graph)
    found = {
        w.name.removeprefix(_PREFIX): numpy_helper.to_array(w)
        for w in model.graph.initializer
        if w.name.startswith(_PREFIX)
    }

    def linear(name: str) -> LinearHead:
        return LinearHead(found[f"{name}/weight"].T.copy(), found[f"{name}/bias"])

    confidence = ConfidenceHead(
        inside=found["confidence/both"][:, 0],
        right=found["confidence/both"][:, 1],
        bias=found["confidence/bias"],
        typical=found["confidence/typical"],
    )
    return Heads(
        linear("intent"),
        linear("sentiment"),
        linear("opt_out"),
        confidence,
        int(found["unknown_token"][0]),
    )


def _weights(heads: Heads) -> dict[str, NDArray[np.float32] | NDArray[np.int64]]:
    confidence = heads.confidence
    return {
        "intent/weight": heads.intent.weight.T.copy(),
        "intent/bias": heads.intent.bias,
        "sentiment/weight": heads.sentiment.weight.T.copy(),
        "sentiment/bias": heads.sentiment.bias,
        "opt_out/weight": heads.opt_out.weight.T.copy(),
        "opt_out/bias": heads.opt_out.bias,
        "confidence/typical": confidence.typical,
        "confidence/both": np.column_stack([confidence.inside, confidence.right]),
        "confidence/weight": confidence.inside + confidence.right,
        "confidence/bias": confidence.bias,
        "unknown_token": np.array([heads.unknown_token], dtype=np.int64),
        "two": np.array([2], dtype=np.int64),
        "first": np.array([0], dtype=np.int64),
        "second": np.array([1], dtype=np.int64),
        "columns": np.array([1], dtype=np.int64),
    }


def _nodes() -> list[onnx.NodeProto]:
    """Return the operations; they mirror `confidence.signals` and the softmaxes."""

    def node(
        kind: str, inputs: str, outputs: str, **attributes: int | list[int]
    ) -> None:
        names = [n if n in _GIVEN else _PREFIX + n for n in inputs.split()]
        given = [
            n if n in (*OUTPUTS, SIGNALS) else _PREFIX + n for n in outputs.split()
        ]
        # Signals are an output and an input of what follows.
        names = [SIGNALS if n == _PREFIX + SIGNALS else n for n in names]
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
    node("MatMul", "embedding opt_out/weight", "opt_out/raw")
    node("Add", "opt_out/raw opt_out/bias", "opt_out/logits")
    node("Softmax", "opt_out/logits", "opt_out/both", axis=-1)
    node("Gather", "opt_out/both second", "opt_out/column", axis=1)
    node("Squeeze", "opt_out/column columns", "opt_out")
    node("TopK", "intent/logits two", "top top/indices", axis=-1)
    node("Gather", "top first", "best", axis=1)
    node("Gather", "top second", "next", axis=1)
    node("ReduceLogSumExp", "intent/logits", "energy", axes=[1], keepdims=1)
    node("Sub", "best energy", "certainty")
    node("Sub", "best next", "lead")
    node("Cast", "attention_mask", "mask", to=TensorProto.FLOAT)
    node("ReduceSum", "mask columns", "tokens", keepdims=1)
    node("Log", "tokens", "length")
    node("Equal", "input_ids unknown_token", "unknown")
    # Padding may bear the same id.
    node("Cast", "unknown", "unknown/any", to=TensorProto.FLOAT)
    node("Mul", "unknown/any mask", "unknown/each")
    node("ReduceSum", "unknown/each columns", "unknown/count", keepdims=1)
    node("Div", "unknown/count tokens", "unknown/share")
    node("Concat", "certainty lead energy length unknown/share", "signals", axis=1)
    node("Sub", "signals confidence/typical", "apart")
    node("MatMul", "apart confidence/both", "odds/raw")
    node("Add", "odds/raw confidence/bias", "odds")
    node("Sigmoid", "odds", "chances")
    node("ReduceProd", "chances", "confidence", axes=[1], keepdims=0)
    # A signal speaks to one of the two chances, and moves its log-odds by this much.
    node("Mul", "apart confidence/weight", SIGNALS)
    return nodes
