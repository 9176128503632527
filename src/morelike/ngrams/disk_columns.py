"""Columns of numbers that grow block by block and are read slice by slice: in memory, or on disk where they are many.

What is on disk lies in temporary files without a name, in the folder that TMPDIR names: the system removes them when
the process ends, however it ends.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = ["DiskColumn", "Numbers", "Spooled"]


@runtime_checkable
class Numbers(Protocol):
    """Numbers in a row, of which one takes slices: an array, or what is spooled to disk."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> NDArray[Any]: ...


class _File:
    """A temporary file without a name, which ends with the last that holds it."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile(prefix="morelike-") as file:
            self.descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self.descriptor)


class Spooled:
    """Numbers in a temporary file; a slice is read into memory, and nothing else is."""

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
        """Return the numbers as an array that reads from the file what is looked at."""
        if not self._length:
            return np.empty(0, dtype=self._dtype)
        mapped = mmap.mmap(self._file.descriptor, 0, access=mmap.ACCESS_READ)
        return np.frombuffer(mapped, self._dtype, self._length, self._offset)


class DiskColumn:
    """A column that grows; `on_disk` says where."""

    def __init__(self, dtype: Any, *, on_disk: bool) -> None:
        self._dtype = np.dtype(dtype)
        self._file = _File() if on_disk else None
        self._blocks: list[NDArray[Any]] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, block: NDArray[Any]) -> Spooled | NDArray[Any]:
        """Put a block behind those that are there, and return it as it is kept.

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
        return Spooled(self._file, self._dtype, len(block), offset)

    def whole(self) -> Spooled | NDArray[Any]:
        """Return all that was appended."""
        if self._file is not None:
            return Spooled(self._file, self._dtype, self._length)
        if len(self._blocks) != 1:
            self._blocks = [np.concatenate([np.empty(0, dtype=self._dtype), *self._blocks])]
        return self._blocks[0]

    def array(self) -> NDArray[Any]:
        """Return all that was appended as an array, mapped to memory where it is on disk."""
        whole = self.whole()
        return whole.mapped() if isinstance(whole, Spooled) else whole
