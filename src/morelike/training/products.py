"""Products of many rows inside a compiled JAX program, laid out as its fast product on CPUs wants them."""

from __future__ import annotations

from typing import Any

import jax

from morelike.arrays import Array, Float

__all__ = ["product", "tall"]


@jax.custom_vjp
def product(x: Float[Array, "*shape K"], matrix: Float[Array, "K N"]) -> Float[Array, "*shape N"]:
    """Return x @ matrix; the matrix's gradient takes half of the time that XLA's own takes where x has many rows."""
    return x @ matrix


def _product(x: Array, matrix: Array) -> tuple[Array, tuple[Array, Array]]:
    return x @ matrix, (x, matrix)


def _product_gradient(saved: tuple[Array, Array], gradient: Array) -> tuple[Array, Array]:
    x, matrix = saved
    return gradient @ matrix.T, tall(x.reshape(-1, x.shape[-1]), gradient.reshape(-1, gradient.shape[-1]))


product.defvjp(_product, _product_gradient)


def tall(x: Float[Array, "N K"], y: Float[Array, "N H"]) -> Float[Array, "K H"]:
    """Return x^T y, where N is large: as (y^T x)^T, with y^T laid out anew, which the CPU's fast product needs.

    Without the sum the transpose would be a mere layout, without the barriers all of it a product of the slow sort.
    """
    keep: Any = jax.lax.optimization_barrier
    transposed: Array = keep(keep(keep(y).T + 0.0) @ x).T
    return transposed
