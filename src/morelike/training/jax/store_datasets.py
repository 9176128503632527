"""Training examples of a stored list, gathered on the host from the memory map, one chunk at a time.

The list is never held in memory, nor on the device. Only an index is held: for window models the end of each line of
the shuffled list (12 bytes a line), for other models the start of each piece of each row (see `RowIndex`). Batches are
the same functions of (seed, step) as in `datasets`, so a store and its list train the same model. The next chunk is
gathered while the device computes the current one.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import SequenceArchitecture, TrainedArchitecture
from morelike.arrays import Array, Int
from morelike.text.examples.row_index import index_rows
from morelike.text.vocabulary import END, TokenLines
from morelike.training.jax.batch_indices import Stretches
from morelike.training.jax.datasets import ContextReader, Contexts, Dataset, RowBatch, RowReader, Rows


class StoredDataset(Dataset):
    """Examples on disk: the data of a chunk are its examples themselves."""

    gathered: ClassVar[bool] = True
    _prefetched: tuple[tuple[int, int, int, int, Stretches], Any] | None = None

    @abstractmethod
    def read(self, index: Int[NDArray[Any], "steps B"]) -> Any:
        """Return the examples at `index` as NumPy arrays."""

    @final
    def chunk(
        self, batch_size: int, seed: int, step: int, steps: int, earlier: Stretches = ()
    ) -> tuple[Any, Int[NDArray[Any], "steps B"]]:
        self.prefetch(batch_size, seed, step, steps, earlier)
        assert self._prefetched is not None
        examples, self._prefetched = self._prefetched[1], None
        return examples, np.zeros((steps, 0), dtype=np.int32)

    @final
    def prefetch(self, batch_size: int, seed: int, step: int, steps: int, earlier: Stretches = ()) -> None:
        wanted = (batch_size, seed, step, steps, earlier)
        if self._prefetched is None or self._prefetched[0] != wanted:
            self._prefetched = wanted, self.read(self.indices(*wanted))


@final
@dataclass(frozen=True)
class GatheredRowReader(RowReader):
    """Reads packed rows that the host has gathered."""

    def gather(self, data: RowBatch, index: Int[Array, "*shape"]) -> RowBatch:
        return data


@final
@dataclass(frozen=True)
class GatheredContextReader(ContextReader):
    """Reads contexts that the host has gathered."""

    def gather(self, data: tuple[Array, ...], index: Int[Array, "*shape"]) -> tuple[Array, ...]:
        return data


@final
class StoredRows(StoredDataset, Rows):
    """Packed rows, laid out when a batch needs them."""

    def __init__(self, architecture: SequenceArchitecture, lines: TokenLines, order: Any, width: int) -> None:
        self.reader = GatheredRowReader(architecture)
        self.index = index_rows(lines, order, width)
        self.examples = len(self.index)
        self.mean = mean_weight(lines)

    def read(self, index: Int[NDArray[Any], "steps B"]) -> RowBatch:
        inputs, targets, weights = self.index.rows(index)
        return RowBatch(inputs, targets, None if weights is None else (weights / self.mean).astype(np.float32))


@final
class StoredContexts(StoredDataset, Contexts):
    """Contexts of the shuffled list."""

    def __init__(self, architecture: TrainedArchitecture, lines: TokenLines, order: Any) -> None:
        self.reader = GatheredContextReader(architecture)
        self.window = architecture.window or 0
        self.lines = lines
        self.order = order
        self.ends = np.cumsum(lines.lengths[order])
        self.examples = len(lines.tokens)
        self.mean = mean_weight(lines)

    def read(self, index: Int[NDArray[Any], "steps B"]) -> tuple[NDArray[Any], ...]:
        sorting = np.argsort(index, axis=None)
        flat = index.reshape(-1)[sorting].astype(np.int64)
        place = np.searchsorted(self.ends, flat, side="right")
        line = self.order[place].astype(np.int64)
        start = self.lines.offsets[line]
        position = flat - self.ends[place] + (self.lines.offsets[line + 1] - start)  # characters before it on its line
        at = start + position
        back = np.arange(self.window, 0, -1)
        inside = back <= position[:, None]
        context = np.where(inside, self.lines.tokens[np.where(inside, at[:, None] - back, 0)], END).astype(np.int32)
        batch = [context, self.lines.tokens[at].astype(np.int32)]
        if self.lines.weights is not None:
            batch.append((self.lines.weights[line] / self.mean).astype(np.float32))
        unsorted = np.argsort(sorting)
        return tuple(array[unsorted].reshape(*index.shape, *array.shape[1:]) for array in batch)


def make_stored_dataset(
    architecture: TrainedArchitecture, lines: TokenLines, order: Int[NDArray[Any], " lines"], width: int
) -> Dataset:
    """Return the dataset of a stored list whose lines are taken in this order."""
    order = order.astype(np.uint32 if len(order) < 1 << 32 else np.int64)
    if architecture.window:
        return StoredContexts(architecture, lines, order)
    assert isinstance(architecture, SequenceArchitecture)
    return StoredRows(architecture, lines, order, width)


def mean_weight(lines: TokenLines) -> float:
    """Return the mean weight of all characters, 1 if the lines have no weights."""
    if lines.weights is None:
        return 1.0
    return float(np.sum(lines.weights * lines.lengths, dtype=np.float64) / len(lines.tokens))
