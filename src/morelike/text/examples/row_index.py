"""Packed rows of a stored list. An index is in memory, and rows are read from disk on access."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.text.examples.packed_rows import IGNORED
from morelike.text.examples.packing import BLOCK_PIECES, best_fit_decreasing, cut_lines
from morelike.text.vocabulary import END, TokenLines


@dataclass(frozen=True)
class RowIndex:
    """The positions of the pieces of each row among the tokens of a list: ten bytes per piece and eight per row.

    Attributes:
        lines: the lines of the list, on disk.
        width: the width of the rows.
        starts: int64[P], the start of each piece among the tokens, row by row.
        lengths: uint16[P], the length of each piece.
        first: int64[R + 1], the index of the first piece of each row.
        weights: int64[P], the weight of each piece, or None if all lines have weight 1.
    """

    lines: TokenLines
    width: int
    starts: Int[NDArray[Any], " P"]
    lengths: Int[NDArray[Any], " P"]
    first: Int[NDArray[Any], " rows_and_one"]
    weights: Int[NDArray[Any], " P"] | None = None

    def __len__(self) -> int:
        return len(self.first) - 1

    def rows(
        self, index: Int[NDArray[Any], "*shape"]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64] | None]:
        """Return the inputs, the targets and the weights of rows, as in `PackedRows`: each [*shape, T]."""
        flat = index.reshape(-1)
        piece_counts = self.first[flat + 1] - self.first[flat]
        piece = _ranges(self.first[flat], piece_counts)
        lengths = self.lengths[piece].astype(np.int64)
        row_lengths = np.add.reduceat(lengths, np.cumsum(piece_counts) - piece_counts)
        source = _ranges(self.starts[piece], lengths)
        target = _ranges(np.arange(len(flat)) * self.width, row_lengths)  # the pieces of a row are contiguous
        shape = (*index.shape, self.width)
        size = len(flat) * self.width
        inputs, targets = np.full(size, END, np.int32), np.full(size, IGNORED, np.int32)
        targets[target] = self.lines.tokens[source]
        # The token before a line is the END of the previous line.
        inputs[target] = np.where(source > 0, self.lines.tokens[np.maximum(source - 1, 0)], END)
        if self.weights is None:
            return inputs.reshape(shape), targets.reshape(shape), None
        weights = np.zeros(size, np.int64)
        weights[target] = np.repeat(self.weights[piece], lengths)
        return inputs.reshape(shape), targets.reshape(shape), weights.reshape(shape)


def index_rows(lines: TokenLines, order: Int[NDArray[Any], " lines"], width: int) -> RowIndex:
    """Return the index of the rows of `packed_rows(lines.take(order), width)`."""
    blocks = list(_pieces_in_order(lines, order, width))
    starts, lengths = (np.concatenate(arrays) for arrays in list(zip(*blocks, strict=True))[:2])
    weights = None if lines.weights is None else np.concatenate([weights for _, _, weights in blocks])
    del blocks
    firsts, count = [np.zeros(1, np.int64)], 0
    for block in (slice(first, first + BLOCK_PIECES) for first in range(0, len(starts), BLOCK_PIECES)):
        rows, columns, row_count = best_fit_decreasing(lengths[block], width)
        by_row = np.argsort(rows * width + columns)
        starts[block], lengths[block] = starts[block][by_row], lengths[block][by_row]
        if weights is not None:
            weights[block] = weights[block][by_row]
        firsts.append(count + np.cumsum(np.bincount(rows, minlength=row_count)))
        count = int(firsts[-1][-1])
    return RowIndex(lines, width, starts, lengths, np.concatenate(firsts), weights)


def count_rows(lines: TokenLines, width: int) -> int:
    """Return the number of rows of `packed_rows(lines, width)` without building them."""
    if not lines.memory_mapped:
        return best_fit_decreasing(cut_lines(lines.lengths, width)[2], width)[2]
    waiting, count = np.zeros(0, dtype=np.uint16), 0
    for _, lengths, _ in _pieces_in_order(lines, np.arange(len(lines), dtype=np.uint32), width):
        waiting = np.concatenate([waiting, lengths])
        full = len(waiting) // BLOCK_PIECES * BLOCK_PIECES
        count += best_fit_decreasing(waiting[:full], width)[2]
        waiting = waiting[full:]
    return count + best_fit_decreasing(waiting, width)[2]


def _pieces_in_order(
    lines: TokenLines, order: Int[NDArray[Any], " lines"], width: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.int64] | None]]:
    """Yield the starts, the lengths and the weights of pieces, for a block of lines at a time."""
    for first in range(0, len(order), BLOCK_PIECES):
        block = order[first : first + BLOCK_PIECES].astype(np.int64)
        line_starts = lines.offsets[block]
        line, start, lengths = cut_lines(lines.offsets[block + 1] - line_starts, width)
        weights = None if lines.weights is None else lines.weights[block][line]
        yield line_starts[line] + start, lengths.astype(np.uint16), weights


def _ranges(first: Int[NDArray[Any], " N"], counts: Int[NDArray[Any], " N"]) -> Int[NDArray[Any], " M"]:
    """Return the concatenated ranges `first[i], first[i] + 1, ...` of `counts[i]` numbers each."""
    ranges: NDArray[Any] = np.arange(counts.sum()) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    return ranges
