"""Sorted runs of n-grams, on disk where there are many, and merged range by range: what comes out does not depend on
how the n-grams were dealt out."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from morelike.ngrams.disk_columns import DiskColumn, Numbers
from morelike.ngrams.packed_keys import Packing, Table, merge

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Runs", "in_order"]

In = TypeVar("In")
Out = TypeVar("Out")
SAMPLED = 1024  # rows of a block of which one is remembered, to know where runs can be cut
Row = tuple[int, ...]


def in_order(threads: int, work: Callable[[In], Out], items: Iterable[In]) -> Iterator[Out]:
    """Yield what is made of each item, in their order; each of `threads` threads has one in its hands.

    NumPy sorts, searches and adds without the interpreter's lock, so that threads do what processes would, and copy
    nothing.
    """
    if threads == 1:
        yield from map(work, items)
        return
    from concurrent.futures import ThreadPoolExecutor  # which takes time to import, and is seldom wanted

    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Out]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) == threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


class Runs:
    """Tables of n-grams to be merged; `block` is how many rows are worked on at once, `on_disk` where they wait."""

    def __init__(self, packing: Packing, block: int, *, on_disk: bool) -> None:
        self.packing, self.block = packing, block
        dtypes = [packing.dtype] * packing.words + [np.int64, np.int64]
        self._columns = [DiskColumn(dtype, on_disk=on_disk) for dtype in dtypes]
        self._runs: list[list[Numbers]] = []
        self._sampled: list[Row] = []
        self._step = max(block // SAMPLED, 1)

    def add(self, table: Table) -> None:
        """Take a table as one more run."""
        self._runs.append([column.append(block) for column, block in zip(self._columns, table.columns, strict=True)])
        self._sampled += zip(*(word[:: self._step].tolist() for word in table.words), strict=True)

    def merged(self, threads: int) -> Iterator[Table]:
        """Yield the distinct n-grams of all runs, in their order, table by table; each comes in one of them."""
        cuts = [*self._cuts(), None]
        ends = [[len(run[0]) if cut is None else self._place(run, cut) for run in self._runs] for cut in cuts]
        ranges = [pair for pair in pairwise([[0] * len(self._runs), *ends]) if pair[0] != pair[1]]
        yield from in_order(threads, self._between, ranges)

    def _cuts(self) -> list[Row]:
        """Return n-grams between which there are some `block` rows in all runs, and never many more."""
        if sum(len(run[0]) for run in self._runs) <= self.block:
            return []
        step = max(self.block // self._step // 2, 1)
        return sorted(set(sorted(self._sampled)[step::step]))

    def _place(self, run: list[Numbers], cut: Row) -> int:
        """Return how many rows of a run come before an n-gram."""
        words = run[: self.packing.words]
        return bisect_left(range(len(run[0])), cut, key=lambda i: tuple(int(word[i : i + 1][0]) for word in words))

    def _between(self, ends: tuple[list[int], list[int]]) -> Table:
        parts = [
            Table.of([column[start:stop] for column in run])
            for run, start, stop in zip(self._runs, *ends, strict=True)
            if stop > start
        ]
        return merge(parts)
