"""Training examples: contexts (K characters and the next) and packed rows (whole lines side by side in fixed width)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.text.examples.packing import IGNORED, best_fit
from morelike.text.labels import symbols_before
from morelike.text.vocabulary import END, TokenLines

__all__ = [
    "IGNORED",
    "ListCounts",
    "PackedRows",
    "contexts",
    "contexts_of",
    "count_list",
    "packed_rows",
    "pieces_with_past",
    "show_contexts",
    "text_rows",
]

FED_FIRST = 64
SCORED = 192
"""Characters of a text that a row feeds before it scores, and that it scores."""


@dataclass(frozen=True)
class ListCounts:
    """What there is to learn from: words, characters in them, and examples (each word's end is one to predict)."""

    words: int
    characters: int
    examples: int
    distinct_words: int
    symbols: int


def count_list(words: Sequence[str]) -> ListCounts:
    """Return the counts of a list.

    >>> count_list(["emma", "ava"])
    ListCounts(words=2, characters=7, examples=9, distinct_words=2, symbols=4)
    """
    characters = sum(map(len, words))
    distinct = set(words)
    return ListCounts(len(words), characters, characters + len(words), len(distinct), len(set().union(*distinct)))


def contexts(lines: TokenLines, length: int) -> tuple[Int[NDArray[Any], "N K"], Int[NDArray[Any], " N"]]:
    """Return each character's context of `length` ids and the character itself, for all lines.

    Before a line's first character stands `END`.

    >>> from morelike.text.vocabulary import Vocabulary
    >>> lines = Vocabulary.of(["ab"]).encode_lines(["ab"])
    >>> x, y = contexts(lines, 3)
    >>> x.tolist(), y.tolist()
    ([[0, 0, 0], [0, 0, 1], [0, 1, 2]], [1, 2, 0])
    """
    return contexts_of(lines.tokens, length), lines.tokens


def contexts_of(tokens: Int[NDArray[Any], " N"], length: int) -> Int[NDArray[Any], "N K"]:
    """Return the `length` ids before each position, `END` standing for all that lies before the line's start.

    Shapes: tokens [N], each line closed by `END` -> [N, K]. Column by column, each in one piece of memory: what stands
    `back` before a token is what stood `back - 1` before its neighbour, unless a line ended between the two.
    """
    columns = np.zeros((length, len(tokens)), dtype=np.int32)
    columns[0, 1:] = tokens[:-1]
    inside = columns[0] != END
    for back in range(1, length):
        np.multiply(columns[back - 1, :-1], inside[1:], out=columns[back, 1:])
    return columns[::-1].T


def show_contexts(words: Sequence[str], length: int) -> Iterator[tuple[str, str]]:
    """Yield each example of the words as text: the context and the next character, with `.` for the end symbol.

    >>> list(show_contexts(["ace"], 3))
    [('...', 'a'), ('..a', 'c'), ('.ac', 'e'), ('ace', '.')]
    """
    for word in words:
        symbols = "." * length + word + "."
        for i in range(len(word) + 1):
            yield symbols[i : i + length], symbols[i + length]


@dataclass(frozen=True)
class PackedRows:
    """Lines packed into rows of fixed width.

    `inputs` int32[R, T] holds `END` before each line's first character, or the symbol of the line's label (see
    `text.labels`): both tell a model to begin afresh. `targets`
    int32[R, T] is what follows each input, `IGNORED` where a row is padded; `weights` int64[R, T]
    what each target weighs, None where all weigh the same.
    """

    inputs: Int[NDArray[Any], "R T"]
    targets: Int[NDArray[Any], "R T"]
    weights: Int[NDArray[Any], "R T"] | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def fill(self) -> float:
        """Share of positions that are not padding."""
        return float(np.mean(self.targets != IGNORED))


def packed_rows(lines: TokenLines, width: int) -> PackedRows:
    """Return the lines in rows of `width` positions, whole lines one after another, as many as fit.

    Each line in turn is laid in the row that it fills best (see `packing.best_fit`). A line longer than a row is cut;
    what comes after the cut begins with the character before it as input and without the memory of what was further
    back (truncated back-propagation through time), so that one very long line sets neither the memory nor the width
    for all.

    Shapes: lines [N characters] -> inputs, targets [R, T].
    """
    offsets = _pieces(lines.offsets, width)
    lengths = np.diff(offsets)
    rows, columns, count = best_fit(lengths, width)
    row = np.repeat(rows, lengths)
    column = np.arange(len(lines.tokens)) + np.repeat(columns - offsets[:-1], lengths)
    shape = (count, width)
    inputs = np.full(shape, END, dtype=np.int32)
    targets = np.full(shape, IGNORED, dtype=np.int32)
    targets[row, column] = lines.tokens
    inputs[row[1:], column[1:]] = lines.tokens[:-1]  # a line follows the END of the one before it
    if lines.labels is not None:
        first = lines.offsets[:-1]
        inputs[row[first], column[first]] = symbols_before(lines.labels)
    if (of_characters := lines.character_weights) is None:
        return PackedRows(inputs, targets)
    weights = np.zeros(shape, dtype=np.int64)
    weights[row, column] = of_characters
    return PackedRows(inputs, targets, weights)


def text_rows(text: TokenLines, reach: int | None, block: int | None) -> PackedRows:
    """Return a running text as rows in which each character but the first is to be predicted once.

    Each row begins with characters of the row before it, which are fed and not predicted, so that a model that sees
    `reach` characters back sees them (64 where there is no limit); a model that begins anew after a block of `block`
    characters has rows of that length, the first half of which is fed alone.

    >>> rows = text_rows(TokenLines(np.array([1, 2, 3, 4, 5, END]), np.array([0, 6])), None, 4)
    >>> rows.inputs.tolist(), rows.targets.tolist()
    ([[1, 2, 0, 0], [1, 2, 3, 4]], [[2, 3, -1, -1], [-1, -1, 4, 5]])
    """
    fed = max(reach or 0, FED_FIRST) if block is None else block // 2
    scored = SCORED if block is None else block - fed
    tokens = text.tokens[:-1]  # its end is not predicted
    first = np.arange(0, max(len(tokens) - 1, 1), scored)  # of each row's own characters
    begin = np.maximum(first - fed, 0)
    column = np.arange(fed + scored)
    at = begin[:, None] + column
    end = np.minimum(first + scored, len(tokens) - 1)[:, None]
    padded = np.concatenate([tokens, np.full(fed + scored + 1, END, dtype=tokens.dtype)])
    own = (at >= first[:, None]) & (at < end)
    return PackedRows(np.where(at < end, padded[at], END), np.where(own, padded[at + 1], IGNORED))


def pieces_with_past(
    offsets: Int[NDArray[Any], " lines_and_one"], width: int, past: int
) -> tuple[Int[NDArray[Any], " P"], Int[NDArray[Any], " P"], Int[NDArray[Any], " P"]]:
    """Return the pieces of lines longer than `width`, each behind up to `past` characters of its own line.

    The three are where to begin to read, where the piece ends, and where it begins itself.

    >>> [array.tolist() for array in pieces_with_past(np.array([0, 3, 8]), 3, 2)]
    [[0, 3, 4], [3, 6, 8], [0, 3, 6]]
    """
    cuts = _pieces(offsets, width)
    line = offsets[np.searchsorted(offsets, cuts[:-1], side="right") - 1]
    return np.maximum(cuts[:-1] - past, line), cuts[1:], cuts[:-1]


def _pieces(offsets: Int[NDArray[Any], " lines_and_one"], width: int) -> Int[NDArray[Any], " pieces_and_one"]:
    """Return the lines' offsets with cuts inside every line that is longer than `width`."""
    lengths = np.diff(offsets)
    if not len(lengths) or lengths.max() <= width:
        return offsets
    pieces = -(-lengths // width)
    within = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    return np.append(np.repeat(offsets[:-1], pieces) + within * width, offsets[-1])
