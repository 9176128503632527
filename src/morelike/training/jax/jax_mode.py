"""How a model runs inside a compiled JAX program: dropout, look-ups and recurrence, with gradients fast on CPUs.

Each fast path computes what the plain definition in `architecture.Use` does; tests hold the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final
from zlib import crc32

import jax
import jax.numpy as jnp

from morelike.architecture import BATCH_MOMENTUM, Cell, Mode, Parts
from morelike.arrays import Array, Bool, Float, Int, Weights
from morelike.training.distributed.sharding import Shards
from morelike.training.jax.gradients import softmax, standardize
from morelike.training.jax.matmul import product
from morelike.training.jax.random_bytes import random_bytes
from morelike.training.jax.recurrence import scan_cell

__all__ = ["Compiled"]

MANY = 128
"""Rows from which on a product with weights has a gradient of its own."""


@final
@dataclass(frozen=True)
class Compiled(Mode):
    """A model inside a JAX program; `key` is there in training alone and drives dropout.

    What training measures on its way is put in `measured`, by the names of the weights that keep it. In a running text
    `carried` holds the states of the recurrent layers [B, S] that the text before left, by the layers' names, and
    afterwards those that this one left; where `resets` [B] is true a text begins. With `shards` it sees some rows of a
    batch, and drops and measures as if it saw them all.
    """

    key: Array | None = None
    measured: Weights = field(default_factory=dict)
    carried: dict[str, Array] = field(default_factory=dict)
    resets: Array | None = None
    shards: Shards | None = None

    def drop(self, name: str, x: Float[Array, "*shape"], rate: float) -> Float[Array, "*shape"]:
        """Drop with 8 random bits a number: the rate is rounded to a 256th, never to 0 or 1."""
        if self.key is None or rate == 0:
            return x
        dropped = min(max(round(256 * rate), 1), 255)
        key = jax.random.fold_in(self.key, crc32(name.encode()))
        if self.shards:
            bits = random_bytes(key, self.shards.batch_shape(x.shape))
            bits = self.shards.local_rows(bits, self.shards.axis)
        else:
            bits = random_bytes(key, x.shape)
        return jnp.where(bits >= dropped, x * (256 / (256 - dropped)), 0)

    def record(self, name: str, x: Float[Array, "*shape"], *, bounded: bool = False) -> Float[Array, "*shape"]:
        return x

    def moments(
        self, name: str, x: Float[Array, "*shape H"], mean: Float[Array, " H"], variance: Float[Array, " H"]
    ) -> tuple[Float[Array, " H"], Float[Array, " H"]]:
        """Normalise a batch by its own variance (divided by n), and keep the unbiased one (by n - 1)."""
        if self.key is None:
            return mean, variance
        axes = tuple(range(x.ndim - 1))
        own_mean, own_variance, count = (
            self.shards.moments(x) if self.shards else (x.mean(axes), x.var(axes), x.size // x.shape[-1])
        )
        for kept, running, now in (
            ("mean", mean, own_mean),
            ("variance", variance, own_variance * (count / max(count - 1, 1))),
        ):
            self.measured[f"{name}.{kept}"] = running + BATCH_MOMENTUM * (jax.lax.stop_gradient(now) - running)
        return own_mean, own_variance

    def look_up(self, table: Float[Array, "V E"], index: Int[Array, "*shape"]) -> Float[Array, "*shape E"]:
        return (
            jnp.asarray(table).at[index].get(mode="promise_in_bounds")
        )  # ids are; tests for it would go into the loop too

    def product(self, x: Float[Array, "*shape K"], matrix: Float[Array, "*batch K N"]) -> Float[Array, "*shape N"]:
        return product(x, matrix) if matrix.ndim > 2 or x.size >= MANY * x.shape[-1] else x @ matrix

    def softmax(self, x: Float[Array, "*shape N"]) -> Float[Array, "*shape N"]:
        return softmax(x)

    def standardize(self, x: Float[Array, "*shape E"]) -> Float[Array, "*shape E"]:
        return standardize(x)

    def scan_cell(
        self, name: str, cell: Cell, layer: Weights, start: Float[Array, " S"], begins: Bool[Array, "T B"], x: Parts
    ) -> Float[Array, "T B H"]:
        own = {name: array for name, array in layer.items() if name not in ("Wx", "b", "Wh")}
        first = jnp.broadcast_to(start, (begins.shape[1], len(start)))
        if self.resets is not None:
            first = jnp.where(self.resets[:, None], first, self.carried.get(name, first))
        shown, last = scan_cell(cell, own, layer["Wh"], start, first, begins, x)
        if self.resets is not None:
            self.carried[name] = jax.lax.stop_gradient(last)
        return shown
