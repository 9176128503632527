"""Checks of a store's arrays: each file is read once, in blocks, when the store is opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.errors import ListError
from morelike.text.vocabulary import END

BLOCK = 1 << 20
"""Numbers that are read at once."""


@dataclass(frozen=True)
class ExpectedArrays:
    """What the facts of a store say about its arrays: the items of each split, and the type of ids."""

    lines: Sequence[int]
    tokens: Sequence[int]
    distinct: Sequence[int]
    symbols: int
    id_type: Any
    counted: bool


def check_arrays(folder: Path, expected: ExpectedArrays) -> None:
    """Check that the arrays of a store are what its words, splits and counts are read from.

    The sizes of the files are those of `expected`.

    Raises:
        ListError: an id that is not in the vocabulary, lines that do not end where the offsets say, an unknown split,
            hashes that are not sorted, or a count below 1. The message names the file.
    """
    try:
        _check_tokens(folder, expected)
        _check_splits(folder / "parts.bin", expected.lines)
        _check_hashes(folder / "known.bin", expected.distinct)
        if expected.counted and any(np.any(block < 1) for block in _blocks(folder / "counts.bin", "<i8")):
            raise _damaged(folder / "counts.bin", "a count is below 1")
    except OSError as error:
        raise ListError(f"'{folder}' cannot be read: {error.strerror}") from None


def _check_tokens(folder: Path, expected: ExpectedArrays) -> None:
    """Check that every id is known, and that the offsets of each split are 0 and the places after each end symbol."""
    begin = offset = 0
    for lines, tokens in zip(expected.lines, expected.tokens, strict=True):
        offsets = _Reader(folder / "offsets.bin", offset)
        right, done, ended = offsets.read(1).tolist() == [0], 0, 0
        for block in _blocks(folder / "tokens.bin", expected.id_type, begin, tokens):
            if np.any(block < 0) or np.any(block >= expected.symbols):
                raise _damaged(folder / "tokens.bin", "an id is not in the vocabulary")
            ends = done + np.flatnonzero(block == END) + 1
            right = right and ended + len(ends) <= lines and np.array_equal(offsets.read(len(ends)), ends)
            done, ended = done + len(block), ended + len(ends)
            last_is_end = bool(block[-1] == END)
        if not right or ended != lines or (tokens and not last_is_end):
            raise _damaged(folder / "offsets.bin", "its lines do not end where those of tokens.bin do")
        begin, offset = begin + tokens, offset + lines + 1


def _check_splits(path: Path, lines: Sequence[int]) -> None:
    found = np.zeros(256, dtype=np.int64)
    for block in _blocks(path, "<u1"):
        found += np.bincount(block, minlength=256)
    if found[: len(lines)].tolist() != list(lines) or np.any(found[len(lines) :]):
        raise _damaged(path, "its splits have other numbers of lines")


def _check_hashes(path: Path, distinct: Sequence[int]) -> None:
    begin = 0
    for size in distinct:
        last = None
        for block in _blocks(path, "<u8", begin, size):
            if np.any(block[1:] <= block[:-1]) or (last is not None and block[0] <= last):
                raise _damaged(path, "its hashes are not sorted")
            last = block[-1]
        begin += size


class _Reader:
    """Reads the int64 of a file from an index onwards."""

    def __init__(self, path: Path, index: int) -> None:
        self._path, self._index = path, index

    def read(self, count: int) -> NDArray[np.int64]:
        numbers = np.fromfile(self._path, "<i8", count, offset=8 * self._index)
        self._index += count
        return numbers


def _blocks(path: Path, kind: Any, begin: int = 0, count: int | None = None) -> Iterator[NDArray[Any]]:
    """Yield some numbers of a file, by default all, block by block."""
    with path.open("rb") as file:
        file.seek(begin * np.dtype(kind).itemsize)
        while count is None or count > 0:
            block = np.fromfile(file, kind, BLOCK if count is None else min(BLOCK, count))
            if not len(block):
                return
            count = None if count is None else count - len(block)
            yield block


def _damaged(path: Path, reason: str) -> ListError:
    return ListError(f"'{path}' is damaged: {reason}; build the store again from its list")
