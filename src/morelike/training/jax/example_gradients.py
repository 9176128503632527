"""Loss and gradients of a model on some examples in float64, by the code that training compiles."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from morelike.architecture import TrainedArchitecture
from morelike.arrays import Float, Int, Weights
from morelike.text.examples.packed_rows import IGNORED
from morelike.training.jax.jax_mode import Compiled
from morelike.training.jax.session import prepare_jax

Gradients = dict[str, NDArray[np.float64]]

COMPILED_KINDS = 16
"""Architectures whose compiled gradients are kept."""


def float64_gradients(
    architecture: TrainedArchitecture, weights: Weights, x: Int[NDArray[Any], "N K"], y: Int[NDArray[Any], " N"]
) -> Callable[[], tuple[float, Gradients]]:
    """Return a function that computes the loss and the gradients by JAX in float64; its first call compiles them."""
    compiled = _compile(architecture)

    def run() -> tuple[float, Gradients]:
        loss, gradients, _ = _call(compiled, architecture, weights, x, y)
        return loss, gradients

    return run


def training_gradients(
    architecture: TrainedArchitecture, weights: Weights, inputs: Int[NDArray[Any], "N T"], targets: Int[Any, " *N"]
) -> tuple[float, Gradients, Weights]:
    """Return the mean loss (nats per character), its gradients, and the running statistics that training measures.

    BatchNorm uses the statistics of these examples, and nothing is dropped. Targets that are `IGNORED` do not count.
    """
    prepare_jax()
    return _call(_compiled(architecture), architecture, weights, inputs, targets)


def _call(
    compiled: Callable[..., Any], architecture: TrainedArchitecture, weights: Weights, inputs: Any, targets: Any
) -> tuple[float, Gradients, Weights]:
    with jax.enable_x64(True):  # noqa: FBT003 (JAX names no keyword)
        arrays = {name: jnp.asarray(array, dtype=jnp.float64) for name, array in weights.items()}
        parameters = {name: array for name, array in arrays.items() if architecture.is_parameter(name)}
        (loss, measured), gradients = compiled(parameters, arrays, jnp.asarray(inputs), jnp.asarray(targets))
    return (
        float(loss),
        {name: np.asarray(gradients[name]) for name in parameters},
        {name: np.asarray(array) for name, array in measured.items()},
    )


def _compile(architecture: TrainedArchitecture) -> Callable[..., Any]:
    def mean_loss(parameters: Weights, weights: Weights, inputs: Any, targets: Any) -> tuple[Float[Any, ""], Weights]:
        mode = Compiled(jax.random.key(0), dropout=False)  # with a key: the mode of training
        logits = architecture.example_logits(weights | parameters, inputs, mode)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, jnp.maximum(targets, 0))
        return jnp.mean(losses, where=targets != IGNORED), mode.measured

    return jax.jit(jax.value_and_grad(mean_loss, has_aux=True))


_compiled = lru_cache(maxsize=COMPILED_KINDS)(_compile)
