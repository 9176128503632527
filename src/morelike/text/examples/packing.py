"""Laying pieces of lines side by side in rows of one width, longest first, and the rows of a stored list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.text.vocabulary import END, TokenLines

__all__ = ["IGNORED", "RowIndex", "best_fit", "count_rows", "fullest_width", "index_rows", "pieces"]

IGNORED = -1
"""The target of a padding position: nothing is to be predicted there."""

TOGETHER = 1 << 16
"""Pieces among which the best fit is looked for; a longer list is packed in blocks of so many."""
TRIED = 4096
"""Lines by which the width of rows is chosen."""


def pieces(
    lengths: Int[NDArray[Any], " lines"], width: int
) -> tuple[Int[NDArray[Any], " P"], Int[NDArray[Any], " P"], Int[NDArray[Any], " P"]]:
    """Return the pieces of lines, none longer than `width`: the line of each, where in it it begins, and its length.

    >>> [array.tolist() for array in pieces(np.array([3, 5]), 3)]
    [[0, 1, 1], [0, 0, 3], [3, 3, 2]]
    """
    of_line = -(-lengths // width)
    line = np.repeat(np.arange(len(lengths)), of_line)
    begin = (np.arange(len(line)) - np.repeat(np.cumsum(of_line) - of_line, of_line)) * width
    return line, begin, np.minimum(lengths[line] - begin, width)


def best_fit(
    lengths: Int[NDArray[Any], " P"], width: int
) -> tuple[Int[NDArray[Any], " P"], Int[NDArray[Any], " P"], int]:
    """Return the row and the first column of each piece, and the number of rows.

    Each piece, the longest first, is laid in the row that it fills best (best fit decreasing, Johnson 1973), among the
    rows of its own block of 65,536 pieces.
    """
    rows, columns, count = np.empty(len(lengths), np.int64), np.empty(len(lengths), np.int32), 0
    for first in range(0, len(lengths), TOGETHER):
        block = lengths[first : first + TOGETHER].astype(np.int64)
        falling = np.argsort(-block, kind="stable")
        of_block, columns[first + falling], more = _best_fit(block[falling].tolist(), width)
        rows[first + falling] = np.array(of_block, dtype=np.int64) + count
        count += more
    return rows, columns, count


def fullest_width(lengths: Int[NDArray[Any], " lines"], widths: range) -> int:
    """Return the one of the widths at which the rows of these lines are fullest; the least within a hundredth of it.

    Of a long list, 4,096 lines are tried, evenly drawn.

    >>> fullest_width(np.array([7, 7, 8, 6, 7, 7]), range(9, 17))
    14
    """
    drawn = lengths[np.linspace(0, max(len(lengths) - 1, 0), min(len(lengths), TRIED)).astype(np.int64)]

    def fill(width: int) -> float:
        of_pieces = pieces(drawn, width)[2]
        return int(of_pieces.sum()) / max(best_fit(of_pieces, width)[2] * width, 1)

    fills = {width: fill(width) for width in widths}
    return next(width for width in widths if fills[width] >= max(fills.values()) - 0.01)


@dataclass(frozen=True)
class RowIndex:
    """The rows of a list on disk: where their pieces begin among its tokens; no row is laid out until it is asked for.

    `starts` int64[P] and `lengths` uint16[P] are the pieces', row after row; `first` int64[R + 1] is the first piece of
    each row: ten bytes a piece and eight a row. `weights` int64[P], what each piece weighs, where lines have weights.
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
        """Return the inputs, the targets and the weights of rows, as `packed_rows` lays them: each [*shape, T]."""
        flat = index.reshape(-1)
        each = self.first[flat + 1] - self.first[flat]
        piece = _ranges(self.first[flat], each)
        lengths = self.lengths[piece].astype(np.int64)
        before = np.cumsum(lengths) - lengths
        row_begins = before[np.cumsum(each) - each]
        slot = np.repeat(np.arange(len(flat)) * self.width - row_begins, each)  # pieces of a row follow one another
        to = np.arange(lengths.sum()) + np.repeat(slot, lengths)
        at = _ranges(self.starts[piece], lengths)
        shape = (*index.shape, self.width)
        size = len(flat) * self.width
        inputs, targets = np.full(size, END, np.int32), np.full(size, IGNORED, np.int32)
        targets[to] = self.lines.tokens[at]
        inputs[to] = np.where(at > 0, self.lines.tokens[np.maximum(at - 1, 0)], END)  # a line follows an end
        if self.weights is None:
            return inputs.reshape(shape), targets.reshape(shape), None
        weights = np.zeros(size, np.int64)
        weights[to] = np.repeat(self.weights[piece], lengths)
        return inputs.reshape(shape), targets.reshape(shape), weights.reshape(shape)


