"""The data of a trace. The list of operations, with their inputs and attributes, is in `evaluation`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Weights

Kind: TypeAlias = Literal["float32", "int32", "bool"]
"""The type of the numbers of a value."""


@dataclass(frozen=True)
class Value:
    """The shape and the type of an array. A negative size -k is k times the number of lines in the batch."""

    shape: tuple[int, ...]
    kind: Kind

    def shape_for(self, batch: int) -> tuple[int, ...]:
        """Return the shape for this many lines.

        >>> Value((-1, 3), "float32").shape_for(5)
        (5, 3)
        """
        return tuple(-size * batch if size < 0 else size for size in self.shape)


@dataclass(frozen=True)
class Constant:
    """An array that no input changes. `name` is the name of its weight; a part of a weight has a number behind it."""

    name: str
    array: NDArray[Any]


@dataclass(frozen=True)
class Operation:
    """An operation: its name, the numbers of the values that it reads and writes, and its attributes.

    Attributes are integers or lists of integers; a shape in them is written as in `Value`.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Counted n-grams, which an operation `ngram` looks up: its attribute `table` is the index in `Trace.tables`."""

    architecture: Architecture
    weights: Weights


@dataclass(frozen=True)
class Trace:
    """A step: (token, state) -> (logits, next state).

    Values are numbered; `values[n]` is value n. `token` is int32 [B], the id of the character of each line, and 0 is
    the end symbol, which begins a line. `label` is int32 [B], the number of the label of each line, None for a model
    without labels. `state` and `next_state` have equal shapes; the second-to-last axis counts the lines. `start` holds
    the state of one line before its first character, as arrays. `logits` is float32 [B, V]. Operations are in the order
    of computation, and each value is written once.
    """

    values: tuple[Value, ...]
    constants: Mapping[int, Constant]
    operations: tuple[Operation, ...]
    token: int
    label: int | None
    state: tuple[int, ...]
    next_state: tuple[int, ...]
    logits: int
    start: tuple[NDArray[Any], ...]
    tables: tuple[Table, ...] = ()

    @property
    def vocabulary_size(self) -> int:
        """The number of characters, the end symbol included, V."""
        return self.values[self.logits].shape[-1]

    @property
    def counts(self) -> dict[str, int]:
        """How often each operation occurs, by name."""
        names = [operation.name for operation in self.operations]
        return {name: names.count(name) for name in sorted(set(names))}
