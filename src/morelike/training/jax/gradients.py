"""Custom gradients inside a compiled JAX program, with fewer passes over memory than the gradients that JAX derives."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from morelike import arrays
from morelike.arrays import EPSILON, Array, Float, Int, one_hot


@jax.custom_vjp
def cross_entropy(logits: Float[Array, "*batch V"], targets: Int[Array, "*batch"]) -> Float[Array, "*batch"]:
    """Return -ln p of each target (nats).

    The gradient is softmax minus one-hot, computed from the exponentials of the loss.
    """
    return _cross_entropy(logits, targets)[0]


def _cross_entropy(logits: Array, targets: Array) -> tuple[Array, tuple[Array, Array, Array]]:
    highest = logits.max(axis=-1, keepdims=True)
    exponentials = jnp.exp(logits - highest)
    total = exponentials.sum(axis=-1, keepdims=True)
    picked = jnp.take_along_axis(logits, targets[..., None], axis=-1, mode="promise_in_bounds")
    return (highest + jnp.log(total) - picked)[..., 0], (exponentials, total, targets)


def _cross_entropy_gradient(saved: tuple[Array, Array, Array], gradient: Array) -> tuple[Array, None]:
    exponentials, total, targets = saved
    return (exponentials / total - one_hot(targets, exponentials.shape[-1])) * gradient[..., None], None


cross_entropy.defvjp(_cross_entropy, _cross_entropy_gradient)


@jax.custom_vjp
def softmax(x: Float[Array, "*shape N"]) -> Float[Array, "*shape N"]:
    """Return `arrays.softmax`. JAX would also differentiate the maximum, which does not change the result."""
    return arrays.softmax(x)


def _softmax(x: Array) -> tuple[Array, Array]:
    probabilities = arrays.softmax(x)
    return probabilities, probabilities


def _softmax_gradient(probabilities: Array, gradient: Array) -> tuple[Array]:
    weighted = probabilities * gradient
    return (weighted - probabilities * weighted.sum(axis=-1, keepdims=True),)


softmax.defvjp(_softmax, _softmax_gradient)


@jax.custom_vjp
def standardize(x: Float[Array, "*shape E"]) -> Float[Array, "*shape E"]:
    """Return `arrays.standardize`. The gradient needs only the result and the precision (Ba et al. 2016)."""
    return _standardize(x)[0]


def _standardize(x: Array) -> tuple[Array, tuple[Array, Array]]:
    centred = x - x.mean(axis=-1, keepdims=True)
    precision = jax.lax.rsqrt((centred * centred).mean(axis=-1, keepdims=True) + EPSILON)
    return centred * precision, (centred * precision, precision)


def _standardize_gradient(saved: tuple[Array, Array], gradient: Array) -> tuple[Array]:
    standardized, precision = saved
    along = (gradient * standardized).mean(axis=-1, keepdims=True)
    return (precision * (gradient - gradient.mean(axis=-1, keepdims=True) - standardized * along),)


standardize.defvjp(_standardize, _standardize_gradient)
