"""Random bytes for dropout."""

from __future__ import annotations

from math import prod

import jax
import jax.numpy as jnp

from morelike.arrays import Array


def random_bytes(key: Array, shape: tuple[int, ...]) -> Array:
    """Return random uint8 numbers of this shape, four from each draw of 32 bits: JAX would draw 64 bits for each."""
    size = prod(shape)
    words = jax.random.bits(key, (-(-size // 4),), jnp.uint32)
    return jax.lax.bitcast_convert_type(words, jnp.uint8).reshape(-1)[:size].reshape(shape)
