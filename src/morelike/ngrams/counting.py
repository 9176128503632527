"""Counting the n-grams of lines: a trie whose levels are sorted arrays of integers, built by sorting alone.

The longest n-grams are counted in parts of the lines, and the parts are merged. The suffixes of the n-grams of a level
give the next shorter level. Counting holds little more than `memory` at once: the rest is on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.ngrams.disk_columns import DiskColumn, Numbers
from morelike.ngrams.merging import Runs, in_order
from morelike.ngrams.packed_keys import Packing, Table, count_packed
from morelike.text.vocabulary import END, TokenLines

ABSENT = -1
"""The node of an n-gram that was never seen."""
MEMORY = 400
"""MB that counting holds at once by default."""
ROW_BYTES = 100  # bytes that a row takes at most while it is sorted, without its words


@dataclass(frozen=True)
class Level:
    """All n-grams of one length k; n-gram i is node i of the level. Columns are arrays, or numbers on disk.

    `keys` int64[M], sorted: the node of the first k - 1 symbols on the level below, times V, plus the last symbol.
    `counts` int64[M]: how often the n-gram was seen; 0 for the end symbols that stand before a line.
    `continuations` int64[M]: how many distinct symbols were seen before the n-gram; 0 on the highest level.
    """

    keys: Numbers
    counts: Numbers
    continuations: Numbers

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def on_disk(self) -> bool:
        """Whether the level is larger than the memory for counting."""
        return not isinstance(self.keys, np.ndarray)


def rows_within(memory: int, threads: int, order: int, vocabulary_size: int) -> int:
    """Return how many n-grams each thread may work on at once, so that all threads hold `memory` MB."""
    words = Packing(order, vocabulary_size).words
    return max((memory << 20) // threads // (ROW_BYTES + 24 * words), 1)


def count_ngrams(
    lines: TokenLines, order: int, vocabulary_size: int, *, memory: int = MEMORY, threads: int = 1
) -> list[Level]:
    """Return the levels 1 to `order` of the n-grams in the lines; `order - 1` end symbols stand before each line.

    A line with a weight counts as that many equal lines. Levels are on disk if the lines are larger than `memory` (MB);
    they do not depend on the limit or the number of threads. Keys are below (nodes of a level) x V, so they fit 64 bits
    for any order and alphabet.

    >>> from morelike.text.vocabulary import Vocabulary
    >>> levels = count_ngrams(Vocabulary.of(["ab"]).encode_lines(["ab", "a"]), 2, 3)
    >>> levels[1].keys.tolist(), levels[1].counts.tolist()  # (start, a), (a, end), (a, b), (b, end)
    ([1, 3, 5, 6], [2, 1, 1, 1])
    """
    rows = rows_within(memory, threads, order, vocabulary_size)
    packing = Packing(order, vocabulary_size)
    start, end = int(lines.offsets[0]), int(lines.offsets[-1])
    on_disk = end - start > rows
    runs = Runs(packing, rows, on_disk=on_disk)
    for table in in_order(threads, partial(_count_part, lines, packing, rows), range(start, end, rows)):
        runs.add(table)
    drafts: list[_Draft] = []
    while packing.order:
        draft = _Draft(packing, on_disk=on_disk)
        below = Runs(packing.shorter, rows, on_disk=on_disk)
        if not drafts and order > 1:
            below.add(_start(packing.shorter))
        for table in runs.merged(threads):
            draft.append(table)
            if packing.order > 1:
                below.add(table.suffixes(packing))
        drafts.append(draft)
        runs, packing = below, packing.shorter
    return list(_numbered(drafts[::-1], rows))


def _count_part(lines: TokenLines, packing: Packing, rows: int, first: int) -> Table:
    """Return the longest n-grams that end in one of the `rows` tokens from token `first` on."""
    begin, end = int(lines.offsets[0]), min(first + rows, int(lines.offsets[-1]))
    past = np.full(packing.order - 1, END, dtype=lines.tokens.dtype)
    before = lines.tokens[max(begin, first - len(past)) : first]
    past[len(past) - len(before) :] = before
    tokens = np.concatenate([past, lines.tokens[first:end]])
    return count_packed(tokens, packing, _weights_of(lines, first, end))


def _weights_of(lines: TokenLines, first: int, end: int) -> NDArray[Any] | None:
    """Return the weight of the line of each token from `first` to `end`; None if lines have no weights."""
    if lines.weights is None:
        return None
    line = int(np.searchsorted(lines.offsets, first, side="right")) - 1
    stop = int(np.searchsorted(lines.offsets, end))
    return np.repeat(lines.weights[line:stop], np.diff(np.clip(lines.offsets[line : stop + 1], first, end)))


def _start(packing: Packing) -> Table:
    """Return the n-gram of end symbols before a line, with a count of 0."""
    none = np.zeros(1, dtype=np.int64)
    return Table(tuple(np.zeros(1, dtype=packing.dtype) for _ in range(packing.words)), none, none)


class _Draft:
    """A level whose parents are numbered among the n-grams of the level below that have n-grams after them."""

    def __init__(self, packing: Packing, *, on_disk: bool) -> None:
        self.packing, self.on_disk = packing, on_disk
        self.keys, self.counts, self.continuations, self.extended = (
            DiskColumn(np.int64, on_disk=on_disk) for _ in range(4)
        )
        self._parent = -1
        self._prefix: list[NDArray[Any]] = []

    def append(self, table: Table) -> None:
        """Append the n-grams of a table."""
        prefix = self.packing.without_last(table.words)
        differs = np.zeros(len(table.counts), dtype=bool)
        for word in prefix:
            differs[1:] |= word[1:] != word[:-1]
        last_prefix, self._prefix = self._prefix, [word[-1:] for word in prefix]
        differs[0] = not last_prefix or any(word[0] != last[0] for word, last in zip(prefix, last_prefix, strict=True))
        parents = self._parent + np.cumsum(differs)
        self._parent = int(parents[-1])
        last = self.packing.last(table.words)
        extended = last != END  # and the first n-gram of all: the end symbols before a line
        extended[0] |= len(self.keys) == 0
        self.extended.append(len(self.keys) + np.flatnonzero(extended))
        self.keys.append(parents * self.packing.symbols + last)
        self.counts.append(table.counts)
        self.continuations.append(table.continuations)


def _numbered(drafts: list[_Draft], rows: int) -> Iterator[Level]:
    """Yield the levels from the lowest, with parents numbered as the nodes of the level below."""
    below: Numbers = np.zeros(1, dtype=np.int64)
    for draft in drafts:
        symbols, drafted = draft.packing.symbols, draft.keys.numbers()
        keys = DiskColumn(np.int64, on_disk=draft.on_disk)
        for first in range(0, len(drafted), rows):
            parents, last = np.divmod(drafted[first : first + rows], symbols)
            nodes = below[int(parents[0]) : int(parents[-1]) + 1]
            keys.append(nodes[parents - parents[0]] * symbols + last)
        yield Level(keys.numbers(), draft.counts.numbers(), draft.continuations.numbers())
        below = draft.extended.numbers()


def find_nodes(keys: Int[NDArray[Any], " M"], wanted: Int[NDArray[Any], "*shape"]) -> Int[NDArray[Any], "*shape"]:
    """Return the index of each wanted key in the sorted `keys`, `ABSENT` for keys that are not there.

    >>> find_nodes(np.array([2, 5, 9]), np.array([5, 6, -3])).tolist()
    [1, -1, -1]
    """
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, ABSENT)


def are_keys(keys: Int[NDArray[Any], " M"], limit: int) -> bool:
    """Return whether these are keys as `count_ngrams` makes them: at least one, rising, from 0 to below `limit`.

    >>> are_keys(np.array([2, 5, 9]), 10), are_keys(np.array([5, 2]), 10), are_keys(np.array([], dtype=int), 10)
    (True, False, False)
    """
    return len(keys) > 0 and bool(keys[0] >= 0 and keys[-1] < limit and np.all(keys[1:] > keys[:-1]))
