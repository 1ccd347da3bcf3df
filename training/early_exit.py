"""Two graphs joined into one: a reply that the shallow one is sure of stops there.

The shallow graph is the lower layers of an encoder with heads of their own, the deep
one is the whole encoder with its heads; both are complete by themselves. Joined, the
lower layers run once, and the upper ones only where some reply of the batch goes on
(Xin et al. 2021, "BERxiT"). Each row keeps the answer of its own way, whatever comes
with it; `path` names the last layer that it went through.

The joined graph has one input more, `leave_at`, with a default: the confidence from
which a reply leaves. Above 1 every reply goes to the end.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from model.classifier import LEAVE_AT, PATH

DECIDED = 0.98
"""A reply leaves only where an opt-out is at least this likely, or this unlikely."""
SURE_FEELING = 0.8
"""And where its sentiment is this likely. Replies that leave have then as good
sentiments as at full depth; without it, one in 50 that leave has a worse one."""


def join(shallow: bytes, deep: bytes, leave_at: float) -> bytes:
    """Return the graph that asks `shallow` first and `deep` where it is not sure.

    Args:
        shallow: lower layers with heads of their own.
        deep: the whole encoder with its heads; nodes of the same name are shared.
        leave_at: the least confidence (0 to 1) with which a reply leaves.

    Raises:
        ValueError: the two do not begin with the same layers.
    """
    low, high = (onnx.load_model_from_string(part).graph for part in (shallow, deep))
    joined = onnx.load_model_from_string(deep)
    last, depth = _layers(low), _layers(high)
    names = [output.name for output in high.output]
    _rename(low, {name: _EARLY + name for name in names}, "heads/", _EXIT)
    _rename(high, {name: _LATE + name for name in names})
    lower = {node.name: node for node in low.node}
    upper = [node for node in high.node if node != lower.get(node.name)]
    weights = {weight.name: weight for weight in high.initializer}
    constants = _constants(leave_at, last, depth)
    clashes = {node.name for node in upper} & lower.keys()
    for weight in (*low.initializer, *constants):
        if weights.setdefault(weight.name, weight) != weight:
            clashes.add(weight.name)
    if clashes:
        raise ValueError(f"early exit: the graphs differ in {min(clashes)}")
    graph = joined.graph
    choice = _choice(names, upper, f"mean.{last}")
    _fill(graph, "node", [*low.node, *_gate(), choice])
    _fill(graph, "initializer", weights.values())
    graph.input.append(_info(LEAVE_AT, TensorProto.FLOAT, []))
    graph.output.append(_info(PATH, TensorProto.INT64, ["batch"]))
    onnx.checker.check_model(joined)
    return bytes(joined.SerializeToString())


def deep_of(graph: bytes) -> bytes:
    """Return the deep graph that was joined; any other graph as it is."""
    return _part(graph, _LATE) or graph


def shallow_of(graph: bytes) -> bytes | None:
    """Return the shallow graph that was joined; None where none was."""
    return _part(graph, _EARLY)


def _part(joined: bytes, side: str) -> bytes | None:
    """Return the nodes and weights behind one side's outputs, under their old names."""
    model = onnx.load_model_from_string(joined)
    graph = model.graph
    nodes = {node.name: node for node in graph.node}
    if _CHOICE not in nodes:
        return None
    branches = {a.name: a.g for a in nodes.pop(_CHOICE).attribute}
    found = [*nodes.values(), *branches["else_branch"].node]
    outputs = [output for output in graph.output if output.name != PATH]
    needed = {side + output.name for output in outputs}
    kept: list[NodeProto] = []
    for node in reversed(found):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    _fill(graph, "node", kept[::-1])
    _fill(graph, "initializer", [w for w in graph.initializer if w.name in needed])
    _fill(graph, "input", [i for i in graph.input if i.name != LEAVE_AT])
    _fill(graph, "output", outputs)
    _rename(graph, {side + o.name: o.name for o in outputs}, _EXIT, "heads/")
    for output in outputs:
        if output.name == "embedding" and side == _EARLY:
            head = next(w for w in graph.initializer if w.name == "heads/intent/weight")
            output.type.tensor_type.shape.dim[1].dim_value = head.dims[0]
    _fill(graph, "output", outputs)
    return bytes(model.SerializeToString())


def _layers(graph: GraphProto) -> int:
    """Return how many layers a graph has."""
    states = [n.name for n in graph.node if n.name.startswith("states.")]
    return max(int(name.split(".")[1]) for name in states)


