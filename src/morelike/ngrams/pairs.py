"""Counting how often one symbol follows another, for the commonest symbols."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.text.vocabulary import TokenLines


def count_pairs(
    lines: TokenLines, vocabulary_size: int, most: int, *, text: bool = False
) -> tuple[Int[NDArray[Any], " S"], Int[NDArray[Any], "S S"]]:
    """Return the `most` commonest symbols, sorted by id, and how often each (row) is followed by each (column).

    The end symbol also stands before each line. The end of a running text (`text`) is not counted.

    >>> from morelike.text.vocabulary import Vocabulary
    >>> ids, counts = count_pairs(Vocabulary.of(["ab"]).encode_lines(["ab", "a"]), 3, 10)
    >>> ids.tolist(), counts.tolist()
    ([0, 1, 2], [[0, 2, 0], [1, 0, 1], [1, 0, 0]])
    """
    tokens = lines.tokens[:-1] if text else lines.tokens
    frequency = np.bincount(tokens, minlength=vocabulary_size)
    ids = np.sort(np.argsort(-frequency, kind="stable")[:most])
    ids = ids[frequency[ids] > 0]
    row = np.full(vocabulary_size, -1)
    row[ids] = np.arange(len(ids))
    before = tokens[:-1] if text else np.concatenate([tokens[-1:], tokens[:-1]])  # END closes the line before
    first, second = row[before], row[tokens[1:] if text else tokens]
    shown = (first >= 0) & (second >= 0)
    counts = np.bincount(first[shown] * len(ids) + second[shown], minlength=len(ids) ** 2)
    return ids, counts.reshape(len(ids), len(ids))
