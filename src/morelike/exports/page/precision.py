"""Weights in few bits: float16, or whole numbers of 6 to 8 bits with a float16 scale for each row.

Each whole number takes a byte; compression leaves little more than its bits. A trace is evaluated with the numbers that
the page will read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.exports.page.ngram_tables import decoded_table, encode_table
from morelike.exports.tracing import Constant, Table, Trace

Precision: TypeAlias = Literal["int6", "int7", "int8", "float16", "float32"]
BITS: dict[Precision, int] = {"int6": 6, "int7": 7, "int8": 8, "float16": 16, "float32": 32}
SMALL = 1024
"""Arrays with fewer numbers stay in float32: they are a small part of a file."""


def stored_as(array: NDArray[Any], precision: Precision) -> Precision:
    """Return the precision in which a page stores an array: matrices in the given one, all else in float32."""
    return precision if array.dtype == np.float32 and array.ndim > 1 and array.size >= SMALL else "float32"


def pack(array: NDArray[Any], precision: Precision) -> bytes:
    """Return the bytes of an array; whole numbers begin with the scale of each row of the last axis."""
    if precision in ("float32", "float16"):
        return array.astype("<f4" if precision == "float32" else "<f2").tobytes()
    numbers, scales = _whole_numbers(array, precision)
    return scales.astype("<f2").tobytes() + numbers.tobytes()


def as_stored(array: NDArray[Any], precision: Precision) -> NDArray[Any]:
    """Return the array that a page reads from `pack`.

    >>> as_stored(np.array([[127.0, 50.0], [0.0, 0.0]], np.float32), "int8").tolist()
    [[127.0, 50.0], [0.0, 0.0]]
    """
    with np.errstate(all="ignore"):  # the loss shows that a number is too large for float16
        if precision in ("float32", "float16"):
            return array.astype(precision).astype(array.dtype)
        numbers, scales = _whole_numbers(array, precision)
        result: NDArray[Any] = numbers * scales
    return result


def _whole_numbers(array: NDArray[Any], precision: Precision) -> tuple[NDArray[np.int8], NDArray[Any]]:
    """Return whole numbers, and the scale of each row as float32 with the digits of float16."""
    most = 2 ** (BITS[precision] - 1) - 1
    largest = np.abs(array).max(axis=-1, keepdims=True)
    scales = np.where(largest == 0, 1, largest / most).astype(np.float16).astype(np.float32)
    scales = np.maximum(scales, np.float32(np.finfo(np.float16).smallest_subnormal))
    numbers: NDArray[np.int8] = np.clip(np.rint(array / scales), -most, most).astype(np.int8)
    return numbers, scales


def is_wide(precision: Precision) -> bool:
    """Return whether codes of probabilities have two bytes at this precision of the weights."""
    return BITS[precision] > 8


def trace_as_stored(trace: Trace, precision: Precision) -> Trace:
    """Return the trace with the constants and the tables that a page of this precision reads."""
    constants = {
        number: Constant(each.name, as_stored(each.array, stored_as(each.array, precision)))
        for number, each in trace.constants.items()
    }
    wide = is_wide(precision)
    tables = tuple(Table(each.architecture, decoded_table(encode_table(each, wide=wide))) for each in trace.tables)
    return replace(trace, constants=constants, tables=tables)
