"""Merging sorted runs of n-grams, range by range; the result does not depend on which run an n-gram was in."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from morelike.ngrams.disk_columns import DiskColumn
from morelike.ngrams.packed_keys import Packing, Table, merge

if TYPE_CHECKING:
    from concurrent.futures import Future

In = TypeVar("In")
Out = TypeVar("Out")
SAMPLES = 1024  # rows of a block that are remembered, to find where runs can be cut
Row = tuple[int, ...]


def in_order(threads: int, work: Callable[[In], Out], items: Iterable[In]) -> Iterator[Out]:
    """Yield the result of `work` for each item, in the order of the items; `threads` threads work at once.

    NumPy sorts, searches and adds without the interpreter's lock: threads are as fast as processes, and copy nothing.
    """
    if threads == 1:
        yield from map(work, items)
        return
    from concurrent.futures import ThreadPoolExecutor  # takes time to import, and is seldom needed

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
    """Tables of n-grams to be merged, in memory or on disk; `block` rows are worked on at once."""

    def __init__(self, packing: Packing, block: int, *, on_disk: bool) -> None:
        self.packing, self.block = packing, block
        dtypes = [packing.dtype] * packing.words + [np.int64, np.int64]
        self._columns = [DiskColumn(dtype, on_disk=on_disk) for dtype in dtypes]
        self._runs: list[range] = []  # the rows of each run in the columns
        self._sampled: list[Row] = []
        self._step = max(block // SAMPLES, 1)

    def add(self, table: Table) -> None:
        """Add a table as one more run."""
        first = len(self._columns[0])
        self._runs.append(range(first, first + len(table.counts)))
        for column, block in zip(self._columns, table.columns, strict=True):
            column.append(block)
        self._sampled += zip(*(word[:: self._step].tolist() for word in table.words), strict=True)

    def merged(self, threads: int) -> Iterator[Table]:
        """Yield the distinct n-grams of all runs, sorted, in several tables; each n-gram is in one of them."""
        cuts = [*self._cuts(), None]
        ends = [[run.stop if cut is None else self._position(run, cut) for run in self._runs] for cut in cuts]
        ranges = [pair for pair in pairwise([[run.start for run in self._runs], *ends]) if pair[0] != pair[1]]
        yield from in_order(threads, self._between, ranges)

    def _cuts(self) -> list[Row]:
        """Return n-grams that cut all runs together into ranges of about `block` rows."""
        if len(self._columns[0]) <= self.block:
            return []
        step = max(self.block // self._step // 2, 1)
        return sorted(set(sorted(self._sampled)[step::step]))

    def _position(self, run: range, cut: Row) -> int:
        """Return the first row of a run that is not before an n-gram."""
        words = self._columns[: self.packing.words]
        return run.start + bisect_left(run, cut, key=lambda i: tuple(int(word[i : i + 1][0]) for word in words))

    def _between(self, ends: tuple[list[int], list[int]]) -> Table:
        bounds = [(start, stop) for start, stop in zip(*ends, strict=True) if stop > start]
        return merge([Table.of([column[start:stop] for column in self._columns]) for start, stop in bounds])
