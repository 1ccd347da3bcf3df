"""The float encoder to an int8 ONNX graph, from token ids to `embedding`.

An exporter traces what the forward pass does in small steps, 480 nodes for six layers,
and leaves it to the runtime to find the fused operations again. Here each layer is
twelve nodes of onnxruntime's own operations: queries, keys and values in one product,
attention in one node, products that take float and round it themselves.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from model.prediction import Floats
from training.bert import Bert, Block
from training.encoder import MAX_TOKENS
from training.spread import Spread, spread_of

OPSET: Final = 17
_FUSED: Final = "com.microsoft"
_Array = NDArray[np.float32] | NDArray[np.int8] | NDArray[np.uint8] | NDArray[np.int64]


class Packing(StrEnum):
    """How the weights are kept in 8 bits, the faster way first.

    `CHANNELS`: one scale an output channel, activations one scale a tensor.
    `BLOCKS`: one scale for each 128 weights, activations likewise; nearer to float,
    at 1.6 times the time.
    """

    CHANNELS = "channels"
    BLOCKS = "blocks"


def export_encoder(
    body: Bert, packing: Packing, sample: Sequence[Sequence[int]] = ()
) -> bytes:
    """Return the int8 graph of `body`: `input_ids`, `attention_mask` to `embedding`.

    A lower part of the same body gives the same nodes under the same names.

    Args:
        body: the float encoder.
        packing: how its weights are kept.
        sample: token ids of typical replies, to learn how far activations reach;
            without it int8 keeps less of them (see `spread_of`).
    """
    even = packing is Packing.CHANNELS
    draft = _Draft(packing, spread_of(body, sample if even else ()))
    states = _words(draft, body)
    draft.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    draft.node("Cast", ["attention_mask"], "kept", to=TensorProto.FLOAT)
    one = draft.weight("one", np.array([1]))
    draft.node("Unsqueeze", ["kept", one], "kept.row")
    for number, block in enumerate(body.blocks):
        assert isinstance(block, Block)  # noqa: S101 - a ModuleList forgets its type
        states = _layer(draft, block, states, number)
    _embedding(draft, body.layers)
    return draft.finished(dim=body.places.shape[1] * len(body.layers))


class _Draft:
    """Nodes and weights, as they are added; a node has the name of what it gives."""

    def __init__(self, packing: Packing, spread: Spread) -> None:
        self.packing = packing
        self.spread = spread
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}

    def node(
        self,
        kind: str,
        inputs: Sequence[str],
        *outputs: str,
        **attributes: float,
    ) -> str:
        """Add a node; return the name of its first output."""
        domain = _FUSED if kind in _CONTRIBUTED else ""
        made = helper.make_node(kind, inputs, outputs, outputs[0], domain=domain)
        made.attribute.extend(
            helper.make_attribute(key, value) for key, value in attributes.items()
        )
        self.nodes.append(made)
        return outputs[0]

    def weight(self, name: str, value: nn.Parameter | torch.Tensor | _Array) -> str:
        """Add a weight; return its name."""
        array = value if isinstance(value, np.ndarray) else value.detach().numpy()
        self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def product(
        self, name: str, source: str, weight: torch.Tensor, bias: torch.Tensor | None
    ) -> str:
        """Add a product with an int8 weight (out x in), and its bias."""
        rows = weight.detach().numpy()
        if name in self.spread:
            factors = self.spread[name]
            shrink = self.weight(f"{name}.shrink", np.reciprocal(factors))
            source = self.node("Mul", [source, shrink], f"{name}.even")
            rows = rows * factors
        told = [] if bias is None else [self.weight(f"{name}.bias", bias)]
        if self.packing is Packing.CHANNELS:
            packed, scale = to_int8(rows)
            weights = [
                self.weight(f"{name}.packed", packed.T),
                self.weight(f"{name}.scale", scale[:, 0]),
            ]
            inputs = [source, *weights, "", *told] if told else [source, *weights]
            return self.node("DynamicQuantizeMatMul", inputs, name)
        filled = np.pad(rows, ((0, 0), (0, -rows.shape[1] % _BLOCK)))
        packed, scale = to_int8(filled.reshape(len(rows), -1, _BLOCK))
        shifted = (packed.astype(np.int16) + 128).astype(np.uint8)
        weights = [
            self.weight(f"{name}.packed", shifted),
            self.weight(f"{name}.scale", scale[:, :, 0]),
        ]
        inputs = [source, *weights, "", "", *told] if told else [source, *weights]
        size = {"N": rows.shape[0], "K": rows.shape[1], "block_size": _BLOCK}
        return self.node(
            "MatMulNBits", inputs, name, bits=8, accuracy_level=_BY_INT8, **size
        )

    def finished(self, dim: int) -> bytes:
        """Return the graph's bytes."""
        shape = ["batch", "tokens"]
        graph = helper.make_graph(
            self.nodes,
            "encoder",
            [
                helper.make_tensor_value_info(name, TensorProto.INT64, shape)
                for name in ("input_ids", "attention_mask")
            ],
            [
                helper.make_tensor_value_info(
                    "embedding", TensorProto.FLOAT, ["batch", dim]
                )
            ],
            list(self.weights.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(_FUSED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())


def to_int8(rows: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return int8 values and one scale for each run along the last axis."""
    scale = np.maximum(np.abs(rows).max(-1, keepdims=True), _SMALL) / 127
    return np.round(rows / scale).astype(np.int8), scale.astype(np.float32)


def _words(draft: _Draft, body: Bert) -> str:
    """Add the word embeddings, kept as int8 with one scale a word.

    The table is half of the model. Gathered first: only the words of the reply are
    ever unpacked.
    """
    packed, scale = to_int8(body.words.get_parameter("weight").detach().numpy())
    table = draft.weight("words.packed", packed)
    draft.node("Gather", [table, "input_ids"], "words.rows")
    draft.node("Cast", ["words.rows"], "words.floats", to=TensorProto.FLOAT)
    draft.node("Gather", [draft.weight("words.scale", scale), "input_ids"], "words.by")
    draft.node("Mul", ["words.floats", "words.by"], "words")
    draft.node("Shape", ["input_ids"], "tokens", start=1, end=2)
    begin = draft.weight("begin", np.array([0]))
    # No reply is longer; the rest of the table would only be carried along.
    places = draft.weight("places.table", body.places[:MAX_TOKENS])
    draft.node("Slice", [places, begin, "tokens", begin], "places")
    return _normed(draft, "states.0", "words", "places", body.norm)


def _layer(draft: _Draft, block: Block, states: str, number: int) -> str:
    """Add a layer: attention and feed-forward, each added and normalised."""
    name = f"blocks.{number}"
    parts = (block.query, block.key, block.value)
    joined = torch.cat([part.weight for part in parts])
    draft.product(f"{name}.query", states, joined, None)
    dim = joined.shape[1]
    thirds = draft.weight("thirds", np.array([dim, dim, dim]))
    three = [f"{name}.{part}" for part in ("queries", "keys", "values")]
    draft.node("Split", [f"{name}.query", thirds], *three, axis=-1)
    bias = draft.weight(
        f"{name}.attention.bias", torch.cat([part.bias for part in parts])
    )
    draft.node(
        "MultiHeadAttention",
        [*three, bias, "mask"],
        f"{name}.attention",
        num_heads=block.heads,
    )
    draft.product(
        f"{name}.mixed", f"{name}.attention", block.mixed.weight, block.mixed.bias
    )
    middle = _normed(draft, f"{name}.middle", f"{name}.mixed", states, block.mixed_norm)
    draft.product(f"{name}.wide", middle, block.wide.weight, None)
    bias = draft.weight(f"{name}.wide.bias", block.wide.bias)
    draft.node("BiasGelu", [f"{name}.wide", bias], f"{name}.bent")
    draft.product(
        f"{name}.narrow", f"{name}.bent", block.narrow.weight, block.narrow.bias
    )
    return _normed(draft, f"states.{number + 1}", f"{name}.narrow", middle, block.norm)


def _normed(draft: _Draft, name: str, one: str, other: str, norm: nn.LayerNorm) -> str:
    """Add a sum and its normalisation.

    onnxruntime 1.32 has both in one node, which takes twice as long on a CPU.
    """
    draft.node("Add", [one, other], f"{name}.sum")
    weight = draft.weight(f"{name}.weight", norm.weight)
    bias = draft.weight(f"{name}.bias", norm.bias)
    return draft.node(
        "LayerNormalization", [f"{name}.sum", weight, bias], name, epsilon=norm.eps
    )


def _embedding(draft: _Draft, layers: Sequence[int]) -> None:
    """Add the means of the chosen layers' states, each of length 1, side by side."""
    alone = len(layers) == 1
    for layer in layers:
        draft.node("MatMul", ["kept.row", f"states.{layer}"], f"sum.{layer}.row")
        draft.node("Squeeze", [f"sum.{layer}.row", "one"], f"sum.{layer}")
        name = "embedding" if alone else f"mean.{layer}"
        # The sum points where the mean points; only the direction is kept.
        draft.node("LpNormalization", [f"sum.{layer}"], name, axis=-1, p=2)
    if alone:
        return
    draft.node("Concat", [f"mean.{layer}" for layer in layers], "means", axis=-1)
    scale = draft.weight("share", np.array(len(layers) ** -0.5, dtype=np.float32))
    draft.node("Mul", ["means", scale], "embedding")


_CONTRIBUTED = (
    "BiasGelu",
    "DynamicQuantizeMatMul",
    "MatMulNBits",
    "MultiHeadAttention",
)
_BLOCK = 128
_BY_INT8 = 4
_SMALL = 1e-8
