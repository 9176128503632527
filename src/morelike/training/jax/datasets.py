"""Examples on the device: contexts gathered from the flat corpus for window models, packed rows for the others.

Of a running text, windows are cut anywhere; recurrent models read it in order, side by side in as many lanes as a batch
has rows, and their state is carried from step to step; the others see pieces that begin anywhere.

Lines with weights are seen as often as others, once an epoch: the losses of their characters are multiplied by their
weight over the mean weight of all characters. So a batch's loss is, on the average over batches, that of the list with
each line repeated as often as it weighs, and of a full batch it is exactly that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, final

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from morelike.architecture import (
    Mode,
    RecurrentArchitecture,
    SequenceArchitecture,
    TrainedArchitecture,
    WindowArchitecture,
)
from morelike.arrays import Array, Float, Int, Weights
from morelike.text.examples.contexts import IGNORED, PackedRows, packed_rows, text_rows
from morelike.text.vocabulary import END, TokenLines
from morelike.training.jax import batch_indices
from morelike.training.jax.gradients import cross_entropy

__all__ = ["Contexts", "Dataset", "Rows", "context_losses", "feed_of", "output_losses", "row_losses"]

LOGITS_AT_ONCE = 1 << 23
"""Numbers: of 2,048 positions up to 4,096 symbols. More are made block by block."""
LOGITS_OF_BLOCK = 1 << 21
"""Numbers in such a block, 8 MB."""


class Dataset(ABC):
    """Examples of one part of a list, as arrays on the device."""

    data: Any
    examples: int

    def chunk(self, batch: int, seed: int, step: int, steps: int) -> tuple[Any, Int[NDArray[Any], "steps B"]]:
        """Return the data and the indices that a compiled chunk of `steps` steps from `step` on is called with."""
        return self.data, self.indices(batch, seed, step, steps)

    def expect(self, batch: int, seed: int, step: int, steps: int) -> None:  # noqa: B027 (most have nothing to do)
        """Make ready for the chunk that is likely to be next, while the machine is busy with the last one."""

    @abstractmethod
    def gather(self, data: Any, index: Int[Array, "*shape"]) -> Any:
        """Return the examples at `index`: for a whole chunk at once, since a gather in the loop is slow."""

    @abstractmethod
    def losses(self, batch: Any, weights: Weights, mode: Mode) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
        """Return the loss of each gathered example (nats, weighed and summed) and how many characters it has."""

    @abstractmethod
    def indices(self, batch: int, seed: int, step: int, steps: int) -> Int[NDArray[Any], "steps B"]:
        """Return the examples of `steps` steps from `step` on."""


class Contexts(NamedTuple):
    """The flat corpus: int32[N] tokens, and how many tokens of its own line lie before each.

    `shares` float32[N]: what the loss of each is multiplied by, if anything.
    """

    tokens: Array
    reach: Array
    shares: Array | None = None


@final
class ContextDataset(Dataset):
    """One example is K characters and the next; no (N, K) matrix is ever made."""

    def __init__(self, architecture: WindowArchitecture, lines: TokenLines, *, text: bool = False) -> None:
        self.architecture = architecture
        self.first = 1 if text else 0  # a text's first character follows nothing, and its end is not predicted
        reach = np.arange(len(lines.tokens)) - np.repeat(lines.offsets[:-1], lines.lengths)
        shares = shares_of(lines.character_weights)
        self.data = Contexts(jnp.asarray(lines.tokens), jnp.asarray(reach.astype(np.int32)), shares)
        self.examples = len(lines.tokens) - 2 * self.first

    def gather(self, data: Contexts, index: Int[Array, "*shape"]) -> tuple[Array, ...]:
        index = index + self.first
        back = jnp.arange(self.architecture.context, 0, -1)
        inside = back <= data.reach[index][..., None]
        found = jnp.where(inside, data.tokens[index[..., None] - back], END), data.tokens[index]
        return found if data.shares is None else (*found, data.shares[index])

    def losses(
        self, batch: tuple[Array, ...], weights: Weights, mode: Mode
    ) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
        return context_losses(self.architecture, weights, batch, mode)

    def indices(self, batch: int, seed: int, step: int, steps: int) -> Int[NDArray[Any], "steps B"]:
        if batch == self.examples:  # the whole part in every step: no draw, no seed
            return np.broadcast_to(np.arange(batch, dtype=np.int32), (steps, batch))
        return batch_indices.drawn(self.examples, batch, seed, step, steps)


class Rows(NamedTuple):
    """Packed rows: int32[R, T] inputs and targets; `shares` float32[R, T], what losses are multiplied by, if any."""

    inputs: Array
    targets: Array
    shares: Array | None = None


@final
class RowDataset(Dataset):
    """One example is a row."""

    def __init__(self, architecture: SequenceArchitecture, rows: PackedRows) -> None:
        self.architecture = architecture
        shares = shares_of(rows.weights, rows.targets != IGNORED)
        self.data = Rows(jnp.asarray(rows.inputs), jnp.asarray(rows.targets), shares)
        self.examples = len(rows)

    def gather(self, data: Rows, index: Int[Array, "*shape"]) -> Rows:
        shares = None if data.shares is None else data.shares[index]
        return Rows(data.inputs[index], data.targets[index], shares)

    def losses(self, batch: Rows, weights: Weights, mode: Mode) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
        return row_losses(self.architecture, weights, batch.inputs, batch.targets, mode, batch.shares)

    def indices(self, batch: int, seed: int, step: int, steps: int) -> Int[NDArray[Any], "steps B"]:
        return batch_indices.permuted(self.examples, batch, seed, step, steps)


class Stretch(NamedTuple):
    """Pieces of a text: int32[B, T] inputs and targets, and of each whether the text begins with it."""

    inputs: Array
    targets: Array
    resets: Array


class TextDataset(Dataset):
    """One example is a piece of the running text, `width` characters and those that follow them."""

    def __init__(self, architecture: SequenceArchitecture, lines: TokenLines, width: int) -> None:
        self.architecture = architecture
        self.width = min(width, len(lines.tokens) - 2)
        self.data = jnp.asarray(lines.tokens[:-1])  # its end is not predicted
        self.pairs = len(self.data) - 1  # of a character and the next
        self.examples = self.pairs // self.width

    def gather(self, data: Array, index: Int[Array, "*shape"]) -> Stretch:
        pieces = data[index[..., None] + jnp.arange(self.width + 1)]
        return Stretch(pieces[..., :-1], pieces[..., 1:], index % self.lane(index.shape[-1]) == 0)

    def losses(self, batch: Stretch, weights: Weights, mode: Mode) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
        return row_losses(self.architecture, weights, batch.inputs, batch.targets, mode)

    def lane(self, batch: int) -> int:
        """Return how far apart the texts of a batch's rows begin."""
        return self.pairs // batch


