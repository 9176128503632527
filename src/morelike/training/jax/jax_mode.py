"""The mode of a model inside a compiled JAX program: dropout, look-ups and recurrence, with gradients fast on CPUs.

Each fast path computes the same as the plain definition in `architecture.Use`; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, final
from zlib import crc32

import jax
import jax.numpy as jnp

from morelike.architecture import BATCH_MOMENTUM, Blocks, Cell, Mode
from morelike.arrays import Array, Bool, Float, Int, Weights
from morelike.training.distributed.sharding import Shards
from morelike.training.jax.gradients import softmax, standardize
from morelike.training.jax.matmul import Factors, product
from morelike.training.jax.random_bytes import random_bytes
from morelike.training.jax.recurrence import scan_cell

MANY_ROWS = 128
"""Rows from which on a product with weights uses the gradient of `matmul.product`."""


class DropArguments(NamedTuple):
    """A rate of dropout: bytes below `dropped` drop a number, and the others are multiplied by `scale`."""

    dropped: int
    scale: float


def drop_arguments(rate: float) -> DropArguments:
    """Return the arguments of a rate: it is rounded to a multiple of 1/256, but never to 0 or 1."""
    dropped = min(max(round(256 * rate), 1), 255)
    return DropArguments(dropped, 256 / (256 - dropped))


@final
@dataclass(frozen=True)
class Compiled(Mode):
    """A model inside a JAX program. With a `key` the model trains: the key decides what dropout drops.

    `measured` receives the running statistics, by the names of their weights. `carried` holds the states of the
    recurrent layers [B, S], by the layers' names: before a piece of running text those at its start, afterwards those
    at its end. Where `resets` [B] is true, the text starts again. With `shards` the mode sees some rows of a batch; it
    drops and measures as if it saw all rows. Without `dropout` nothing is dropped, with a key neither. `rates` are the
    rates of dropout that are arguments of the program, by the rates that stand in for them. The factors
    of the products with weights are rounded to `factors`.
    """

    key: Array | None = None
    measured: Weights = field(default_factory=dict)
    carried: dict[str, Array] = field(default_factory=dict)
    resets: Array | None = None
    shards: Shards | None = None
    dropout: bool = True
    rates: Mapping[float, DropArguments] = field(default_factory=dict)
    factors: Factors = None

    def drop(self, name: str, x: Float[Array, "*shape"], rate: float) -> Float[Array, "*shape"]:
        """Drop with 8 random bits a number, see `drop_arguments`."""
        if self.key is None or rate == 0 or not self.dropout:
            return x
        key = jax.random.fold_in(self.key, crc32(name.encode()))
        if self.shards:
            bits = random_bytes(key, self.shards.batch_shape(x.shape))
            bits = self.shards.local_rows(bits, self.shards.axis)
        else:
            bits = random_bytes(key, x.shape)
        return self._drop(x, bits, rate)

    def drop_weights(self, name: str, matrix: Float[Array, "K N"], rate: float) -> Float[Array, "K N"]:
        """Drop as `drop` does; all shards drop the same weights."""
        if self.key is None or rate == 0 or not self.dropout:
            return matrix
        key = jax.random.fold_in(self.key, crc32(name.encode()))
        return self._drop(matrix, random_bytes(key, matrix.shape), rate)

    def _drop(self, x: Array, bits: Array, rate: float) -> Array:
        dropped, scale = self.rates.get(rate) or drop_arguments(rate)
        return jnp.where(bits >= dropped, x * scale, 0)

    def record(
        self, name: str, x: Float[Array, "*shape"], *, bounded: bool = False, diagnosed: bool = True
    ) -> Float[Array, "*shape"]:
        return x

    def moments(
        self, name: str, x: Float[Array, "*shape H"], mean: Float[Array, " H"], variance: Float[Array, " H"]
    ) -> tuple[Float[Array, " H"], Float[Array, " H"]]:
        """Return a batch's mean and its variance (divided by n); measure the unbiased variance (by n - 1)."""
        if self.key is None:
            return mean, variance
        axes = tuple(range(x.ndim - 1))
        batch_mean, batch_variance, count = (
            self.shards.moments(x) if self.shards else (x.mean(axes), x.var(axes), x.size // x.shape[-1])
        )
        unbiased = batch_variance * (count / max(count - 1, 1))
        for statistic, running, new in (("mean", mean, batch_mean), ("variance", variance, unbiased)):
            self.measured[f"{name}.{statistic}"] = running + BATCH_MOMENTUM * (jax.lax.stop_gradient(new) - running)
        return batch_mean, batch_variance

    def look_up(self, table: Float[Array, "V E"], index: Int[Array, "*shape"]) -> Float[Array, "*shape E"]:
        return jnp.asarray(table).at[index].get(mode="promise_in_bounds")  # without checks inside the loop

    def product(self, x: Float[Array, "*shape K"], matrix: Float[Array, "*batch K N"]) -> Float[Array, "*shape N"]:
        if matrix.ndim > 2:
            return product(x, matrix)
        return product(x, matrix, self.factors) if self.factors or x.size >= MANY_ROWS * x.shape[-1] else x @ matrix

    def softmax(self, x: Float[Array, "*shape N"]) -> Float[Array, "*shape N"]:
        return softmax(x)

    def standardize(self, x: Float[Array, "*shape E"]) -> Float[Array, "*shape E"]:
        return standardize(x)

    def scan_cell(
        self, name: str, cell: Cell, layer: Weights, start: Float[Array, " S"], begins: Bool[Array, "T B"], x: Blocks
    ) -> Float[Array, "T B H"]:
        weights = {name: array for name, array in layer.items() if name not in ("Wx", "b", "Wh")}
        initial = jnp.broadcast_to(start, (begins.shape[1], len(start)))
        if self.resets is not None:
            initial = jnp.where(self.resets[:, None], initial, self.carried.get(name, initial))
        outputs, last = scan_cell(cell, self.factors, weights, layer["Wh"], start, initial, begins, x)
        if self.resets is not None:
            self.carried[name] = jax.lax.stop_gradient(last)
        return outputs
