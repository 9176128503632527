"""Training examples on the device: contexts for window models, packed rows for the others.

A window model learns contexts from anywhere in a running text. A recurrent model reads the text in order: row b of
each batch reads the b-th part of the text, and the state is carried from step to step. Other models read pieces that
begin anywhere.

Weighted lines appear as often as other lines, once an epoch. The loss of each character is multiplied by the weight of
its line over the mean weight of all characters. Averaged over batches, the loss is that of the list with each line
repeated as often as its weight says; for a full batch it is exactly that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, NamedTuple, final

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from morelike.architecture import (
    Mode,
    SequenceArchitecture,
    TrainedArchitecture,
)
from morelike.arrays import Array, Float, Int, Weights
from morelike.text.examples.packed_rows import IGNORED, PackedRows, packed_rows, text_rows
from morelike.text.vocabulary import END, TokenLines
from morelike.training.jax.batch_indices import Stretches, draw_with_replacement, draw_without_replacement
from morelike.training.jax.gradients import cross_entropy

MAX_LOGITS = 1 << 23
"""Logits computed at once: 2,048 positions of up to 4,096 symbols. More logits are computed block by block."""
BLOCK_LOGITS = 1 << 21
"""Logits in a block, 8 MB."""

Losses = tuple[Float[Array, " B"], Float[Array, " B"]]


@dataclass(frozen=True)
class Reader(ABC):
    """How a compiled program reads examples and computes their losses. It holds no examples, so equal ones are one."""

    architecture: Any

    def with_architecture(self, architecture: TrainedArchitecture) -> Reader:
        """Return this reader for an architecture of the same kind and shapes."""
        return replace(self, architecture=architecture)

    @abstractmethod
    def gather(self, data: Any, index: Int[Array, "*shape"]) -> Any:
        """Return the examples at `index`. It is called once for a whole chunk: a gather in each step is slow."""

    @abstractmethod
    def losses(self, batch: Any, weights: Weights, mode: Mode) -> Losses:
        """Return the weighted loss of each gathered example (nats, summed) and its number of characters."""


class Dataset(ABC):
    """The examples of one part of a list, as arrays on the device, and how a program reads them."""

    reader: Reader
    data: Any
    examples: int
    gathered: ClassVar[bool] = False
    """Whether the host gathers the examples of a chunk: its data then are one batch for each step."""

    def chunk(
        self, batch_size: int, seed: int, step: int, steps: int, earlier: Stretches = ()
    ) -> tuple[Any, Int[NDArray[Any], "steps B"]]:
        """Return the data and the indices of a compiled chunk: `steps` steps from `step` on; see `batch_indices`."""
        return self.data, self.indices(batch_size, seed, step, steps, earlier)

    def prefetch(  # noqa: B027 (only stored lists do)
        self, batch_size: int, seed: int, step: int, steps: int, earlier: Stretches = ()
    ) -> None:
        """Prepare the chunk that probably comes next, while the device computes the current one."""

    @abstractmethod
    def indices(
        self, batch_size: int, seed: int, step: int, steps: int, earlier: Stretches = ()
    ) -> Int[NDArray[Any], "steps B"]:
        """Return the examples of `steps` steps from `step` on."""


@dataclass(frozen=True)
class ContextReader(Reader):
    """Reads contexts of K characters, each with the next character.

    The data are int32[N] tokens, int32[N] how many characters of its own line stand before each, and float32[N] loss
    weights if the lines have weights. The first and the last token of a running text are not predicted, so `first` is
    1 for a text.
    """

    architecture: TrainedArchitecture
    first: int = 0

    def gather(self, data: tuple[Array, ...], index: Int[Array, "*shape"]) -> tuple[Array, ...]:
        index = index + self.first
        tokens, position, *loss_weights = data
        back = jnp.arange(self.architecture.window, 0, -1)
        context = jnp.where(back <= position[index][..., None], tokens[index[..., None] - back], END)
        return context, tokens[index], *(each[index] for each in loss_weights)

    @final
    def losses(self, batch: tuple[Array, ...], weights: Weights, mode: Mode) -> Losses:
        context, targets, *loss_weights = batch
        losses = cross_entropy(self.architecture.example_logits(weights, context, mode), targets)
        return losses * loss_weights[0] if loss_weights else losses, jnp.ones(len(targets))


class Contexts(Dataset):
    """Examples of K characters and the next one."""

    @final
    def indices(
        self, batch_size: int, seed: int, step: int, steps: int, earlier: Stretches = ()
    ) -> Int[NDArray[Any], "steps B"]:
        if batch_size == self.examples:  # a full batch holds every example once
            return np.broadcast_to(np.arange(batch_size, dtype=np.int32), (steps, batch_size))
        return draw_with_replacement(self.examples, batch_size, seed, step, steps, earlier)


@final
class ContextDataset(Contexts):
    """Contexts gathered from the flat list: no (N, K) matrix is made."""

    def __init__(self, architecture: TrainedArchitecture, lines: TokenLines, *, text: bool = False) -> None:
        first = 1 if text else 0
        self.reader = ContextReader(architecture, first)
        position = np.arange(len(lines.tokens)) - np.repeat(lines.offsets[:-1], lines.lengths)
        data = jnp.asarray(lines.tokens), jnp.asarray(position.astype(np.int32))
        loss_weights = normalized_weights(lines.character_weights)
        self.data = data if loss_weights is None else (*data, loss_weights)
        self.examples = len(lines.tokens) - 2 * first


class RowBatch(NamedTuple):
    """Packed rows: int32[R, T] inputs and targets, and float32[R, T] loss weights if the lines have weights."""

    inputs: Array
    targets: Array
    loss_weights: Array | None = None


@dataclass(frozen=True)
class RowReader(Reader):
    """Reads packed rows."""

    architecture: SequenceArchitecture

    def gather(self, data: RowBatch, index: Int[Array, "*shape"]) -> RowBatch:
        return RowBatch(*(None if array is None else array[index] for array in data))

    @final
    def losses(self, batch: RowBatch, weights: Weights, mode: Mode) -> Losses:
        return row_losses(self.architecture, weights, batch.inputs, batch.targets, mode, batch.loss_weights)


class Rows(Dataset):
    """Examples of one packed row each."""

    @final
    def indices(
        self, batch_size: int, seed: int, step: int, steps: int, earlier: Stretches = ()
    ) -> Int[NDArray[Any], "steps B"]:
        return draw_without_replacement(self.examples, batch_size, seed, step, steps, earlier)


@final
class RowDataset(Rows):
    """Packed rows on the device."""

    def __init__(self, architecture: SequenceArchitecture, rows: PackedRows) -> None:
        self.reader = RowReader(architecture)
        loss_weights = normalized_weights(rows.weights, rows.targets != IGNORED)
        self.data = RowBatch(jnp.asarray(rows.inputs), jnp.asarray(rows.targets), loss_weights)
        self.examples = len(rows)


class TextBatch(NamedTuple):
    """Pieces of a running text: int32[B, T] inputs and targets; bool[B] whether a row reads from the start again."""

    inputs: Array
    targets: Array
    resets: Array


@final
@dataclass(frozen=True)
class TextReader(Reader):
    """Reads `width` consecutive characters of a running text, each with the character that follows it.

    The text has `pairs` pairs of a character and the next one.
    """

    architecture: SequenceArchitecture
    width: int
    pairs: int

    def gather(self, data: Array, index: Int[Array, "*shape"]) -> TextBatch:
        pieces = data[index[..., None] + jnp.arange(self.width + 1)]
        return TextBatch(pieces[..., :-1], pieces[..., 1:], index % (self.pairs // index.shape[-1]) == 0)

    def losses(self, batch: TextBatch, weights: Weights, mode: Mode) -> Losses:
        return row_losses(self.architecture, weights, batch.inputs, batch.targets, mode)


class TextDataset(Dataset):
    """Pieces of a running text; the end of the text is not predicted."""

    def __init__(self, architecture: SequenceArchitecture, lines: TokenLines, width: int) -> None:
        self.width = min(width, len(lines.tokens) - 2)
        self.data = jnp.asarray(lines.tokens[:-1])
        self.pairs = len(self.data) - 1
        self.examples = self.pairs // self.width
        self.reader = TextReader(architecture, self.width, self.pairs)


@final
class RandomTextDataset(TextDataset):
    """Pieces that begin anywhere, for models that carry no state."""

    def indices(
        self, batch_size: int, seed: int, step: int, steps: int, earlier: Stretches = ()
    ) -> Int[NDArray[Any], "steps B"]:
        return draw_with_replacement(self.pairs - self.width + 1, batch_size, seed, step, steps, earlier)


@final
class ConsecutiveTextDataset(TextDataset):
    """Pieces in order: row b reads the b-th part of the text from its beginning to its end, then again."""

    def indices(
        self, batch_size: int, seed: int, step: int, steps: int, earlier: Stretches = ()
    ) -> Int[NDArray[Any], "steps B"]:
        part = self.pairs // batch_size
        starts = np.arange(step, step + steps) % (part // self.width) * self.width
        return (starts[:, None] + np.arange(batch_size) * part).astype(np.int32)


def make_dataset(
    architecture: TrainedArchitecture, lines: TokenLines, width: int, *, text: bool, training: bool
) -> Dataset:
    """Return the dataset that suits an architecture. A running `text` is one line of `lines`."""
    if architecture.window:
        return ContextDataset(architecture, lines, text=text)
    assert isinstance(architecture, SequenceArchitecture)
    if not text:
        return RowDataset(architecture, packed_rows(lines, width))
    if not training:
        return RowDataset(architecture, text_rows(lines, architecture.receptive_field, architecture.block_length))
    recurrent = architecture.carried_shapes(batch=1)
    return (ConsecutiveTextDataset if recurrent else RandomTextDataset)(architecture, lines, width)


def row_losses(
    architecture: SequenceArchitecture,
    weights: Weights,
    inputs: Int[Array, "B T"],
    targets: Int[Array, "B T"],
    mode: Mode,
    loss_weights: Float[Array, "B T"] | None = None,
) -> Losses:
    """Return the weighted loss of each row (nats, summed) and its number of targets that are not `IGNORED`."""
    counted = targets != IGNORED
    features = architecture.features(weights, inputs, mode)
    output = partial(architecture.output, weights, mode=mode)
    losses = jnp.where(counted, output_losses(output, features, jnp.where(counted, targets, END)), 0)
    losses = losses if loss_weights is None else losses * loss_weights
    return losses.sum(axis=1), counted.sum(axis=1).astype(jnp.float32)


def output_losses(
    output: Callable[[Array], Array], features: Float[Array, "B T H"], targets: Int[Array, "B T"]
) -> Float[Array, "B T"]:
    """Return -ln p of each target (nats), given the features and the output layer.

    If there are more than `MAX_LOGITS` logits, they are computed for a few positions at a time, forward and again
    backward: the array [B, T, V] never exists.
    """
    shape, width = targets.shape, features.shape[-1]
    symbols = jax.eval_shape(output, features).shape[-1]
    if targets.size * symbols <= MAX_LOGITS:
        return cross_entropy(output(features), targets)
    blocks = -(-targets.size // max(1, BLOCK_LOGITS // symbols))
    size = -(-targets.size // blocks)
    padding = blocks * size - targets.size
    features = jnp.pad(features.reshape(-1, width), ((0, padding), (0, 0))).reshape(blocks, size, width)
    targets = jnp.pad(targets.reshape(-1), (0, padding)).reshape(blocks, size)

    def block_losses(block: tuple[Array, Array]) -> Array:
        return cross_entropy(output(block[0]), block[1])

    losses = jax.lax.map(jax.checkpoint(block_losses), (features, targets))
    return losses.reshape(-1)[: blocks * size - padding].reshape(shape)


def normalized_weights(
    weights: Int[NDArray[Any], "*shape"] | None, counted: Any = True
) -> Float[Array, "*shape"] | None:
    """Return weights divided by their mean over the `counted` positions; None for None."""
    if weights is None:
        return None
    mean = float(np.mean(weights, where=counted, dtype=np.float64))
    return jnp.asarray((weights / mean).astype(np.float32))
