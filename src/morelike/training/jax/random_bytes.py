"""Random bytes for dropout, drawn so that one process and many draw the same."""

from __future__ import annotations

from math import prod

import jax
import jax.numpy as jnp

from morelike.arrays import Array

__all__ = ["random_bytes"]


def random_bytes(key: Array, shape: tuple[int, ...]) -> Array:
    """Return random numbers uint8 of this shape. Four share a draw of 32 bits: JAX would draw 64 for each of them."""
    size = prod(shape)
    words = jax.random.bits(key, (-(-size // 4),), jnp.uint32)
    return jax.lax.bitcast_convert_type(words, jnp.uint8).reshape(-1)[:size].reshape(shape)
