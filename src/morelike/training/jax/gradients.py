"""Gradients of our own inside a compiled JAX program: fewer passes over memory than those that JAX derives."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from morelike import arrays
from morelike.arrays import EPSILON, Array, Float, Int, one_hot

__all__ = ["cross_entropy", "softmax", "standardize"]


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


@jax.custom_vjp
def softmax(x: Float[Array, "*shape N"]) -> Float[Array, "*shape N"]:
    """Return what `arrays.softmax` does. JAX would go back through the maximum, which changes nothing, as well."""
    return arrays.softmax(x)


def _softmax(x: Array) -> tuple[Array, Array]:
    shares = arrays.softmax(x)
    return shares, shares


def _softmax_gradient(shares: Array, gradient: Array) -> tuple[Array]:
    weighed = shares * gradient
    return (weighed - shares * weighed.sum(axis=-1, keepdims=True),)


softmax.defvjp(_softmax, _softmax_gradient)


@jax.custom_vjp
def standardize(x: Float[Array, "*shape E"]) -> Float[Array, "*shape E"]:
    """Return what `arrays.standardize` does. The gradient needs that and the deviation alone (Ba et al. 2016)."""
    return _standardize(x)[0]


def _standardize(x: Array) -> tuple[Array, tuple[Array, Array]]:
    centred = x - x.mean(axis=-1, keepdims=True)
    precision = jax.lax.rsqrt((centred * centred).mean(axis=-1, keepdims=True) + EPSILON)
    return centred * precision, (centred * precision, precision)


def _standardize_gradient(saved: tuple[Array, Array], gradient: Array) -> tuple[Array]:
    shown, precision = saved
    along = (gradient * shown).mean(axis=-1, keepdims=True)
    return (precision * (gradient - gradient.mean(axis=-1, keepdims=True) - shown * along),)


standardize.defvjp(_standardize, _standardize_gradient)
