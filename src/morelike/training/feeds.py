"""Examples on the device: contexts gathered from the flat corpus for window models, packed rows for the others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple, final

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Mode, TrainedArchitecture, WindowArchitecture
from morelike.arrays import Array, Float, Int, Weights
from morelike.text.examples import IGNORED, packed_rows
from morelike.text.vocabulary import END, TokenLines
from morelike.training import batches

__all__ = ["Feed", "feed_of"]


class Feed(ABC):
    """Examples of one part of a list, as arrays on the device."""

    data: Any
    examples: int

    @abstractmethod
    def gather(self, data: Any, index: Int[Array, "*shape"]) -> Any:
        """Return the examples at `index`: for a whole chunk at once, since a gather in the loop is slow."""

    @abstractmethod
    def losses(self, batch: Any, weights: Weights, mode: Mode) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
        """Return the loss of each gathered example (nats, summed over its characters) and the number of these."""

    @abstractmethod
    def indices(self, batch: int, seed: int, step: int, steps: int) -> Int[NDArray[Any], "steps B"]:
        """Return the examples of `steps` steps from `step` on."""


class Contexts(NamedTuple):
    """The flat corpus: int32[N] tokens, and how many tokens of its own line lie before each."""

    tokens: Array
    reach: Array


@final
class ContextFeed(Feed):
    """One example is K characters and the next; no (N, K) matrix is ever made."""

    def __init__(self, architecture: WindowArchitecture, lines: TokenLines) -> None:
        self.architecture = architecture
        reach = np.arange(len(lines.tokens)) - np.repeat(lines.offsets[:-1], lines.lengths)
        self.data = Contexts(jnp.asarray(lines.tokens), jnp.asarray(reach.astype(np.int32)))
        self.examples = len(lines.tokens)

    def gather(self, data: Contexts, index: Int[Array, "*shape"]) -> tuple[Array, Array]:
        back = jnp.arange(self.architecture.context, 0, -1)
        inside = back <= data.reach[index][..., None]
        return jnp.where(inside, data.tokens[index[..., None] - back], END), data.tokens[index]

    def losses(
        self, batch: tuple[Array, Array], weights: Weights, mode: Mode
    ) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
        context, targets = batch
        return cross_entropy(self.architecture.predict(weights, context, mode), targets), jnp.ones(len(targets))

    def indices(self, batch: int, seed: int, step: int, steps: int) -> Int[NDArray[Any], "steps B"]:
        return batches.drawn(self.examples, batch, seed, step, steps)


class Rows(NamedTuple):
    """Packed rows: int32[R, T] inputs and targets."""

    inputs: Array
    targets: Array


@final
class RowFeed(Feed):
    """One example is a row of whole lines."""

    def __init__(self, architecture: TrainedArchitecture, lines: TokenLines, width: int) -> None:
        self.architecture = architecture
        rows = packed_rows(lines, width)
        self.data = Rows(jnp.asarray(rows.inputs), jnp.asarray(rows.targets))
        self.examples = len(rows)

    def gather(self, data: Rows, index: Int[Array, "*shape"]) -> Rows:
        return Rows(data.inputs[index], data.targets[index])

    def losses(self, batch: Rows, weights: Weights, mode: Mode) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
        counted = batch.targets != IGNORED
        logits = self.architecture.logits(weights, batch.inputs, mode)
        losses = jnp.where(counted, cross_entropy(logits, jnp.where(counted, batch.targets, END)), 0)
        return losses.sum(axis=1), counted.sum(axis=1).astype(jnp.float32)

    def indices(self, batch: int, seed: int, step: int, steps: int) -> Int[NDArray[Any], "steps B"]:
        return batches.permuted(self.examples, batch, seed, step, steps)


def feed_of(architecture: TrainedArchitecture, lines: TokenLines, width: int) -> Feed:
    """Return the feed that suits an architecture: contexts for windows, rows for all others."""
    if isinstance(architecture, WindowArchitecture):
        return ContextFeed(architecture, lines)
    return RowFeed(architecture, lines, width)


def cross_entropy(logits: Float[Array, "*batch V"], targets: Int[Array, "*batch"]) -> Float[Array, "*batch"]:
    """Return -ln p of each target (nats)."""
    picked = jnp.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
    return jax.nn.logsumexp(logits, axis=-1) - picked
