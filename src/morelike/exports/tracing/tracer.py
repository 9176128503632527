"""An array that records what is computed with it, instead of computing it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from math import prod
from types import ModuleType
from typing import Any, TypeAlias, cast

import numpy as np

from morelike.errors import ExportError
from morelike.exports.tracing.sizes import is_lines, symbolic
from morelike.exports.tracing.trace import Kind

Index: TypeAlias = Any
"""What may stand in the brackets of an array: whole numbers, slices, None, ... and arrays of whole numbers."""


class Recording(ABC):
    """What an array needs of its recorder, see `recorder`."""

    namespace: ModuleType

    @abstractmethod
    def constant(self, array: Any, name: str = "constant") -> Tracer:
        """Return an array that no input changes."""

    @abstractmethod
    def emit(
        self, name: str, inputs: Sequence[Tracer], shape: tuple[int, ...], kind: Kind, **attributes: Any
    ) -> Tracer:
        """Return the result of an operation."""


def binary(name: str, x: Any, y: Any, kind: Kind | None = None) -> Tracer:
    """Return an elementwise operation on two arrays, at least one of which is a tracer."""
    first = cast(Tracer, x if isinstance(x, Tracer) else y)
    left, right = (first.other(each) for each in (x, y))
    if name not in ("and", "or"):
        joined: Kind = "float32" if "float32" in (left.kind, right.kind) or name == "divide" else "int32"
        left, right = left.astype(joined), right.astype(joined)
        kind = kind or joined
    shape = np.broadcast_shapes(left.shape, right.shape)
    return first.recorder.emit(name, [left, right], shape, kind or "bool")


def unary(name: str, x: Tracer) -> Tracer:
    """Return an elementwise operation on one array."""
    if name == "not":
        return x.recorder.emit(name, [x.astype(bool)], x.shape, "bool")
    x = x if name in ("negative", "abs") and x.kind == "int32" else x.astype(np.float32)
    return x.recorder.emit(name, [x], x.shape, x.kind)


def _operator(name: str, *, swapped: bool = False, kind: Kind | None = None) -> Callable[[Any, Any], Tracer]:
    return lambda x, y: binary(name, y, x, kind) if swapped else binary(name, x, y, kind)


class Tracer:
    """An array of the array API: `shape`, operators, indices, and `__array_namespace__` for all else.

    `array` holds the numbers of a constant; `written` is the number of any other value.
    """

    __array_ufunc__ = None  # NumPy's arrays leave operators to this class

    def __init__(
        self,
        recorder: Recording,
        shape: tuple[int, ...],
        kind: Kind,
        *,
        array: Any = None,
        written: int | None = None,
        name: str = "constant",
    ) -> None:
        self.recorder, self.shape, self.kind = recorder, shape, kind
        self.array, self.written, self.name = array, written, name

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        return self.recorder.namespace

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers, as NumPy's."""
        return np.dtype(self.kind)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return prod(self.shape)

    @property
    def T(self) -> Tracer:  # noqa: N802  # NumPy's name
        """The array with its axes in reverse order."""
        return self.transpose(*range(self.ndim)[::-1])

    def __len__(self) -> int:
        return self.shape[0]

    def __bool__(self) -> bool:
        if self.array is None:
            raise ExportError("the step asks whether a value is true: use `where`, which chooses for each line")
        return bool(self.array)

    def __float__(self) -> float:
        return float(self._known())

    def __int__(self) -> int:
        return int(self._known())

    def _known(self) -> Any:
        if self.array is None:
            raise ExportError("the step needs a number that is known only when the model runs")
        return self.array

    def other(self, value: Any) -> Tracer:
        """Return another operand as a tracer; a plain number takes the kind of this array."""
        if isinstance(value, Tracer):
            return value
        array = np.asarray(value)
        if array.ndim == 0 and self.kind == "float32" and array.dtype.kind != "b":
            array = array.astype(np.float32)
        return self.recorder.constant(array)

    def astype(self, dtype: Any, copy: bool = True) -> Tracer:
        """Return the array with numbers of another type; float64 and int64 become float32 and int32."""
        kinds: dict[str, Kind] = {"f": "float32", "i": "int32", "u": "int32", "b": "bool"}
        kind = kinds[np.dtype(dtype).kind]
        return self if kind == self.kind else self.recorder.emit("cast", [self], self.shape, kind)

    def reshape(self, *sizes: Any) -> Tracer:
        """Return the entries in another shape; one size may be -1."""
        shape = tuple(int(size) for size in (sizes[0] if len(sizes) == 1 and np.ndim(sizes[0]) else sizes))
        rest = prod(size for size in shape if size != -1)
        shape = tuple(self.size // rest if size == -1 else size for size in shape)
        if prod(shape) != self.size:
            raise ExportError(f"cannot reshape {symbolic(self.shape)} to {symbolic(shape)}")
        if shape == self.shape:
            return self
        return self.recorder.emit("reshape", [self], shape, self.kind)

    def transpose(self, *axes: int) -> Tracer:
        """Return the array with its axes in this order."""
        if axes == tuple(range(self.ndim)):
            return self
        return self.recorder.emit(
            "transpose", [self], tuple(self.shape[axis] for axis in axes), self.kind, axes=list(axes)
        )

    def broadcast_to(self, shape: tuple[int, ...]) -> Tracer:
        """Return the array in a larger shape."""
        if shape == self.shape:
            return self
        aligned = self.reshape((1,) * (len(shape) - self.ndim) + self.shape)
        return self.recorder.emit("broadcast", [aligned], shape, self.kind)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Tracer:
        """Return the sum over axes."""
        kind: Kind = "int32" if self.kind == "bool" else self.kind
        return self.astype(kind).reduced("sum", axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Tracer:
        """Return the largest entry over axes."""
        return self.reduced("max", axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Tracer:
        """Return the mean over axes."""
        total = self.astype(np.float32).sum(axis, keepdims)
        return total * (total.size / self.size)

    def reduced(self, name: str, axis: Any, keepdims: bool) -> Tracer:
        """Return an operation that reduces axes to one entry."""
        axes = range(self.ndim) if axis is None else [axis] if np.ndim(axis) == 0 else axis
        positive = sorted(each % self.ndim for each in axes)
        result = self
        for each in positive:
            shape = (*result.shape[:each], 1, *result.shape[each + 1 :])
            result = self.recorder.emit(name, [result], shape, self.kind, axis=each)
        kept = tuple(size for axis, size in enumerate(result.shape) if axis not in positive)
        return result if keepdims else result.reshape(kept)

    def take(self, index: Tracer, axis: int) -> Tracer:
        """Return the entries at indices along an axis; negative indices are allowed if they are constant."""
        if index.array is not None:
            index = index.recorder.constant(index.array % self.shape[axis])
        shape = (*self.shape[:axis], *index.shape, *self.shape[axis + 1 :])
        return self.recorder.emit("take", [self, index], shape, self.kind, axis=axis)

    def __getitem__(self, index: Index) -> Tracer:
        items = list(index) if isinstance(index, tuple) else [index]
        spare = self.ndim - sum(each is not None and each is not Ellipsis for each in items)
        at = next((i for i, each in enumerate(items) if each is Ellipsis), len(items))
        items[at : at + 1] = [slice(None)] * spare
        result, axis = self, 0
        first, stop, shape = [], [], []  # of the axes, and the sizes of the result
        arrays: list[tuple[int, Any]] = []
        for item in items:
            if item is None:
                shape.append(1)
                continue
            size = self.shape[axis]
            if isinstance(item, slice):
                begin, end = _bounds(item, size)
                shape.append(end - begin)
            elif isinstance(item, int | np.integer):
                if is_lines(size):
                    raise ExportError("the step takes one line of the batch: each line must be computed alike")
                begin = int(item) % size
                end = begin + 1
            else:
                begin, end = 0, size
                arrays.append((len(shape), item))
                shape.append(size)
            first.append(begin)
            stop.append(end)
            axis += 1
        result = self._sliced(first, stop).reshape(tuple(shape))
        if len(arrays) > 1:
            raise ExportError("the step has two arrays in one index: look up along one axis at a time")
        for place, item in arrays:
            result = result.take(self.other(item), place)
        return result

    def _sliced(self, first: list[int], stop: list[int]) -> Tracer:
        sizes = tuple(end - begin for begin, end in zip(first, stop, strict=True))
        if sizes == self.shape:
            return self
        return self.recorder.emit("slice", [self], sizes, self.kind, first=first, stop=list(symbolic(stop)))

    __add__, __radd__ = _operator("add"), _operator("add", swapped=True)
    __sub__, __rsub__ = _operator("subtract"), _operator("subtract", swapped=True)
    __mul__, __rmul__ = _operator("multiply"), _operator("multiply", swapped=True)
    __truediv__, __rtruediv__ = _operator("divide"), _operator("divide", swapped=True)
    __pow__, __rpow__ = _operator("power"), _operator("power", swapped=True)
    __and__, __rand__ = _operator("and"), _operator("and", swapped=True)
    __or__, __ror__ = _operator("or"), _operator("or", swapped=True)
    __lt__, __gt__ = _operator("less", kind="bool"), _operator("less", swapped=True, kind="bool")
    __le__, __ge__ = _operator("less_equal", kind="bool"), _operator("less_equal", swapped=True, kind="bool")
    __eq__ = _operator("equal", kind="bool")  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]

    def __ne__(self, other: Any) -> Tracer:  # type: ignore[override]
        return unary("not", binary("equal", self, other, "bool"))

    def __neg__(self) -> Tracer:
        return unary("negative", self)

    def __abs__(self) -> Tracer:
        return unary("abs", self)

    def __invert__(self) -> Tracer:
        return unary("not", self)

    def __matmul__(self, other: Any) -> Tracer:
        right = self.other(other)
        left, right = self.astype(np.float32), right.astype(np.float32)
        rows = left if left.ndim > 1 else left[None]
        columns = right if right.ndim > 1 else right[:, None]
        lead = np.broadcast_shapes(rows.shape[:-2], columns.shape[:-2])
        shape = (*lead, rows.shape[-2], columns.shape[-1])
        product = self.recorder.emit("matmul", [rows, columns], shape, "float32")
        kept = (*lead, *rows.shape[-2:-1][: left.ndim > 1], *columns.shape[-1:][: right.ndim > 1])
        return product.reshape(kept)

    def __rmatmul__(self, other: Any) -> Tracer:
        return self.other(other) @ self


def _bounds(item: slice, size: int) -> tuple[int, int]:
    if item.step not in (None, 1):
        raise ExportError("the step has a slice with a distance: use `take` with the positions")
    if is_lines(size) and (item.start, item.stop) not in ((None, None), (0, None)):
        raise ExportError("the step slices the axis of the batch: each line must be computed alike")
    begin, end, _ = item.indices(size)
    return begin, max(end, begin)
