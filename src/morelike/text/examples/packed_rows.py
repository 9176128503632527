"""Rows of a fixed width: the lines of a list packed into rows, and a running text in overlapping rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.text.examples.packing import best_fit_decreasing, cut_lines
from morelike.text.labels import label_symbols
from morelike.text.vocabulary import END, TokenLines

IGNORED = -1
"""The target at positions where nothing is predicted."""

MIN_FED = 64
"""Characters of a running text that precede the predicted ones in a row, at least."""
PREDICTED = 192
"""Characters of a running text that a row predicts."""


@dataclass(frozen=True)
class PackedRows:
    """Lines packed into rows of a fixed width.

    Attributes:
        inputs: int32[R, T]. `END`, or the symbol of the line's label (see `text.labels`), precedes the first character
            of each line. Both tell a model to start with a new state.
        targets: int32[R, T], the character that follows each input, or `IGNORED` at padding.
        weights: int64[R, T], the weight of each target, or None if all weights are equal.
    """

    inputs: Int[NDArray[Any], "R T"]
    targets: Int[NDArray[Any], "R T"]
    weights: Int[NDArray[Any], "R T"] | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def fill(self) -> float:
        """The share of positions that are not padding."""
        return float(np.mean(self.targets != IGNORED))


def packed_rows(lines: TokenLines, width: int) -> PackedRows:
    """Return lines packed into rows of `width` positions by `packing.best_fit_decreasing`.

    A line longer than a row is cut into pieces. The first input of a later piece is the last character of the piece
    before it, but the model's state starts anew (truncated back-propagation through time). So one very long line
    determines neither the width of all rows nor the memory of a step.

    Shapes: lines [N characters] -> inputs, targets [R, T].
    """
    line, start, lengths = cut_lines(lines.lengths, width)
    rows, columns, count = best_fit_decreasing(lengths, width)
    row = np.repeat(rows, lengths)
    column = np.arange(len(lines.tokens)) + np.repeat(columns - lines.offsets[line] - start, lengths)
    shape = (count, width)
    inputs = np.full(shape, END, dtype=np.int32)
    targets = np.full(shape, IGNORED, dtype=np.int32)
    targets[row, column] = lines.tokens
    inputs[row[1:], column[1:]] = lines.tokens[:-1]  # the token before a line is the END of the previous line
    if lines.labels is not None:
        first = lines.offsets[:-1]
        inputs[row[first], column[first]] = label_symbols(lines.labels)
    if (character_weights := lines.character_weights) is None:
        return PackedRows(inputs, targets)
    weights = np.zeros(shape, dtype=np.int64)
    weights[row, column] = character_weights
    return PackedRows(inputs, targets, weights)


def text_rows(text: TokenLines, reach: int | None, block: int | None) -> PackedRows:
    """Return a running text as rows that predict each character except the first exactly once.

    A row starts with characters of the row before it, which are inputs only.

    Args:
        text: one line.
        reach: the number of characters that a model sees before the one it predicts; None for no limit. At least this
            many inputs, and at least 64, precede the predicted characters.
        block: the number of characters after which a model starts anew, or None. It is then the width of the rows, and
            their first half is input only.

    >>> rows = text_rows(TokenLines(np.array([1, 2, 3, 4, 5, END]), np.array([0, 6])), None, 4)
    >>> rows.inputs.tolist(), rows.targets.tolist()
    ([[1, 2, 0, 0], [1, 2, 3, 4]], [[2, 3, -1, -1], [-1, -1, 4, 5]])
    """
    fed = max(reach or 0, MIN_FED) if block is None else block // 2
    predicted = PREDICTED if block is None else block - fed
    tokens = text.tokens[:-1]  # the end of the text is not predicted
    first = np.arange(0, max(len(tokens) - 1, 1), predicted)  # the first predicting position of each row
    position = np.maximum(first - fed, 0)[:, None] + np.arange(fed + predicted)
    end = np.minimum(first + predicted, len(tokens) - 1)[:, None]
    padded = np.concatenate([tokens, np.full(fed + predicted + 1, END, dtype=tokens.dtype)])
    predicts = (position >= first[:, None]) & (position < end)
    inputs = np.where(position < end, padded[position], END)
    return PackedRows(inputs, np.where(predicts, padded[position + 1], IGNORED))
