"""Packing lines into rows of a fixed width: cutting long lines, best-fit packing, and the choice of the width."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int

BLOCK_PIECES = 1 << 16
"""Pieces that are packed together. The pieces of a longer list are packed block by block."""
SAMPLED_LINES = 4096
"""Lines by which the width of rows is chosen, at most."""


def cut_lines(
    lengths: Int[NDArray[Any], " lines"], width: int
) -> tuple[Int[NDArray[Any], " P"], Int[NDArray[Any], " P"], Int[NDArray[Any], " P"]]:
    """Cut lines into pieces of at most `width` characters; return each piece's line, start in its line, and length.

    >>> [array.tolist() for array in cut_lines(np.array([3, 5]), 3)]
    [[0, 1, 1], [0, 0, 3], [3, 3, 2]]
    """
    counts = -(-lengths // width)
    line = np.repeat(np.arange(len(lengths)), counts)
    start = (np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)) * width
    return line, start, np.minimum(lengths[line] - start, width)


def pieces_with_context(
    offsets: Int[NDArray[Any], " lines_and_one"], width: int, context: int
) -> tuple[Int[NDArray[Any], " P"], Int[NDArray[Any], " P"], Int[NDArray[Any], " P"]]:
    """Cut lines into pieces of at most `width` characters, and precede each by up to `context` characters of its line.

    Returns:
        For each piece, the start of its context, its end, and its own start.

    >>> [array.tolist() for array in pieces_with_context(np.array([0, 3, 8]), 3, 2)]
    [[0, 3, 4], [3, 6, 8], [0, 3, 6]]
    """
    line, start, lengths = cut_lines(np.diff(offsets), width)
    start += offsets[line]
    return np.maximum(start - context, offsets[line]), start + lengths, start


def best_fit_decreasing(
    lengths: Int[NDArray[Any], " P"], width: int
) -> tuple[Int[NDArray[Any], " P"], Int[NDArray[Any], " P"], int]:
    """Return the row and the first column of each piece, and the number of rows.

    The longest piece comes first. Each piece goes to the row that it fills best (best fit decreasing, Johnson 1973).
    Pieces are packed in blocks of 65,536; no row has pieces of two blocks.
    """
    rows, columns, count = np.empty(len(lengths), np.int64), np.empty(len(lengths), np.int32), 0
    for first in range(0, len(lengths), BLOCK_PIECES):
        block = lengths[first : first + BLOCK_PIECES].astype(np.int64)
        decreasing = np.argsort(-block, kind="stable")
        block_rows, columns[first + decreasing], block_count = _best_fit(block[decreasing].tolist(), width)
        rows[first + decreasing] = np.array(block_rows, dtype=np.int64) + count
        count += block_count
    return rows, columns, count


def choose_row_width(lengths: Int[NDArray[Any], " lines"], widths: range) -> int:
    """Return the least of these widths at which the rows are, to within 0.01, as full as at the best width.

    Of a long list, 4,096 evenly spaced lines are packed.

    >>> choose_row_width(np.array([7, 7, 8, 6, 7, 7]), range(9, 17))
    14
    """
    sample = lengths[np.linspace(0, max(len(lengths) - 1, 0), min(len(lengths), SAMPLED_LINES)).astype(np.int64)]

    def fill(width: int) -> float:
        piece_lengths = cut_lines(sample, width)[2]
        return int(piece_lengths.sum()) / max(best_fit_decreasing(piece_lengths, width)[2] * width, 1)

    fills = {width: fill(width) for width in widths}
    return next(width for width in widths if fills[width] >= max(fills.values()) - 0.01)


def _best_fit(lengths: list[int], width: int) -> tuple[list[int], list[int], int]:
    """Return the row and the first column of each piece, packed in this order, and the number of rows."""
    rows_by_room: list[list[int]] = [[] for _ in range(width + 1)]
    rooms = 0  # bit r is set if a row has room for r more characters
    rows, columns = [], []
    count = 0
    for length in lengths:
        if fitting := rooms >> length:
            room = length + (fitting & -fitting).bit_length() - 1
            row = rows_by_room[room].pop()
            if not rows_by_room[room]:
                rooms ^= 1 << room
        else:
            row, room, count = count, width, count + 1
        rows.append(row)
        columns.append(width - room)
        if left := room - length:
            rows_by_room[left].append(row)
            rooms |= 1 << left
    return rows, columns, count
