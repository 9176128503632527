"""From n-gram counts to the tables of a model: estimates of each smoothing, block by block, without what is rare."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.ngrams.counting import Level
from morelike.ngrams.disk_columns import DiskColumn, Numbers
from morelike.ngrams.smoothing import chains, counts_of_counts, discounts, estimate

__all__ = ["model_tables"]


def model_tables(
    levels: Sequence[Level],
    smoothings: Collection[str],
    vocabulary_size: int,
    *,
    added: float,
    min_count: int,
    rows: int,
) -> dict[str, NDArray[Any]]:
    """Return `keys.k` for each level k and `CHAIN.a.k` and `CHAIN.b.k` for each chain of each smoothing.

    N-grams of two symbols or more that were seen fewer than `min_count` times are left out. No n-gram is seen more
    often than its beginning or its end, so these are kept wherever it is. What a context's lost n-grams had goes to
    the context one shorter, as b says, so that probabilities still sum to 1. What stands before a line's start and one
    n-gram behind it are kept always: no level is empty.

    Args:
        levels: from the lowest, as `count_ngrams` returns them.
        smoothings: their names.
        vocabulary_size: V.
        added: alpha times V, for `add`.
        min_count: 1 leaves nothing out.
        rows: n-grams worked on at once; the tables do not depend on it.
    """
    tables: dict[str, NDArray[Any]] = {}
    below: Numbers = np.ones(1, dtype=bool)
    for k in range(1, len(levels) + 1):
        table = _LevelTable(levels, k, smoothings, vocabulary_size, added, below)
        for first, stop in _blocks(levels[k - 1].keys, vocabulary_size, rows):
            table.append(first, stop, min_count if k > 1 else 1)
        tables |= table.arrays()
        below = table.kept.whole()
    return tables


class _LevelTable:
    """The tables of one level, as they grow; `below` says which n-grams of the level below are kept."""

    def __init__(
        self,
        levels: Sequence[Level],
        k: int,
        smoothings: Collection[str],
        vocabulary_size: int,
        added: float,
        below: Numbers,
    ) -> None:
        self.level, self.k, self.symbols, self.added, self.below = levels[k - 1], k, vocabulary_size, added, below
        self.always = 2 if k < len(levels) else 1
        self.keys, self.kept = (DiskColumn(dtype, on_disk=self.level.on_disk) for dtype in (np.int64, bool))
        self.chains: list[tuple[str, str, Numbers, NDArray[np.float64], DiskColumn, DiskColumn]] = []
        for name in sorted(smoothings):
            for chain in chains(name, k, len(levels)):
                counts = self.level.continuations if chain == "kneser-ney" else self.level.counts
                taken = discounts(counts_of_counts(counts))
                a, b = (DiskColumn(np.float64, on_disk=self.level.on_disk) for _ in range(2))
                self.chains.append((name, chain, counts, taken, a, b))
        self._context = self._nodes = 0  # contexts done, and how many of them are kept

    def append(self, first: int, stop: int, min_count: int) -> None:
        """Add the n-grams from `first` to `stop`, all those of their contexts."""
        parents, last = np.divmod(self.level.keys[first:stop], self.symbols)
        end = len(self.below) if stop == len(self.level) else int(parents[-1]) + 1
        parents -= self._context
        contexts = self.below[self._context : end]
        kept = self.level.counts[first:stop] >= min_count
        kept[: max(self.always - first, 0)] = True
        for name, _, counts, taken, of_ngrams, of_contexts in self.chains:
            a, b = estimate(name, counts[first:stop], parents, len(contexts), added=self.added, discounts=taken)
            if not kept.all():
                b += np.bincount(parents[~kept], a[~kept], len(b))
            of_ngrams.append(a[kept])
            of_contexts.append(b[contexts])
        nodes = self._nodes + np.cumsum(contexts) - 1
        self.keys.append((nodes[parents] * self.symbols + last)[kept])
        self.kept.append(kept)
        self._context, self._nodes = end, self._nodes + int(np.count_nonzero(contexts))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the tables by their names in a model."""
        tables = {f"keys.{self.k}": self.keys.array()}
        for _, chain, _, _, a, b in self.chains:
            tables |= {f"{chain}.a.{self.k}": a.array(), f"{chain}.b.{self.k}": b.array()}
        return tables


def _blocks(keys: Numbers, symbols: int, rows: int) -> Iterator[tuple[int, int]]:
    """Yield where blocks of some `rows` n-grams begin and end, no context's n-grams being parted."""
    first = 0
    while first < len(keys):
        stop = min(first + rows, len(keys))
        if stop < len(keys):
            context = int(keys[stop : stop + 1][0]) // symbols
            stop = _place(keys, context * symbols)
            if stop <= first:
                stop = _place(keys, (context + 1) * symbols)
        yield first, stop
        first = stop


def _place(keys: Numbers, key: int) -> int:
    """Return how many keys are below `key`."""
    return bisect_left(range(len(keys)), key, key=lambda i: int(keys[i : i + 1][0]))
