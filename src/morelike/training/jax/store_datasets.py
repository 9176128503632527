"""Examples of a stored list: gathered on the host from the memory map, a chunk at a time, equal to those of a list.

The list never stands in memory, nor on the device. What does is an index: of window models where each line of the
shuffled list ends (12 bytes a line), of the others where the pieces of each row begin (see `RowIndex`). Batches are the
pure functions of (seed, step) that `feeds` has, so a model that learned from a store is the one that learned from the
list. While the machine computes one chunk the next one is gathered.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Mode, SequenceArchitecture, TrainedArchitecture, WindowArchitecture
from morelike.arrays import Array, Float, Int, Weights
from morelike.text.examples.packing import index_rows
from morelike.text.stored_words import evenly_spaced
from morelike.text.vocabulary import END, TokenLines
from morelike.training.jax import batch_indices
from morelike.training.jax.datasets import Dataset, Rows, context_losses, row_losses
from morelike.training.store_samples import LOOKED_AT

__all__ = ["looked_at", "stored_feed_of"]


class StoredDataset(Dataset):
    """Examples on disk: a chunk's data are the gathered examples themselves."""

    _ready: tuple[tuple[int, int, int, int], Any] | None = None

    @abstractmethod
    def taken(self, index: Int[NDArray[Any], "steps B"]) -> Any:
        """Return the examples at `index` as arrays of the host."""

    @final
    def chunk(self, batch: int, seed: int, step: int, steps: int) -> tuple[Any, Int[NDArray[Any], "steps B"]]:
        self.expect(batch, seed, step, steps)
        assert self._ready is not None
        taken, self._ready = self._ready[1], None
        return taken, np.zeros((steps, 0), dtype=np.int32)

    @final
    def expect(self, batch: int, seed: int, step: int, steps: int) -> None:
        asked = (batch, seed, step, steps)
        if self._ready is None or self._ready[0] != asked:
            self._ready = asked, self.taken(self.indices(*asked))

    @final
    def gather(self, data: Any, index: Int[Array, "*shape"]) -> Any:
        return data


@final
class StoredRowFeed(StoredDataset):
    """One example is a row; it is laid out when a batch asks for it."""

    def __init__(self, architecture: SequenceArchitecture, lines: TokenLines, order: Any, width: int) -> None:
        self.architecture = architecture
        self.index = index_rows(lines, order, width)
        self.examples = len(self.index)
        self.mean = mean_weight(lines)

    def taken(self, index: Int[NDArray[Any], "steps B"]) -> Rows:
        inputs, targets, weights = self.index.rows(index)
        return Rows(inputs, targets, None if weights is None else (weights / self.mean).astype(np.float32))

    def losses(self, batch: Rows, weights: Weights, mode: Mode) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
        return row_losses(self.architecture, weights, batch.inputs, batch.targets, mode, batch.shares)

    def indices(self, batch: int, seed: int, step: int, steps: int) -> Int[NDArray[Any], "steps B"]:
        return batch_indices.permuted(self.examples, batch, seed, step, steps)


@final
class StoredContextFeed(StoredDataset):
    """One example is K characters and the next, of the shuffled list."""

    def __init__(self, architecture: WindowArchitecture, lines: TokenLines, order: Any) -> None:
        self.architecture = architecture
        self.lines = lines
        self.order = order
        self.ends = np.cumsum(lines.lengths[order])
        self.examples = len(lines.tokens)
        self.mean = mean_weight(lines)

    def taken(self, index: Int[NDArray[Any], "steps B"]) -> tuple[NDArray[Any], ...]:
        sorting = np.argsort(index, axis=None)
        flat = index.reshape(-1)[sorting].astype(np.int64)
        place = np.searchsorted(self.ends, flat, side="right")
        line = self.order[place].astype(np.int64)
        begins = self.lines.offsets[line]
        reach = flat - self.ends[place] + (self.lines.offsets[line + 1] - begins)  # characters before it on its line
        at = begins + reach
        back = np.arange(self.architecture.context, 0, -1)
        inside = back <= reach[:, None]
        context = np.where(inside, self.lines.tokens[np.where(inside, at[:, None] - back, 0)], END).astype(np.int32)
        found = [context, self.lines.tokens[at].astype(np.int32)]
        if self.lines.weights is not None:
            found.append((self.lines.weights[line] / self.mean).astype(np.float32))
        unsorted = np.argsort(sorting)
        return tuple(array[unsorted].reshape(*index.shape, *array.shape[1:]) for array in found)

    def losses(
        self, batch: tuple[Array, ...], weights: Weights, mode: Mode
    ) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
        return context_losses(self.architecture, weights, batch, mode)

    def indices(self, batch: int, seed: int, step: int, steps: int) -> Int[NDArray[Any], "steps B"]:
        if batch == self.examples:
            return np.broadcast_to(np.arange(batch, dtype=np.int32), (steps, batch))
        return batch_indices.drawn(self.examples, batch, seed, step, steps)


def stored_feed_of(
    architecture: TrainedArchitecture, lines: TokenLines, order: Int[NDArray[Any], " lines"], width: int
) -> Dataset:
    """Return the feed of a stored list whose lines are taken in this order."""
    order = order.astype(np.uint32 if len(order) < 1 << 32 else np.int64)
    if isinstance(architecture, WindowArchitecture):
        return StoredContextFeed(architecture, lines, order)
    assert isinstance(architecture, SequenceArchitecture)
    return StoredRowFeed(architecture, lines, order, width)


def looked_at(dev: TokenLines) -> TokenLines:
    """Return the lines that are looked at while a model is trained: of a stored list up to 10,000, evenly spaced."""
    return dev.take(evenly_spaced(len(dev), LOOKED_AT)) if dev.mapped else dev


def mean_weight(lines: TokenLines) -> float:
    """Return the mean weight of all characters, 1 where lines have none."""
    if lines.weights is None:
        return 1.0
    return float(np.sum(lines.weights * lines.lengths, dtype=np.float64) / len(lines.tokens))
