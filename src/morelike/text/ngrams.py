"""Counting n-grams of lines: a trie whose levels are sorted arrays of whole numbers, built by sorting alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.text.vocabulary import END, TokenLines

__all__ = ["Level", "are_keys", "count_ngrams", "find_nodes"]

ABSENT = -1
"""The node of an n-gram that was never seen."""


@dataclass(frozen=True)
class Level:
    """All n-grams of one length k; n-gram i is node i of the level.

    `keys` int64[M], sorted: the node of the first k - 1 symbols on the level below, times V, plus the last symbol.
    `counts` int64[M]: how often it was seen; 0 for what only stands before a line's start.
    `suffixes` int64[M]: the node of its last k - 1 symbols on the level below.
    """

    keys: Int[NDArray[Any], " M"]
    counts: Int[NDArray[Any], " M"]
    suffixes: Int[NDArray[Any], " M"]


def count_ngrams(lines: TokenLines, order: int, vocabulary_size: int) -> list[Level]:
    """Return the levels 1 to `order` of the n-grams in the lines; `order - 1` end symbols stand before each line.

    A line with a weight counts as often as that many equal lines.

    Keys stay below (nodes of a level) x V, so they fit 64 bits for any order and alphabet.

    >>> from morelike.text.vocabulary import Vocabulary
    >>> levels = count_ngrams(Vocabulary.of(["ab"]).encode_lines(["ab", "a"]), 2, 3)
    >>> levels[1].keys.tolist(), levels[1].counts.tolist()  # (start, a), (a, end), (a, b), (b, end)
    ([1, 3, 5, 6], [2, 1, 1, 1])
    """
    tokens, position = _padded(lines, order)
    times = _times(lines, order)
    nodes = np.zeros_like(tokens)
    levels = []
    for k in range(1, order + 1):
        valid = np.flatnonzero(position >= k - 1)
        below = nodes[valid]
        before = nodes[valid - 1] if k > 1 else np.zeros_like(valid)
        keys, first, inverse = np.unique(
            before * vocabulary_size + tokens[valid], return_index=True, return_inverse=True
        )
        counts = np.bincount(inverse, weights=times[valid], minlength=len(keys)).astype(np.int64)
        levels.append(Level(keys, counts, below[first]))
        nodes = np.full_like(nodes, ABSENT)
        nodes[valid] = inverse
    return levels


def _times(lines: TokenLines, order: int) -> Int[NDArray[Any], " P"]:
    """Return how often each token of the padded lines counts: as its line weighs, an end before a line not at all."""
    pads = order - 1
    weights = np.ones(len(lines), dtype=np.int64) if lines.weights is None else lines.weights
    times = np.repeat(weights, lines.lengths + pads)
    first = lines.offsets[:-1] + pads * np.arange(len(lines))
    times[(first[:, None] + np.arange(pads)).ravel()] = 0
    return times


def find_nodes(keys: Int[NDArray[Any], " M"], wanted: Int[NDArray[Any], "*shape"]) -> Int[NDArray[Any], "*shape"]:
    """Return where the wanted keys stand among the sorted `keys`, `ABSENT` for those that do not.

    >>> find_nodes(np.array([2, 5, 9]), np.array([5, 6, -3])).tolist()
    [1, -1, -1]
    """
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, ABSENT)


def are_keys(keys: Int[NDArray[Any], " M"], limit: int) -> bool:
    """Return whether these are keys of a level as `count_ngrams` makes them: some, rising, from 0 to below `limit`.

    >>> are_keys(np.array([2, 5, 9]), 10), are_keys(np.array([5, 2]), 10), are_keys(np.array([], dtype=int), 10)
    (True, False, False)
    """
    return len(keys) > 0 and bool(keys[0] >= 0 and keys[-1] < limit and np.all(np.diff(keys) > 0))


def _padded(lines: TokenLines, order: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the lines with `order - 1` end symbols before each, and each token's position on its padded line."""
    pads = order - 1
    offsets = lines.offsets + pads * np.arange(len(lines.offsets))
    position = np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))
    tokens = np.full(offsets[-1], END, dtype=np.int64)
    tokens[position >= pads] = lines.tokens
    return tokens, position
