"""Columns of numbers that grow block by block and are read slice by slice, in memory or on disk.

A column on disk is a temporary file without a name, in the folder that TMPDIR names. The system removes the file when
the process ends, even if the process is killed.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = ["DiskColumn", "DiskNumbers", "Numbers"]


@runtime_checkable
class Numbers(Protocol):
    """A sequence of numbers to be sliced: an array, or numbers on disk."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> NDArray[Any]: ...


class _File:
    """A temporary file without a name; it is closed when no object refers to it any more."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile(prefix="morelike-") as file:
            self.descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self.descriptor)


class DiskNumbers:
    """Numbers in a temporary file; only the slices that are asked for are read into memory."""

    def __init__(self, file: _File, dtype: np.dtype[Any], length: int, offset: int = 0) -> None:
        self._file, self._dtype, self._length, self._offset = file, dtype, length, offset

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> NDArray[Any]:
        start, stop, _ = part.indices(self._length)
        result = np.empty(max(stop - start, 0), dtype=self._dtype)
        target = result.view(np.uint8).data
        at = self._offset + start * self._dtype.itemsize
        while len(target):
            read = os.preadv(self._file.descriptor, [target], at)
            if not read:
                raise OSError("a temporary file has become shorter while n-grams were counted")
            target, at = target[read:], at + read
        return result

    def mapped(self) -> NDArray[Any]:
        """Return the numbers as a memory-mapped array."""
        if not self._length:
            return np.empty(0, dtype=self._dtype)
        mapped = mmap.mmap(self._file.descriptor, 0, access=mmap.ACCESS_READ)
        return np.frombuffer(mapped, self._dtype, self._length, self._offset)


class DiskColumn:
    """A column of numbers that grows, on disk or in memory."""

    def __init__(self, dtype: Any, *, on_disk: bool) -> None:
        self._dtype = np.dtype(dtype)
        self._file = _File() if on_disk else None
        self._blocks: list[NDArray[Any]] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, block: NDArray[Any]) -> Numbers:
        """Append a block, and return it as the column keeps it.

        Raises:
            OSError: the disk is full.
        """
        block = np.ascontiguousarray(block, dtype=self._dtype)
        offset = self._length * self._dtype.itemsize
        self._length += len(block)
        if self._file is None:
            self._blocks.append(block)
            return block
        rest = block.view(np.uint8).data
        while len(rest):
            rest = rest[os.write(self._file.descriptor, rest) :]
        return DiskNumbers(self._file, self._dtype, len(block), offset)

    def numbers(self) -> Numbers:
        """Return all numbers of the column, to be sliced."""
        return self.array() if self._file is None else DiskNumbers(self._file, self._dtype, self._length)

    def array(self) -> NDArray[Any]:
        """Return all numbers of the column as an array, memory-mapped if they are on disk."""
        if self._file is not None:
            return DiskNumbers(self._file, self._dtype, self._length).mapped()
        if len(self._blocks) != 1:
            self._blocks = [np.concatenate([np.empty(0, dtype=self._dtype), *self._blocks])]
        return self._blocks[0]
