"""Columns of numbers that grow block by block and are read slice by slice, in memory or on disk.

A column on disk is a temporary file without a name, in the folder that TMPDIR names. The system removes the file when
the process ends, even if the process is killed.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray


class DiskColumn:
    """A column of numbers that grows, in memory or on disk; only the slices that are asked for are read from disk."""

    def __init__(self, dtype: Any, *, on_disk: bool) -> None:
        self._dtype = np.dtype(dtype)
        self._blocks: list[NDArray[Any]] = []
        self._length = 0
        self._file: int | None = None
        if on_disk:
            with tempfile.TemporaryFile(prefix="morelike-") as file:
                self._file = os.dup(file.fileno())
            weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        return self._length

    def append(self, block: NDArray[Any]) -> None:
        """Append a block.

        Raises:
            OSError: the disk is full.
        """
        block = np.ascontiguousarray(block, dtype=self._dtype)
        self._length += len(block)
        if self._file is None:
            self._blocks.append(block)
            return
        rest = block.view(np.uint8).data
        while len(rest):
            rest = rest[os.write(self._file, rest) :]

    def __getitem__(self, part: slice) -> NDArray[Any]:
        if self._file is None:
            return self.array()[part]
        start, stop, _ = part.indices(self._length)
        result = np.empty(max(stop - start, 0), dtype=self._dtype)
        target, at = result.view(np.uint8).data, start * self._dtype.itemsize
        while len(target):
            read = os.preadv(self._file, [target], at)
            if not read:
                raise OSError("a temporary file has become shorter while n-grams were counted")
            target, at = target[read:], at + read
        return result

    def array(self) -> NDArray[Any]:
        """Return the column as an array, memory-mapped if it is on disk."""
        if self._file is not None and self._length:
            return np.frombuffer(mmap.mmap(self._file, 0, access=mmap.ACCESS_READ), self._dtype, self._length)
        if len(self._blocks) != 1:
            self._blocks = [np.concatenate([np.empty(0, dtype=self._dtype), *self._blocks])]
        return self._blocks[0]

    def numbers(self) -> Numbers:
        """Return the column to be sliced: an array if it is in memory."""
        return self.array() if self._file is None else self


Numbers: TypeAlias = NDArray[Any] | DiskColumn
"""Numbers to be sliced, in memory or on disk."""
