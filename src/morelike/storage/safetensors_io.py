"""The safetensors format for arrays that are too large to copy: written in chunks, read as views of a mapped file.

A file begins with eight bytes, the length of its header. The header is JSON: each array's type, shape and offsets. The
numbers follow.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from morelike.errors import ModelError, excerpt
from morelike.storage.untrusted import LARGEST_JSON, read_json

DTYPES = {
    "F64": "<f8", "I64": "<i8", "U64": "<u8", "F32": "<f4", "I32": "<i4", "U32": "<u4",
    "F16": "<f2", "I16": "<i2", "U16": "<u2", "I8": "|i1", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip
RANKS = ("U64", "I64", "F64", "F32", "U32", "I32", "F16", "U16", "I16", "I8", "U8", "BOOL")  # the usual order
NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}
CHUNK = 16 << 20


class Packed:
    """Arrays in the safetensors format, whose bytes are made when they are written: equal arrays give equal bytes."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None) -> None:
        self._arrays = [arrays[name] for name in sorted(arrays, key=lambda name: (_rank(arrays[name]), name))]
        header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
        end = 0
        for name in sorted(arrays, key=lambda name: (_rank(arrays[name]), name)):
            array = arrays[name]
            begin, end = end, end + array.nbytes
            kind = NAMES[array.dtype.newbyteorder("<")]
            header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [begin, end]}
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        self._head = len(text).to_bytes(8, "little") + text
        self._length = len(self._head) + end

    def __len__(self) -> int:
        return self._length

    def __bytes__(self) -> bytes:
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes | memoryview]:
        """Yield the bytes in order, at most 16 MB of an array at once."""
        yield self._head
        for array in self._arrays:
            flat = array.reshape(-1)
            step = CHUNK // array.dtype.itemsize
            for first in range(0, len(flat), step):
                block = np.ascontiguousarray(flat[first : first + step], dtype=array.dtype.newbyteorder("<"))
                yield block.view(np.uint8).data


def pack(arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None) -> bytes:
    """Return arrays in the safetensors format: the same bytes for the same arrays."""
    return bytes(Packed(arrays, metadata))


def unpack(path: Path, data: bytes | mmap.mmap) -> dict[str, NDArray[Any]]:
    """Return the arrays in safetensors bytes; the arrays of a mapped file are views of it. Messages name `path`.

    Raises:
        ModelError: another format, or sizes that do not fit the bytes.
    """
    try:
        arrays: dict[str, NDArray[Any]] = _views(data) if isinstance(data, mmap.mmap) else load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"'{path}' is damaged: {str(error).splitlines()[0]}") from None
    return arrays


def _views(data: mmap.mmap) -> dict[str, NDArray[Any]]:
    """Return the arrays of a mapped file, whose numbers are read from the file when they are used.

    Raises:
        ValueError, KeyError, TypeError: another format, or sizes that do not fit the bytes.
    """
    length = int.from_bytes(data[:8], "little")
    begin = 8 + length
    if length > LARGEST_JSON or begin > len(data):
        raise ValueError("its header is too long")
    header = read_json(data[8:begin])
    header.pop("__metadata__", None)
    arrays = {}
    for name, facts in header.items():
        dtype, shape = np.dtype(DTYPES[facts["dtype"]]), [int(length) for length in facts["shape"]]
        first, end = facts["data_offsets"]
        count = prod(shape)
        if min(shape, default=0) < 0 or not 0 <= first <= end <= len(data) - begin:
            raise ValueError(f"the numbers of {excerpt(name)} are not in the file")
        if end - first != count * dtype.itemsize:
            raise ValueError(f"the shape of {excerpt(name)} does not fit its numbers")
        flat = np.frombuffer(data, dtype, count, begin + first) if count else np.empty(0, dtype)
        arrays[name] = flat.reshape(shape)
    return arrays


def _rank(array: NDArray[Any]) -> int:
    return RANKS.index(NAMES[array.dtype.newbyteorder("<")])
