"""The recorder of operations: it numbers values, and computes at once what no input changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, cast

import numpy as np

from morelike.errors import ExportError
from morelike.exports.tracing.evaluation import compute
from morelike.exports.tracing.sizes import BATCH, symbolic
from morelike.exports.tracing.trace import Constant, Kind, Operation, Value
from morelike.exports.tracing.tracer import Recording, Tracer


class Recorder(Recording):
    """Operations, and the values that they read and write. `namespace` holds the functions of the array API."""

    def __init__(self, namespace: ModuleType) -> None:
        self.namespace = namespace
        self.values: list[Value] = []
        self.constants: dict[int, Constant] = {}
        self.operations: list[Operation] = []
        self._names: dict[str, int] = {}
        self._numbers: dict[int, tuple[int, Any]] = {}

    def input(self, shape: tuple[int, ...], kind: Kind) -> Tracer:
        """Return a new input of the trace; `shape` is as in `Value`."""
        return self._written(Value(shape, kind).shape_for(BATCH), kind)

    def constant(self, array: Any, name: str = "constant") -> Tracer:
        """Return an array that no input changes, as float32, int32 or bool."""
        array = np.asarray(array)
        array = array.astype({"f": np.float32, "i": np.int32, "u": np.int32, "b": bool}[array.dtype.kind], copy=False)
        if BATCH in array.shape:
            raise ExportError(f"the step makes an array of shape {array.shape}: no size may be {BATCH}")
        return Tracer(self, array.shape, cast(Kind, array.dtype.name), array=array, name=name)

    def emit(
        self, name: str, inputs: Sequence[Tracer], shape: tuple[int, ...], kind: Kind, **attributes: Any
    ) -> Tracer:
        """Return the result of an operation, which is computed at once if it depends on no input and on no batch."""
        value = Value(symbolic(shape), kind)
        if not any(size < 0 for size in value.shape) and all(each.array is not None for each in inputs):
            array = compute(name, [each.array for each in inputs], value, attributes, BATCH)
            return self.constant(array, next((each.name for each in inputs if each.name != "constant"), "constant"))
        output = self._written(shape, kind)
        numbers = tuple(map(self.number, inputs))
        self.operations.append(Operation(name, numbers, (self.number(output),), attributes))
        return output

    def emit_ngram(self, table: int, token: Tracer, nodes: Tracer, symbols: int) -> tuple[Tracer, Tracer]:
        """Return the next nodes and the logits of an n-gram model."""
        following, logits = self._written(nodes.shape, "int32"), self._written((len(token), symbols), "float32")
        outputs = self.number(following), self.number(logits)
        self.operations.append(Operation("ngram", (self.number(token), self.number(nodes)), outputs, {"table": table}))
        return following, logits

    def number(self, tracer: Tracer) -> int:
        """Return the number of a value; a constant gets one when an operation first reads it."""
        if tracer.array is None:
            return cast(int, tracer.written)
        found = self._numbers.get(id(tracer.array))
        if found is None:
            found = len(self.values), tracer.array  # the array is kept, so its id stays its own
            self._numbers[id(tracer.array)] = found
            self.values.append(Value(tracer.shape, tracer.kind))
            self.constants[found[0]] = Constant(self._unique(tracer.name), tracer.array)
        return found[0]

    def used(self, results: Sequence[int]) -> tuple[list[Operation], Mapping[int, Constant]]:
        """Return the operations and the constants on which the results depend."""
        needed, operations = set(results), list[Operation]()
        for operation in reversed(self.operations):
            if needed & set(operation.outputs):
                operations.append(operation)
                needed |= set(operation.inputs)
        return operations[::-1], {number: each for number, each in self.constants.items() if number in needed}

    def _written(self, shape: tuple[int, ...], kind: Kind) -> Tracer:
        self.values.append(Value(symbolic(shape), kind))
        return Tracer(self, shape, kind, written=len(self.values) - 1)

    def _unique(self, name: str) -> str:
        times = self._names[name] = self._names.get(name, 0) + 1
        return name if times == 1 else f"{name}.{times}"
