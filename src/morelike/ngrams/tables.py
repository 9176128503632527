"""From the counts of n-grams to the tables of a model: each smoothing's estimates, without rare n-grams."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.ngrams.counting import Level
from morelike.ngrams.disk_columns import DiskColumn, Numbers
from morelike.ngrams.smoothing import ContextCounts, Smoothing

__all__ = ["model_tables"]

BLOCK = 1 << 20  # counts read at once


def model_tables(
    levels: Sequence[Level],
    smoothings: Sequence[Smoothing],
    vocabulary_size: int,
    *,
    alpha: float,
    min_count: int,
    rows: int,
) -> dict[str, NDArray[Any]]:
    """Return `keys.k` for each level k, and `NAME.a.k` and `NAME.b.k` for each estimate of each smoothing.

    N-grams of two symbols or more are left out if they were seen fewer than `min_count` times. The beginning and the
    end of a kept n-gram are kept too, because they were seen at least as often. The probability of the n-grams that a
    context loses is added to its b, and so goes to the shorter context: probabilities still sum to 1. Each level keeps
    at least the n-gram of end symbols that stands before a line, and one n-gram after it, so that none is empty.

    Args:
        levels: from the lowest, as `count_ngrams` returns them.
        smoothings: their estimates are computed.
        vocabulary_size: V.
        alpha: the setting `alpha`.
        min_count: 1 leaves nothing out.
        rows: n-grams worked on at once; the tables do not depend on it.
    """
    tables: dict[str, NDArray[Any]] = {}
    below: Numbers = np.ones(1, dtype=bool)
    for k in range(1, len(levels) + 1):
        table = _LevelTable(levels, k, smoothings, vocabulary_size, alpha, below)
        for first, stop in _blocks(levels[k - 1].keys, vocabulary_size, rows):
            table.append(first, stop, min_count if k > 1 else 1)
        tables |= table.arrays()
        below = table.kept.numbers()
    return tables


class _LevelTable:
    """The growing tables of one level; `below` says which n-grams of the level below are kept."""

    def __init__(
        self,
        levels: Sequence[Level],
        k: int,
        smoothings: Sequence[Smoothing],
        vocabulary_size: int,
        alpha: float,
        below: Numbers,
    ) -> None:
        self.level, self.k, self.symbols, self.alpha, self.below = levels[k - 1], k, vocabulary_size, alpha, below
        self.always_kept = 2 if k < len(levels) else 1
        self.keys, self.kept = self._column(np.int64), self._column(bool)
        self.estimates = [(each, estimate) for each in smoothings for estimate in each.estimates(k, len(levels))]
        self.columns = {estimate.name: (self._column(float), self._column(float)) for _, estimate in self.estimates}
        used = {estimate.of_continuations for _, estimate in self.estimates}
        self.counts = {each: self.level.continuations if each else self.level.counts for each in used}
        self.counts_of_counts = {each: _counts_of_counts(counts) for each, counts in self.counts.items()}
        self._context = self._nodes = 0  # contexts done, and how many of them are kept

    def _column(self, dtype: type) -> DiskColumn:
        return DiskColumn(dtype, on_disk=self.level.on_disk)

    def append(self, first: int, stop: int, min_count: int) -> None:
        """Add the n-grams from `first` to `stop`; they are all n-grams of their contexts."""
        parents, last = np.divmod(self.level.keys[first:stop], self.symbols)
        end = len(self.below) if stop == len(self.level) else int(parents[-1]) + 1
        parents -= self._context
        contexts = self.below[self._context : end]
        kept = self.level.counts[first:stop] >= min_count
        kept[: max(self.always_kept - first, 0)] = True
        counted = {
            each: ContextCounts(
                counts[first:stop], parents, len(contexts), self.counts_of_counts[each], self.symbols, self.alpha
            )
            for each, counts in self.counts.items()
        }
        for smoothing, estimate in self.estimates:
            a, b = smoothing.estimate(counted[estimate.of_continuations])
            if not kept.all():
                b += np.bincount(parents[~kept], a[~kept], len(b))
            of_ngrams, of_contexts = self.columns[estimate.name]
            of_ngrams.append(a[kept])
            of_contexts.append(b[contexts])
        nodes = self._nodes + np.cumsum(contexts) - 1
        self.keys.append((nodes[parents] * self.symbols + last)[kept])
        self.kept.append(kept)
        self._context, self._nodes = end, self._nodes + int(np.count_nonzero(contexts))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the tables by their names in a model."""
        tables = {f"keys.{self.k}": self.keys.array()}
        for name, (a, b) in self.columns.items():
            tables |= {f"{name}.a.{self.k}": a.array(), f"{name}.b.{self.k}": b.array()}
        return tables


def _counts_of_counts(counts: Numbers) -> list[int]:
    """Return how many counts are 1, 2, 3 and 4."""
    found = np.zeros(4, dtype=np.int64)
    for first in range(0, len(counts), BLOCK):
        block = counts[first : first + BLOCK]
        found += [np.count_nonzero(block == count) for count in (1, 2, 3, 4)]
    return found.tolist()


def _blocks(keys: Numbers, symbols: int, rows: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of blocks of about `rows` n-grams; the n-grams of one context are in one block."""
    first = 0
    while first < len(keys):
        stop = min(first + rows, len(keys))
        if stop < len(keys):
            context = int(keys[stop : stop + 1][0]) // symbols
            stop = _position(keys, context * symbols)
            if stop <= first:
                stop = _position(keys, (context + 1) * symbols)
        yield first, stop
        first = stop


def _position(keys: Numbers, key: int) -> int:
    """Return how many keys are below `key`."""
    return bisect_left(range(len(keys)), key, key=lambda i: int(keys[i : i + 1][0]))
