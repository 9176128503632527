"""How a model runs inside a compiled JAX program: dropout, look-ups and recurrence, with gradients fast on CPUs.

Each fast path computes what the plain definition in `architecture.Use` does; tests hold the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any, final
from zlib import crc32

import jax
import jax.numpy as jnp

from morelike.architecture import BATCH_MOMENTUM, Cell, Mode, Parts, products
from morelike.arrays import Array, Bool, Float, Int, Weights, one_hot
from morelike.training.distributed import Shares
from morelike.training.random_bytes import random_bytes

__all__ = ["Compiled", "cross_entropy", "product", "recur"]

MANY = 256
"""Rows from which on a product has a gradient of its own."""


@final
@dataclass(frozen=True)
class Compiled(Mode):
    """A model inside a JAX program; `key` is there in training alone and drives dropout.

    What training measures on its way is put in `measured`, by the names of the weights that keep it. In a running text
    `carried` holds the states of the recurrent layers [B, S] that the text before left, by the layers' names, and
    afterwards those that this one left; where `resets` [B] is true a text begins. With `shares` it sees some rows of a
    batch, and drops and measures as if it saw them all.
    """

    key: Array | None = None
    measured: Weights = field(default_factory=dict)
    carried: dict[str, Array] = field(default_factory=dict)
    resets: Array | None = None
    shares: Shares | None = None

    def drop(self, name: str, x: Float[Array, "*shape"], rate: float) -> Float[Array, "*shape"]:
        """Drop with 8 random bits a number: the rate is rounded to a 256th, never to 0 or 1."""
        if self.key is None or rate == 0:
            return x
        dropped = min(max(round(256 * rate), 1), 255)
        key = jax.random.fold_in(self.key, crc32(name.encode()))
        bits = self.shares.bits(key, x.shape) if self.shares else random_bytes(key, x.shape)
        return jnp.where(bits >= dropped, x * (256 / (256 - dropped)), 0)

    def observe(self, name: str, x: Float[Array, "*shape"], *, bounded: bool = False) -> Float[Array, "*shape"]:
        return x

    def moments(
        self, name: str, x: Float[Array, "*shape H"], mean: Float[Array, " H"], variance: Float[Array, " H"]
    ) -> tuple[Float[Array, " H"], Float[Array, " H"]]:
        """Normalise a batch by its own variance (divided by n), and keep the unbiased one (by n - 1)."""
        if self.key is None:
            return mean, variance
        axes = tuple(range(x.ndim - 1))
        own_mean, own_variance, count = (
            self.shares.moments(x) if self.shares else (x.mean(axes), x.var(axes), x.size // x.shape[-1])
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

    def product(self, x: Float[Array, "*shape K"], matrix: Float[Array, "K N"]) -> Float[Array, "*shape N"]:
        return product(x, matrix) if x.size >= MANY * x.shape[-1] else x @ matrix

    def recur(
        self, name: str, cell: Cell, layer: Weights, start: Float[Array, " S"], begins: Bool[Array, "T B"], x: Parts
    ) -> Float[Array, "T B S"]:
        own = {name: array for name, array in layer.items() if name not in ("Wx", "b", "Wh")}
        first = jnp.broadcast_to(start, (begins.shape[1], len(start)))
        if self.resets is not None:
            first = jnp.where(self.resets[:, None], first, self.carried.get(name, first))
        states = recur(cell, own, layer["Wh"], start, first, begins, x)
        if self.resets is not None:
            self.carried[name] = jax.lax.stop_gradient(states[-1])
        return states


@jax.custom_vjp
def product(x: Float[Array, "*shape K"], matrix: Float[Array, "K N"]) -> Float[Array, "*shape N"]:
    """Return x @ matrix; the matrix's gradient takes half of the time that XLA's own takes where x has many rows."""
    return x @ matrix


def _product(x: Array, matrix: Array) -> tuple[Array, tuple[Array, Array]]:
    return x @ matrix, (x, matrix)


def _product_gradient(saved: tuple[Array, Array], gradient: Array) -> tuple[Array, Array]:
    x, matrix = saved
    return gradient @ matrix.T, _tall(x.reshape(-1, x.shape[-1]), gradient.reshape(-1, gradient.shape[-1]))


product.defvjp(_product, _product_gradient)


def _tall(x: Float[Array, "N K"], y: Float[Array, "N H"]) -> Float[Array, "K H"]:
    """Return x^T y, where N is large: as (y^T x)^T, with y^T laid out anew, which the CPU's fast product needs.

    Without the sum the transpose would be a mere layout, without the barriers all of it a product of the slow sort.
    """
    keep: Any = jax.lax.optimization_barrier
    transposed: Array = keep(keep(keep(y).T + 0.0) @ x).T
    return transposed


@jax.custom_vjp
def cross_entropy(logits: Float[Array, "*batch V"], targets: Int[Array, "*batch"]) -> Float[Array, "*batch"]:
    """Return -ln p of each target (nats).

    The gradient is softmax less one-hot, from the powers that the loss was computed with.
    """
    return _cross_entropy(logits, targets)[0]


def _cross_entropy(logits: Array, targets: Array) -> tuple[Array, tuple[Array, Array, Array]]:
    highest = logits.max(axis=-1, keepdims=True)
    powers = jnp.exp(logits - highest)
    total = powers.sum(axis=-1, keepdims=True)
    picked = jnp.take_along_axis(logits, targets[..., None], axis=-1, mode="promise_in_bounds")
    return (highest + jnp.log(total) - picked)[..., 0], (powers, total, targets)


def _cross_entropy_gradient(saved: tuple[Array, Array, Array], gradient: Array) -> tuple[Array, None]:
    powers, total, targets = saved
    return (powers / total - one_hot(targets, powers.shape[-1])) * gradient[..., None], None


cross_entropy.defvjp(_cross_entropy, _cross_entropy_gradient)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def recur(
    cell: Cell, own: Weights, matrix: Array, start: Array, first: Array, begins: Array, x: Parts
) -> Float[Array, "T B S"]:
    """Return the states [T, B, S] of a recurrent layer; see `Mode.recur`. `first` [B, S] is the state before all.

    Going back in time only what must wait stays in the loop: the product with Wh^T. The cell's derivatives are
    elementwise and taken for all times at once before it, the weights' gradients in one product after it (the
    order of cuDNN: Appleyard et al. 2016, https://arxiv.org/abs/1604.01946).
    """
    return _forward(cell, own, matrix, start, first, begins, x)[0]


def _forward(
    cell: Cell, own: Weights, matrix: Array, start: Array, first: Array, begins: Array, x: Parts
) -> tuple[Array, Array, Parts]:
    def step(state: Array, now: Any) -> tuple[Array, tuple[Array, Array, Parts]]:
        begins, x = now
        before = jnp.where(begins[:, None], start, state)
        u = products(matrix, before)
        state = cell(own, before, u, x)
        return state, (state, before, u)

    states: tuple[Array, Array, Parts] = jax.lax.scan(step, first, (begins, x))[1]
    return states


def _recur(
    cell: Cell, own: Weights, matrix: Array, start: Array, first: Array, begins: Array, x: Parts
) -> tuple[Array, tuple[Any, ...]]:
    states, before, u = _forward(cell, own, matrix, start, first, begins, x)
    return states, (own, matrix, begins, x, before, u)


def _recur_gradient(cell: Cell, saved: tuple[Any, ...], gradient: Array) -> tuple[Any, ...]:
    own, matrix, begins, x, before, u = saved
    hidden, width = len(matrix), before.shape[-1]
    _, pull = jax.vjp(partial(_update, cell), own, before, u, x)
    # Row j of the Jacobian, for all times: the derivatives of the j-th block of the state, which each unit has alone.
    blocks = [jnp.zeros_like(before).at[..., at : at + hidden].set(1) for at in range(0, width, hidden)]
    keep: Any = jax.lax.optimization_barrier  # or XLA computes them again inside the loop
    rows = keep([pull(block)[1:3] for block in blocks])
    transposed = matrix.T

    def step(later: Array, now: Any) -> tuple[Array, tuple[Array, Array]]:
        here, begins, rows = now
        total = later + here
        by_block = [total[:, at : at + hidden] for at in range(0, width, hidden)]
        to_state = sum(jnp.tile(part, width // hidden) * row for part, (row, _) in zip(by_block, rows, strict=True))
        to_products = [
            sum(part * row[gate] for part, (_, row) in zip(by_block, rows, strict=True)) for gate in range(len(u))
        ]
        through = jnp.concatenate(to_products, axis=-1) @ transposed
        earlier = to_state.at[:, :hidden].add(through) if width > hidden else to_state + through
        return jnp.where(begins[:, None], 0, earlier), (total, earlier)

    last, (total, earlier) = jax.lax.scan(step, jnp.zeros_like(before[0]), (gradient, begins, rows), reverse=True)
    to_own, _, to_products, to_x = pull(total)
    shown = before[..., :hidden].reshape(-1, hidden)
    to_matrix = jnp.concatenate([shown.T @ part.reshape(-1, hidden) for part in to_products], axis=1)
    to_start = jnp.where(begins[..., None], earlier, 0).sum((0, 1))
    return to_own, to_matrix, to_start, last, None, to_x


def _update(cell: Cell, own: Weights, before: Array, u: Parts, x: Parts) -> Array:
    return cell(own, before, u, x)


recur.defvjp(_recur, _recur_gradient)
