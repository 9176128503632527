"""The functions of the array API for `Tracer` arrays: `namespace(x)` is a `Namespace` while a step is traced.

Arrays may be tracers, NumPy's or plain numbers, at least one of them a tracer.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from morelike.errors import ExportError
from morelike.exports.tracing.sizes import is_lines
from morelike.exports.tracing.tracer import Recording, Tracer, binary, unary

float32, float64, int32, int64, bool_ = np.float32, np.float64, np.int32, np.int64, np.bool_
pi, e, inf, newaxis = np.pi, np.e, np.inf, None


def _of(*arrays: Any) -> list[Tracer]:
    first = next(each for each in arrays if isinstance(each, Tracer))
    return [first.other(each) for each in arrays]


def negative(x: Tracer) -> Tracer:
    """Return -x."""
    return unary("negative", x)


def absolute(x: Tracer) -> Tracer:
    """Return the absolute value."""
    return unary("abs", x)


def tanh(x: Tracer) -> Tracer:
    """Return the hyperbolic tangent."""
    return unary("tanh", x)


def exp(x: Tracer) -> Tracer:
    """Return e to the power of x."""
    return unary("exp", x)


def log(x: Tracer) -> Tracer:
    """Return the natural logarithm."""
    return unary("log", x)


def sqrt(x: Tracer) -> Tracer:
    """Return the square root."""
    return unary("sqrt", x)


def square(x: Tracer) -> Tracer:
    """Return x times x."""
    return binary("multiply", x, x)


def logical_not(x: Tracer) -> Tracer:
    """Return whether x is false."""
    return unary("not", x)


def add(x: Any, y: Any) -> Tracer:
    """Return the sum."""
    return binary("add", x, y)


def subtract(x: Any, y: Any) -> Tracer:
    """Return the difference."""
    return binary("subtract", x, y)


def multiply(x: Any, y: Any) -> Tracer:
    """Return the product."""
    return binary("multiply", x, y)


def divide(x: Any, y: Any) -> Tracer:
    """Return the quotient."""
    return binary("divide", x, y)


def maximum(x: Any, y: Any) -> Tracer:
    """Return the larger of two."""
    return binary("maximum", x, y)


def minimum(x: Any, y: Any) -> Tracer:
    """Return the smaller of two."""
    return binary("minimum", x, y)


def clip(x: Tracer, low: Any, high: Any) -> Tracer:
    """Return x, at least `low` and at most `high`."""
    return minimum(maximum(x, low), high)


def matmul(x: Any, y: Any) -> Tracer:
    """Return the product of matrices."""
    left, right = _of(x, y)
    return left @ right


def where(condition: Any, x: Any, y: Any) -> Tracer:
    """Return x where the condition holds, elsewhere y."""
    asked, *_ = _of(condition, x, y)
    tracers = [each for each in (x, y) if isinstance(each, Tracer)] or [asked]
    kinds = {each.kind for each in tracers} or {"int32"}
    first = tracers[0] if kinds != {"bool"} else asked.astype(np.int32)
    yes, no = (each if isinstance(each, Tracer) else first.other(each) for each in (x, y))
    joined = "float32" if "float32" in (yes.kind, no.kind) else "int32" if "int32" in (yes.kind, no.kind) else "bool"
    yes, no = yes.astype(joined), no.astype(joined)
    shape = np.broadcast_shapes(asked.shape, yes.shape, no.shape)
    return asked.recorder.emit("where", [asked.astype(bool), yes, no], shape, yes.kind)


def sum(x: Tracer, axis: Any = None, keepdims: bool = False) -> Tracer:  # noqa: A001  # NumPy's name
    """Return the sum over axes."""
    return x.sum(axis, keepdims)


def max(x: Tracer, axis: Any = None, keepdims: bool = False) -> Tracer:  # noqa: A001  # NumPy's name
    """Return the largest entry over axes."""
    return x.max(axis, keepdims)


def mean(x: Tracer, axis: Any = None, keepdims: bool = False) -> Tracer:
    """Return the mean over axes."""
    return x.mean(axis, keepdims)


def take(x: Tracer, index: Any, axis: int) -> Tracer:
    """Return the entries at indices along an axis."""
    return x.take(x.other(index), axis % x.ndim)


def reshape(x: Tracer, shape: Sequence[int]) -> Tracer:
    """Return the entries in another shape."""
    return x.reshape(tuple(shape))


def expand_dims(x: Tracer, axis: int) -> Tracer:
    """Return the array with a new axis of size 1."""
    at = axis % (x.ndim + 1)
    return x.reshape((*x.shape[:at], 1, *x.shape[at:]))


def squeeze(x: Tracer, axis: int) -> Tracer:
    """Return the array without an axis of size 1."""
    at = axis % x.ndim
    return x.reshape((*x.shape[:at], *x.shape[at + 1 :]))


def swapaxes(x: Tracer, first: int, second: int) -> Tracer:
    """Return the array with two axes exchanged."""
    axes = list(range(x.ndim))
    axes[first], axes[second] = axes[second], axes[first]
    return x.transpose(*axes)


def transpose(x: Tracer, axes: Sequence[int] | None = None) -> Tracer:
    """Return the array with its axes in this order, by default in reverse order."""
    return x.T if axes is None else x.transpose(*axes)


permute_dims = transpose


def broadcast_to(x: Tracer, shape: Sequence[int]) -> Tracer:
    """Return the array in a larger shape."""
    return x.broadcast_to(tuple(shape))


def concatenate(arrays: Sequence[Any], axis: int = 0) -> Tracer:
    """Return arrays one after another along an axis."""
    found = _of(*arrays)
    at = axis % found[0].ndim
    if len({each.kind for each in found}) > 1:
        kind = "float32" if "float32" in {each.kind for each in found} else "int32"
        found = [each.astype(kind) for each in found]
    found = [each for each in found if each.shape[at]] or found[:1]
    if len(found) == 1:
        return found[0]
    if any(is_lines(each.shape[at]) for each in found):
        raise ExportError("the step joins lines of the batch: each line must be computed alike")
    size = int(np.sum([each.shape[at] for each in found]))
    shape = (*found[0].shape[:at], size, *found[0].shape[at + 1 :])
    return found[0].recorder.emit("concatenate", found, shape, found[0].kind, axis=at)


concat = concatenate


def stack(arrays: Sequence[Any], axis: int = 0) -> Tracer:
    """Return arrays along a new axis."""
    found = _of(*arrays)
    at = axis % (found[0].ndim + 1)
    return concatenate([expand_dims(each, at) for each in found], at)


def pad(x: Tracer, widths: Sequence[Sequence[int]], constant_values: Any = 0) -> Tracer:
    """Return the array with a margin."""
    for axis, (before, after) in enumerate(widths):
        margins = [
            _filled(x, (*x.shape[:axis], width, *x.shape[axis + 1 :]), constant_values) for width in (before, after)
        ]
        x = concatenate([margins[0], x, margins[1]], axis)
    return x


def _filled(like: Tracer, shape: tuple[int, ...], value: Any, dtype: Any = None) -> Tracer:
    scalar = like.recorder.constant(np.asarray(value, dtype=dtype or like.dtype))
    return scalar.broadcast_to(shape)


def full_like(x: Tracer, value: Any, dtype: Any = None) -> Tracer:
    """Return an array of this shape that is full of one value."""
    return _filled(x, x.shape, value, dtype)


def zeros_like(x: Tracer, dtype: Any = None) -> Tracer:
    """Return zeros of this shape."""
    return full_like(x, 0, dtype)


def ones_like(x: Tracer, dtype: Any = None) -> Tracer:
    """Return ones of this shape."""
    return full_like(x, 1, dtype)


def _full(shape: int | Sequence[int], value: Any, dtype: Any) -> Tracer:
    sizes = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    return ACTIVE[-1].constant(np.asarray(value, dtype=dtype)).broadcast_to(sizes)


def full(shape: int | Sequence[int], value: Any, dtype: Any = None) -> Tracer:
    """Return an array that is full of one value."""
    return _full(shape, value, dtype)


def zeros(shape: int | Sequence[int], dtype: Any = np.float32) -> Tracer:
    """Return zeros."""
    return _full(shape, 0, dtype)


def ones(shape: int | Sequence[int], dtype: Any = np.float32) -> Tracer:
    """Return ones."""
    return _full(shape, 1, dtype)


def arange(*bounds: int) -> Tracer:
    """Return whole numbers at even distances."""
    return ACTIVE[-1].constant(np.arange(*bounds))


class Namespace(ModuleType):
    """The functions of this module; a function that is missing raises an `ExportError` with its name."""

    def __init__(self) -> None:
        super().__init__(__name__)
        self.__dict__.update({name: each for name, each in globals().items() if not name.startswith("_")})

    def __getattr__(self, name: str) -> NoReturn:
        raise ExportError(f"the step uses the array function `{name}`, which no operation of an export covers")


ACTIVE: list[Recording] = []
"""The recorder of the present trace, last: functions that get no array record there."""