def _rename(
    graph: GraphProto, names: dict[str, str], prefix: str = "", new: str = ""
) -> None:
    """Give tensors, nodes and weights new names; outputs of the graph keep theirs."""

    def renamed(name: str) -> str:
        if prefix and name.startswith(prefix):
            return new + name.removeprefix(prefix)
        return names.get(name, name)

    for node in graph.node:
        node.name = renamed(node.name)
        node.input[:] = map(renamed, node.input)
        node.output[:] = map(renamed, node.output)
    for weight in graph.initializer:
        weight.name = renamed(weight.name)


def _constants(leave_at: float, last: int, depth: int) -> list[TensorProto]:
    values = {
        LEAVE_AT: np.array(leave_at, dtype=np.float32),
        f"{_EXIT}feeling/least": np.array(SURE_FEELING, dtype=np.float32),
        f"{_EXIT}decided/least": np.array(DECIDED - 0.5, dtype=np.float32),
        f"{_EXIT}half": np.array(0.5, dtype=np.float32),
        f"{_EXIT}second": np.array([1]),
        f"{_EXIT}last": np.array(last),
        f"{_EXIT}depth": np.array(depth),
    }
    return [numpy_helper.from_array(value, name) for name, value in values.items()]


def _gate() -> list[NodeProto]:
    """Return what tells which rows leave, and whether all do."""
    nodes: list[NodeProto] = []

    def node(
        kind: str, inputs: str, output: str, **attributes: int | list[int]
    ) -> None:
        nodes.append(_node(kind, inputs.split(), output, **attributes))

    x = _EXIT
    node("GreaterOrEqual", f"{_EARLY}confidence {LEAVE_AT}", f"{x}sure")
    node("ReduceMax", f"{_EARLY}sentiment_probabilities", f"{x}feeling", axes=[1])
    node("Squeeze", f"{x}feeling {x}second", f"{x}feeling/flat")
    node("GreaterOrEqual", f"{x}feeling/flat {x}feeling/least", f"{x}feels")
    node("Sub", f"{_EARLY}opt_out {x}half", f"{x}from_even")
    node("Abs", f"{x}from_even", f"{x}far_from_even")
    node("GreaterOrEqual", f"{x}far_from_even {x}decided/least", f"{x}decided")
    node("And", f"{x}sure {x}feels", f"{x}both")
    node("And", f"{x}both {x}decided", f"{x}leaves")
    node("Unsqueeze", f"{x}leaves {x}second", f"{x}leaves/column")
    node("Cast", f"{x}leaves", f"{x}leaves/number", to=TensorProto.INT32)
    node("ReduceMin", f"{x}leaves/number", f"{x}fewest", keepdims=0)
    node("Cast", f"{x}fewest", f"{x}all", to=TensorProto.BOOL)
    node("Where", f"{x}leaves {x}last {x}depth", PATH)
    return nodes


def _choice(names: Sequence[str], upper: Sequence[NodeProto], state: str) -> NodeProto:
    """Return the node that goes on with `upper` unless every row leaves."""
    early = {name: state if name == "embedding" else _EARLY + name for name in names}
    stay: list[NodeProto] = []
    leave: list[NodeProto] = []
    for name in names:
        flat = name in _FLAT
        rows = f"{_EXIT}leaves" if flat else f"{_EXIT}leaves/column"
        given = [rows, early[name], _LATE + name]
        stay.append(_node("Where", given, f"{_EXIT}stay/{name}"))
        leave.append(_node("Identity", [early[name]], f"{_EXIT}leave/{name}"))
    choice = helper.make_node("If", [f"{_EXIT}all"], names, _CHOICE)
    branches = {
        "then_branch": helper.make_graph(leave, "leave", [], _given(leave)),
        "else_branch": helper.make_graph([*upper, *stay], "stay", [], _given(stay)),
    }
    choice.attribute.extend(
        helper.make_attribute(name, graph) for name, graph in branches.items()
    )
    return choice


def _given(nodes: Sequence[NodeProto]) -> list[onnx.ValueInfoProto]:
    return [_info(node.output[0], TensorProto.FLOAT, None) for node in nodes]


def _node(
    kind: str, inputs: Sequence[str], output: str, **attributes: int | list[int]
) -> NodeProto:
    node = helper.make_node(kind, inputs, [output], f"{_EXIT}{output}")
    node.attribute.extend(
        helper.make_attribute(key, value) for key, value in attributes.items()
    )
    return node


def _info(
    name: str, kind: int, shape: Sequence[str | int | None] | None
) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def _fill(graph: GraphProto, field: str, values: Iterable[object]) -> None:
    held = list(values)
    graph.ClearField(field)
    getattr(graph, field).extend(held)


_EARLY = "early/"
_LATE = "late/"
_EXIT = "exit/"
_CHOICE = "exit/choice"
_FLAT = ("confidence", "opt_out")
