"""The size of a batch while a step is traced.

Python's shapes are whole numbers, so the batch has one too: a prime that divides no other size. Each size that it
divides is a number of lines.
"""

from __future__ import annotations

from collections.abc import Sequence

BATCH = 1_000_003
"""A prime above the sizes of all models."""


def symbolic(shape: Sequence[int]) -> tuple[int, ...]:
    """Return a shape as in `Value`, from a shape while tracing.

    >>> symbolic((BATCH, 3))
    (-1, 3)
    """
    return tuple(-(size // BATCH) if is_lines(size) else size for size in shape)


def is_lines(size: int) -> bool:
    """Return whether a size while tracing is a number of lines.

    >>> is_lines(2 * BATCH), is_lines(3)
    (True, False)
    """
    return size > 0 and size % BATCH == 0
