"""The operations of a trace, computed with NumPy: the reference of all other interpreters.

Each operation reads arrays that broadcast as in NumPy. The list is short on purpose:

    negative abs tanh exp log sqrt not              elementwise, of one array
    add subtract multiply divide power              elementwise, of two arrays of one kind
    maximum minimum equal less less_equal and or
    where                                           condition, value if true, value if false
    cast                                            to the kind of the output
    sum max                                         `axis`, which stays with size 1
    matmul                                          of the last two axes; the axes before them broadcast
    take                                            `axis`: the entries of an array at indices >= 0, of any shape
    reshape broadcast                               to the shape of the output
    transpose                                       `axes`
    slice                                           `first` and `stop` of each axis
    concatenate                                     `axis`
    ngram                                           token, nodes -> nodes, logits: look-up in the table `table`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Array, Float, Int
from morelike.exports.tracing.trace import Operation, Trace, Value

UNARY: Mapping[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in ("negative", "abs", "tanh", "exp", "log", "sqrt")},
    "not": np.logical_not,
}
COMPARISONS: Mapping[str, Callable[..., Any]] = {name: getattr(np, name) for name in ("equal", "less", "less_equal")}
LOGICAL: Mapping[str, Callable[..., Any]] = {"and": np.logical_and, "or": np.logical_or}
ARITHMETIC: Mapping[str, Callable[..., Any]] = {
    name: getattr(np, name) for name in ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum")
}
ELEMENTWISE: Mapping[str, Callable[..., Any]] = {**UNARY, **COMPARISONS, **LOGICAL, **ARITHMETIC, "where": np.where}

LAYOUT: Mapping[str, Callable[..., Any]] = {
    "sum": lambda x, shape, axis: np.sum(x, axis=axis, keepdims=True, dtype=x.dtype),
    "max": lambda x, shape, axis: np.max(x, axis=axis, keepdims=True),
    "matmul": lambda x, y, shape: x @ y,
    "take": lambda x, index, shape, axis: np.take(x, index, axis=axis),
    "reshape": lambda x, shape: x.reshape(shape),
    "broadcast": lambda x, shape: np.broadcast_to(x, shape),
    "transpose": lambda x, shape, axes: np.transpose(x, axes),
    "concatenate": lambda *xs, shape, axis: np.concatenate(xs, axis=axis),
}
"""Functions from arrays, the shape of the result and the attributes."""


def compute(name: str, arrays: Sequence[Array], value: Value, attributes: Mapping[str, Any], batch: int) -> Array:
    """Return the result of an operation of one output for a batch of lines."""
    if name in ELEMENTWISE:
        with np.errstate(all="ignore"):  # a branch that `where` does not choose may overflow
            return ELEMENTWISE[name](*arrays)
    shape = value.shape_for(batch)
    if name == "cast":
        return arrays[0].astype(value.kind)
    if name == "slice":
        stops = Value(tuple(attributes["stop"]), "int32").shape_for(batch)
        return arrays[0][tuple(map(slice, attributes["first"], stops))]
    return LAYOUT[name](*arrays, shape=shape, **attributes)


class Runner:
    """A trace that runs: `step` as an architecture has it, with the state as a tuple of arrays.

    >>> import morelike
    >>> from morelike.exports.tracing import trace
    >>> model = morelike.build("rnn", ["anna", "hanna"], hidden=4)
    >>> runner = Runner(trace(*model.prepared))
    >>> state, logits = runner.step(runner.start(2), np.array([0, 0], dtype=np.int32))
    >>> logits.shape
    (2, 4)
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._constants = {number: constant.array for number, constant in trace.constants.items()}

    def start(self, batch: int) -> tuple[NDArray[Any], ...]:
        """Return the state of `batch` lines before their first character."""
        return tuple(np.repeat(each, batch, axis=-2) for each in self.trace.start)

    def step(
        self, state: Sequence[Array], token: Int[Array, " B"], label: Int[Array, " B"] | None = None
    ) -> tuple[tuple[Array, ...], Float[Array, "B V"]]:
        """Return the state after one more character of each line, and the logits of the next character."""
        trace, batch = self.trace, len(token)
        values: dict[int, Any] = {**self._constants, trace.token: token, **dict(zip(trace.state, state, strict=True))}
        if trace.label is not None:
            values[trace.label] = label
        for operation in trace.operations:
            self._run(operation, values, batch)
        return tuple(values[number] for number in trace.next_state), values[trace.logits]

    def _run(self, operation: Operation, values: dict[int, Any], batch: int) -> None:
        arrays = [values[number] for number in operation.inputs]
        if operation.name == "ngram":
            table = self.trace.tables[operation.attributes["table"]]
            token, nodes = arrays
            nodes, logits = table.architecture.step(table.weights, nodes, token)
            values.update(zip(operation.outputs, (nodes.astype(np.int32), logits), strict=True))
            return
        (output,) = operation.outputs
        values[output] = compute(operation.name, arrays, self.trace.values[output], operation.attributes, batch)
