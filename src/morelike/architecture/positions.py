"""The position of each character on its line, and the attention mask of a row of lines."""

from __future__ import annotations

from morelike.architecture.label_table import is_line_start
from morelike.arrays import Array, Bool, Int, namespace


def positions_and_mask(tokens: Int[Array, "B T"], limit: int) -> tuple[Int[Array, "B T"], Bool[Array, "B T T"]]:
    """Return each character's position in its block, and the attention mask: [b, t, s] is true if t sees s.

    A line begins at its `END`, or at the symbol of its label. After `limit` characters of a line a new block begins at
    position 0. A character sees itself and the characters before it in its block.

    >>> import numpy as np
    >>> positions, sees = positions_and_mask(np.array([[0, 5, 0, 7, 8, 9]]), 3)
    >>> positions.tolist()
    [[0, 1, 0, 1, 2, 0]]
    >>> sees[0, 4].tolist()
    [False, False, True, True, True, False]
    """
    xp = namespace(tokens)
    line = xp.cumsum(is_line_start(tokens).astype(xp.int32), axis=1)
    time = xp.arange(tokens.shape[1])
    same = (line[:, :, None] == line[:, None, :]) & (time[:, None] >= time)
    along = xp.sum(same.astype(xp.int32), axis=-1) - 1
    block = along // limit
    return along % limit, same & (block[:, :, None] == block[:, None, :])