@final
class PieceFeed(TextDataset):
    """Pieces that begin anywhere, for models without a state to carry."""

    def indices(self, batch: int, seed: int, step: int, steps: int) -> Int[NDArray[Any], "steps B"]:
        return batch_indices.drawn(self.pairs - self.width + 1, batch, seed, step, steps)


@final
class LaneFeed(TextDataset):
    """Pieces in order: row b reads the b-th part of the text from its beginning to its end, then again."""

    def indices(self, batch: int, seed: int, step: int, steps: int) -> Int[NDArray[Any], "steps B"]:
        pieces = self.lane(batch) // self.width
        along = np.arange(step, step + steps) % pieces * self.width
        return (along[:, None] + np.arange(batch) * self.lane(batch)).astype(np.int32)


def feed_of(architecture: TrainedArchitecture, lines: TokenLines, width: int, *, text: bool, training: bool) -> Dataset:
    """Return the feed that suits an architecture; `lines` of a running text is the whole of it, in one line."""
    if isinstance(architecture, WindowArchitecture):
        return ContextDataset(architecture, lines, text=text)
    assert isinstance(architecture, SequenceArchitecture)
    if not text:
        return RowDataset(architecture, packed_rows(lines, width))
    if not training:
        return RowDataset(architecture, text_rows(lines, architecture.receptive_field, architecture.block_length))
    return (LaneFeed if isinstance(architecture, RecurrentArchitecture) else PieceFeed)(architecture, lines, width)


def context_losses(
    architecture: WindowArchitecture, weights: Weights, batch: tuple[Array, ...], mode: Mode
) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
    """Return the loss of each context (nats, weighed by its share if it has one), and that each is one character."""
    context, targets, *shares = batch
    losses = cross_entropy(architecture.predict(weights, context, mode), targets)
    return losses * shares[0] if shares else losses, jnp.ones(len(targets))


def row_losses(
    architecture: SequenceArchitecture,
    weights: Weights,
    inputs: Int[Array, "B T"],
    targets: Int[Array, "B T"],
    mode: Mode,
    shares: Float[Array, "B T"] | None = None,
) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
    """Return the loss of each row (nats, weighed by `shares` and summed) and how many of its characters count."""
    counted = targets != IGNORED
    features = architecture.features(weights, inputs, mode)
    output = partial(architecture.output, weights, mode=mode)
    losses = jnp.where(counted, output_losses(output, features, jnp.where(counted, targets, END)), 0)
    losses = losses if shares is None else losses * shares
    return losses.sum(axis=1), counted.sum(axis=1).astype(jnp.float32)


def output_losses(
    output: Callable[[Array], Array], features: Float[Array, "B T H"], targets: Int[Array, "B T"]
) -> Float[Array, "B T"]:
    """Return -ln p of each target (nats), from what the output layer reads.

    Where all logits together would be more than `LOGITS_AT_ONCE` numbers, they are made for a few positions at a time,
    and made again on the way back: [B, T, V] never exists.
    """
    shape, width = targets.shape, features.shape[-1]
    symbols = jax.eval_shape(output, features).shape[-1]
    if targets.size * symbols <= LOGITS_AT_ONCE:
        return cross_entropy(output(features), targets)
    blocks = -(-targets.size // max(1, LOGITS_OF_BLOCK // symbols))
    size = -(-targets.size // blocks)
    padding = blocks * size - targets.size
    features = jnp.pad(features.reshape(-1, width), ((0, padding), (0, 0))).reshape(blocks, size, width)
    targets = jnp.pad(targets.reshape(-1), (0, padding)).reshape(blocks, size)

    def block(some: tuple[Array, Array]) -> Array:
        return cross_entropy(output(some[0]), some[1])

    losses = jax.lax.map(jax.checkpoint(block), (features, targets))
    return losses.reshape(-1)[: blocks * size - padding].reshape(shape)


def shares_of(weights: Int[NDArray[Any], "*shape"] | None, counted: Any = True) -> Float[Array, "*shape"] | None:
    """Return weights over their mean where they are `counted`, so that the mean is 1; None for None."""
    if weights is None:
        return None
    mean = float(np.mean(weights, where=counted, dtype=np.float64))
    return jnp.asarray((weights / mean).astype(np.float32))