def index_rows(lines: TokenLines, order: Int[NDArray[Any], " lines"], width: int) -> RowIndex:
    """Return the rows of lines taken in this order; they are those of `packed_rows(lines.take(order), width)`."""
    found = list(_pieces_in_order(lines, order, width))
    starts, lengths = (np.concatenate(arrays) for arrays in list(zip(*found, strict=True))[:2])
    weights = None if lines.weights is None else np.concatenate([weights for _, _, weights in found])
    del found
    firsts, count = [np.zeros(1, np.int64)], 0
    for block in (slice(first, first + TOGETHER) for first in range(0, len(starts), TOGETHER)):
        rows, columns, more = best_fit(lengths[block], width)
        by_row = np.argsort(rows * width + columns)
        starts[block], lengths[block] = starts[block][by_row], lengths[block][by_row]
        if weights is not None:
            weights[block] = weights[block][by_row]
        firsts.append(count + np.cumsum(np.bincount(rows, minlength=more)))
        count = int(firsts[-1][-1])
    return RowIndex(lines, width, starts, lengths, np.concatenate(firsts), weights)


def count_rows(lines: TokenLines, width: int) -> int:
    """Return how many rows the lines make in their own order, without laying out any."""
    if not lines.mapped:
        return best_fit(pieces(lines.lengths, width)[2], width)[2]
    waiting, count = np.zeros(0, dtype=np.uint16), 0
    for _, lengths, _ in _pieces_in_order(lines, np.arange(len(lines), dtype=np.uint32), width):
        waiting = np.concatenate([waiting, lengths])
        whole = len(waiting) // TOGETHER * TOGETHER
        count += best_fit(waiting[:whole], width)[2]
        waiting = waiting[whole:]
    return count + best_fit(waiting, width)[2]


def _pieces_in_order(
    lines: TokenLines, order: Int[NDArray[Any], " lines"], width: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.int64] | None]]:
    """Yield where pieces begin, their lengths and what they weigh, for some lines at a time."""
    for first in range(0, len(order), TOGETHER):
        some = order[first : first + TOGETHER].astype(np.int64)
        begins = lines.offsets[some]
        line, within, lengths = pieces(lines.offsets[some + 1] - begins, width)
        weights = None if lines.weights is None else lines.weights[some][line]
        yield begins[line] + within, lengths.astype(np.uint16), weights


def _ranges(first: Int[NDArray[Any], " N"], counts: Int[NDArray[Any], " N"]) -> Int[NDArray[Any], " M"]:
    """Return `counts` numbers from each first one on, one range after the other."""
    ranges: NDArray[Any] = np.arange(counts.sum()) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    return ranges


def _best_fit(lengths: list[int], width: int) -> tuple[list[int], list[int], int]:
    """Return the row and the first column of each length, laid in this order, and how many rows that takes."""
    rows_with_room: list[list[int]] = [[] for _ in range(width + 1)]
    rooms = 0  # bit r says whether there are rows with room for r
    rows, columns = [], []
    count = 0
    for length in lengths:
        if fitting := rooms >> length:
            room = length + (fitting & -fitting).bit_length() - 1
            row = rows_with_room[room].pop()
            if not rows_with_room[room]:
                rooms ^= 1 << room
        else:
            row, room, count = count, width, count + 1
        rows.append(row)
        columns.append(width - room)
        if left := room - length:
            rows_with_room[left].append(row)
            rooms |= 1 << left
    return rows, columns, count
