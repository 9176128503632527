"""Products of many rows inside a compiled JAX program, in the memory layout that XLA's fast CPU product needs."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from morelike.arrays import Array, Float

barrier: Any = jax.lax.optimization_barrier


@jax.custom_vjp
def product(x: Float[Array, "*shape K"], matrix: Float[Array, "*batch K N"]) -> Float[Array, "*shape N"]:
    """Return x @ matrix; the matrix's gradient takes half the time of XLA's own where x has many rows.

    Several matrices may be given at once: [*batch, M, K] @ [*batch, K, N].
    """
    return x @ matrix


def _product(x: Array, matrix: Array) -> tuple[Array, tuple[Array, Array]]:
    return x @ matrix, (x, matrix)


def _product_gradient(saved: tuple[Array, Array], gradient: Array) -> tuple[Array, Array]:
    x, matrix = saved
    to_x = gradient @ jnp.swapaxes(matrix, -1, -2)
    if matrix.ndim > 2:
        return to_x, _transposed(x) @ gradient
    return to_x, transposed_product(x.reshape(-1, x.shape[-1]), gradient.reshape(-1, gradient.shape[-1]))


product.defvjp(_product, _product_gradient)


def transposed_product(x: Float[Array, "N K"], y: Float[Array, "N H"]) -> Float[Array, "K H"]:
    """Return x^T y for a large N. It is computed as (y^T x)^T with y^T copied, as the fast CPU product needs it."""
    transposed: Array = barrier(_transposed(y) @ x).T
    return transposed


def _transposed(x: Float[Array, "*batch M N"]) -> Float[Array, "*batch N M"]:
    """Return a transposed copy of x.

    Without the sum XLA would only relabel the axes; without the barriers it would merge the copy into the product.
    """
    transposed: Array = barrier(jnp.swapaxes(barrier(x), -1, -2) + 0.0)
    return transposed
