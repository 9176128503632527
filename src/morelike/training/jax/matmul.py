"""Products inside a compiled JAX program, in the memory layouts that XLA's fast CPU products need.

With `Factors` "bfloat16" both factors of a product are rounded to bfloat16 (8 bits of precision), and their products
are summed in the type of x. Processors that multiply bfloat16 do so several times as fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp

from morelike.arrays import Array, Float
from morelike.runs.settings import TrainingConfig

barrier: Any = jax.lax.optimization_barrier

Factors: TypeAlias = str | None
"""The type to which the factors of a product are rounded; None leaves them as they are."""


def factors_of(config: TrainingConfig) -> Factors:
    """Return the type of the factors of a run's products with weights."""
    return "bfloat16" if config.precision == "bfloat16" else None


def dot(x: Float[Array, "*shape K"], matrix: Float[Array, "*batch K N"], factors: Factors) -> Float[Array, "*shape N"]:
    """Return x @ matrix; JAX derives the gradient."""
    return jnp.matmul(_rounded(x, factors), _rounded(matrix, factors), preferred_element_type=x.dtype)


def _dot_with_rows(
    x: Float[Array, "*shape N"], matrix: Float[Array, "K N"], factors: Factors
) -> Float[Array, "*shape K"]:
    """Return x @ matrix^T. XLA's product of bfloat16 does not take matrices whose axes were relabelled."""
    axes = ((x.ndim - 1,), (1,)), ((), ())
    return jax.lax.dot_general(_rounded(x, factors), _rounded(matrix, factors), axes, preferred_element_type=x.dtype)


def _rounded(x: Array, factors: Factors) -> Array:
    return x if factors is None else x.astype(factors)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def product(
    x: Float[Array, "*shape K"], matrix: Float[Array, "*batch K N"], factors: Factors = None
) -> Float[Array, "*shape N"]:
    """Return x @ matrix; the matrix's gradient takes half the time of XLA's own where x has many rows.

    Several matrices may be given at once: [*batch, M, K] @ [*batch, K, N].
    """
    return dot(x, matrix, factors)


def _product(x: Array, matrix: Array, factors: Factors) -> tuple[Array, tuple[Array, Array]]:
    return dot(x, matrix, factors), (x, matrix)


def _product_gradient(factors: Factors, saved: tuple[Array, Array], gradient: Array) -> tuple[Array, Array]:
    x, matrix = saved
    if matrix.ndim > 2:
        return gradient @ jnp.swapaxes(matrix, -1, -2), _transposed(x) @ gradient
    to_x = _dot_with_rows(gradient, matrix, factors)
    return to_x, transposed_product(x.reshape(-1, x.shape[-1]), gradient.reshape(-1, gradient.shape[-1]), factors)


product.defvjp(_product, _product_gradient)


def transposed_product(x: Float[Array, "N K"], y: Float[Array, "N H"], factors: Factors = None) -> Float[Array, "K H"]:
    """Return x^T y for a large N."""
    if y.shape[-1] < x.shape[-1]:  # the smaller of the two is transposed
        return barrier(transposed_products(y, [x], factors)[0]).T
    return transposed_products(x, [y], factors)[0]


def transposed_products(
    x: Float[Array, "N K"], others: Sequence[Float[Array, "N H"]], factors: Factors = None
) -> list[Float[Array, "K H"]]:
    """Return x^T y for each y of the others, with one transposed copy of x."""
    transposed = _transposed(x)
    return [dot(transposed, y, factors) for y in others]


def _transposed(x: Float[Array, "*batch M N"]) -> Float[Array, "*batch N M"]:
    """Return a transposed copy of x.

    Otherwise XLA only relabels the axes, and its products of bfloat16 do not take such arrays. A flat array between
    barriers must be in order in memory.
    """
    transposed = jnp.swapaxes(barrier(x), -1, -2)
    copied: Array = barrier(transposed.reshape(-1)).reshape(transposed.shape)
    return copied
