"""From the trace of a model's step to a graph of ONNX operators (https://onnx.ai/onnx/operators), opset 18.

The size of the batch is the symbol `batch`. Each operation of a trace is one operator. A shape that depends on the
batch is computed from the shape of `token`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from morelike.errors import ExportError
from morelike.exports.tracing import Operation, Trace, Value

ELEMENTWISE: Mapping[str, str] = {
    "negative": "Neg",
    "abs": "Abs",
    "tanh": "Tanh",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "not": "Not",
    "add": "Add",
    "subtract": "Sub",
    "multiply": "Mul",
    "divide": "Div",
    "power": "Pow",
    "maximum": "Max",
    "minimum": "Min",
    "equal": "Equal",
    "less": "Less",
    "less_equal": "LessOrEqual",
    "and": "And",
    "or": "Or",
    "where": "Where",
    "matmul": "MatMul",
}
"""The operators that have the inputs of the operation, and no attributes."""
TYPES = {"float32": TensorProto.FLOAT, "int32": TensorProto.INT32, "bool": TensorProto.BOOL}
TOKEN, LABEL, LOGITS = "token", "label", "logits"


def graph_of(trace: Trace, name: str) -> GraphProto:
    """Return the graph of a trace.

    Inputs: `token` int32 [batch], `label` int32 [batch] if the trace has it, and `state.0`, `state.1`, ... Outputs:
    `logits` float32 [batch, V], and `next_state.0`, `next_state.1`, ..., which are the state of the next step.

    Raises:
        ExportError: the trace looks up counted n-grams.
    """
    return _Graph(trace).build(name)


class _Graph:
    """The nodes and the constants of a graph while it is built."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, Any] = {}
        self.names = {number: f"weight.{constant.name}" for number, constant in trace.constants.items()}
        self.names |= {trace.token: TOKEN} | ({} if trace.label is None else {trace.label: LABEL})
        self.names |= {number: f"state.{i}" for i, number in enumerate(trace.state)}

    def build(self, name: str) -> GraphProto:
        """Return the graph."""
        trace = self.trace
        for number, constant in trace.constants.items():
            self.constants[self.name(number)] = constant.array
        for operation in trace.operations:
            self._add(operation)
        outputs = {LOGITS: trace.logits, **{f"next_state.{i}": n for i, n in enumerate(trace.next_state)}}
        for output, number in outputs.items():  # a value may be an input, or an output twice
            self.nodes.append(helper.make_node("Identity", [self.name(number)], [output]))
        inputs = [trace.token, *([] if trace.label is None else [trace.label]), *trace.state]
        return helper.make_graph(
            self.nodes,
            name,
            [_declared(self.name(number), trace.values[number]) for number in inputs],
            [_declared(output, trace.values[number]) for output, number in outputs.items()],
            [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in self.constants.items()],
        )

    def name(self, number: int) -> str:
        """Return the name of a value."""
        return self.names.get(number, f"value.{number}")

    def _add(self, operation: Operation) -> None:
        name, attributes = operation.name, operation.attributes
        inputs = [self.name(number) for number in operation.inputs]
        (output,) = [self.name(number) for number in operation.outputs]
        value = self.trace.values[operation.outputs[0]]
        if name in ELEMENTWISE:
            self._node(ELEMENTWISE[name], inputs, output)
            return
        if name not in LAYOUT:
            raise ExportError(f"ONNX has no operator for the operation `{name}`")
        operator, more_inputs, more_attributes = LAYOUT[name](self, value, attributes)
        self._node(operator, [*inputs, *more_inputs], output, **more_attributes)

    def _node(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def integers(self, numbers: Sequence[int]) -> str:
        """Return the name of a constant int64 array."""
        name = "integers" + "".join(f".{number}" for number in numbers)
        self.constants.setdefault(name, np.array(numbers, dtype=np.int64))
        return name

    def shape(self, value: Value) -> str:
        """Return the name of the int64 array that holds a shape, which may depend on the batch."""
        if all(size >= 0 for size in value.shape):
            return self.integers(value.shape)
        name = "shape" + "".join(f".{size}" for size in value.shape)
        if not any(node.output[0] == name for node in self.nodes):
            sizes = [self.integers([size]) if size >= 0 else self._lines(-size) for size in value.shape]
            self._node("Concat", sizes, name, axis=0)
        return name

    def _lines(self, times: int) -> str:
        """Return the name of the int64 array [1] that holds a multiple of the number of lines."""
        if not any(node.output[0] == "batch" for node in self.nodes):
            self._node("Shape", [TOKEN], "batch")
        if times == 1:
            return "batch"
        name = f"batch.{times}"
        if not any(node.output[0] == name for node in self.nodes):
            self._node("Mul", ["batch", self.integers([times])], name)
        return name

    def slice_inputs(self, first: Sequence[int], stop: Sequence[int]) -> list[str]:
        """Return the names of the beginnings, the ends and the axes of a slice; the axis of the batch stays whole."""
        axes = [axis for axis, end in enumerate(stop) if end >= 0]
        return [self.integers([each[axis] for axis in axes]) for each in (first, stop)] + [self.integers(axes)]


Layout = Callable[[_Graph, Value, Mapping[str, Any]], tuple[str, Sequence[str], Mapping[str, Any]]]
LAYOUT: Mapping[str, Layout] = {
    "cast": lambda graph, value, _: ("Cast", [], {"to": TYPES[value.kind]}),
    "sum": lambda graph, value, to: ("ReduceSum", [graph.integers([to["axis"]])], {}),
    "max": lambda graph, value, to: ("ReduceMax", [graph.integers([to["axis"]])], {}),
    "take": lambda graph, value, to: ("Gather", [], {"axis": to["axis"]}),
    "reshape": lambda graph, value, _: ("Reshape", [graph.shape(value)], {"allowzero": 1}),
    "broadcast": lambda graph, value, _: ("Expand", [graph.shape(value)], {}),
    "transpose": lambda graph, value, to: ("Transpose", [], {"perm": list(to["axes"])}),
    "slice": lambda graph, value, to: ("Slice", graph.slice_inputs(to["first"], to["stop"]), {}),
    "concatenate": lambda graph, value, to: ("Concat", [], {"axis": to["axis"]}),
}
"""For each operation on axes and shapes: the operator, its inputs after the arrays, and its attributes."""


def _declared(name: str, value: Value) -> ValueInfoProto:
    """Return the declaration of an input or an output."""
    sizes = [size if size >= 0 else "batch" if size == -1 else f"{-size}*batch" for size in value.shape]
    return helper.make_tensor_value_info(name, TYPES[value.kind], sizes)
