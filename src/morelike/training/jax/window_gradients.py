"""Loss and gradients of a window model in float64, by the code that training compiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from morelike.architecture import TrainedArchitecture
from morelike.arrays import Float, Int, Weights
from morelike.training.jax.jax_mode import Compiled

Gradients = dict[str, NDArray[np.float64]]


def float64_gradients(
    architecture: TrainedArchitecture, weights: Weights, x: Int[NDArray[Any], "N K"], y: Int[NDArray[Any], " N"]
) -> Callable[[], tuple[float, Gradients]]:
    """Return a function that computes the loss and the gradients by JAX in float64."""

    def loss(weights: Weights) -> Float[Any, ""]:
        logits = architecture.example_logits(weights, jnp.asarray(x), Compiled())
        return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(logits, jnp.asarray(y)))

    compiled = jax.jit(jax.value_and_grad(loss))

    def run() -> tuple[float, Gradients]:
        with jax.enable_x64(True):  # noqa: FBT003 (JAX names no keyword)
            value, gradients = compiled({name: jnp.asarray(array) for name, array in weights.items()})
        return float(value), {name: np.asarray(gradients[name]) for name in weights}

    return run
