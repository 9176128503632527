"""A training loop to read: the steps that the compiled engine takes, one at a time, in plain JAX.

The engine (`training.jax.engine`) runs hundreds of steps in one compiled program. It keeps the examples on the device,
may divide a batch among several cores, and has faster gradients of its own for the loss. This loop has none of that.
The tests compare the two, step by step, for every kind of model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from morelike.architecture import (
    USE,
    TrainedArchitecture,
)
from morelike.arrays import Array, Int, Weights, log_softmax
from morelike.runs.settings import TrainingConfig, row_length_of
from morelike.text.examples.contexts import contexts
from morelike.text.examples.packed_rows import IGNORED, packed_rows, text_rows
from morelike.text.vocabulary import TokenLines
from morelike.training.jax.batch_indices import draw_with_replacement, draw_without_replacement
from morelike.training.jax.jax_mode import Compiled
from morelike.training.jax.matmul import factors_of
from morelike.training.jax.optimizer import optimizer


class Step(NamedTuple):
    """The loss of one step's batch (nats per character), and the weights after the step."""

    loss: float
    weights: Weights


def train(
    architecture: TrainedArchitecture, weights: Weights, config: TrainingConfig, lines: TokenLines, *, text: bool
) -> Iterator[Step]:
    """Yield the steps of gradient descent from these weights; a running `text` is one line of `lines`."""
    lines = lines.take(np.random.Generator(np.random.Philox(key=[config.seed, 0])).permutation(len(lines)))
    examples = all_examples(architecture, lines, row_length_of(config), text=text)
    descent = optimizer(config)
    descent_state = descent.init(trainable(architecture, weights))
    carried: Weights = {}  # the states of the recurrent layers where the last piece of a running text ended

    @jax.jit
    def gradients_of(weights: Weights, batch: Examples, carried: Weights, resets: Array | None, key: Array) -> Any:
        def mean_loss(parameters: Weights) -> tuple[Array, tuple[Weights, Weights]]:
            # with a key, the mode is that of training
            mode = Compiled(key, carried=dict(carried), resets=resets, factors=factors_of(config))
            logits = architecture.example_logits(weights | parameters, batch.inputs, mode)
            losses = optax.softmax_cross_entropy_with_integer_labels(logits, jnp.maximum(batch.targets, 0))
            counted = batch.targets != IGNORED
            return jnp.sum(losses * batch.loss_weights * counted) / jnp.sum(counted), (mode.measured, mode.carried)

        return jax.value_and_grad(mean_loss, has_aux=True)(trainable(architecture, weights))

    for step in range(config.steps or 0):
        index, resets = step_indices(architecture, config, len(examples.targets), step, text=text)
        batch = Examples(*(array[index] for array in examples))
        key = jax.random.fold_in(jax.random.key(config.seed), step)  # decides what dropout drops
        (loss, (measured, carried)), gradients = gradients_of(weights, batch, carried, resets, key)
        parameters = trainable(architecture, weights)
        updates, descent_state = descent.update(gradients, descent_state, parameters)
        weights = weights | optax.apply_updates(parameters, updates) | measured  # BatchNorm measures its statistics
        yield Step(float(loss), weights)


def held_out_loss(
    architecture: TrainedArchitecture, weights: Weights, config: TrainingConfig, lines: TokenLines, *, text: bool
) -> float:
    """Return the loss (nats per character) on held-out lines, computed with NumPy and without dropout."""
    examples = all_examples(architecture, lines, row_length_of(config), text=text, training=False)
    log_probabilities = log_softmax(architecture.example_logits(weights, examples.inputs, USE))
    counted = examples.targets != IGNORED
    targets = np.where(counted, examples.targets, 0)
    losses = -np.take_along_axis(log_probabilities, targets[..., None], axis=-1)[..., 0]
    return float(np.sum(losses * examples.loss_weights * counted, dtype=np.float64) / np.sum(counted))


def initial_weights(
    architecture: TrainedArchitecture, config: TrainingConfig, lines: TokenLines, vocabulary_size: int
) -> Weights:
    """Return the weights before the first step, drawn from the seed."""
    rng = np.random.Generator(np.random.PCG64(config.seed))
    weights = architecture.init(rng, vocabulary_size)
    return weights | (architecture.init_labels(rng, weights, lines.label_count) if lines.label_count else {})


def trainable(architecture: TrainedArchitecture, weights: Weights) -> Weights:
    """Return the weights that the gradient changes: all but the running statistics of BatchNorm."""
    return {name: array for name, array in weights.items() if architecture.is_parameter(name)}


class Examples(NamedTuple):
    """Contexts int32[N, K] and the next characters [N], or rows of inputs and targets [N, T]; their loss weights."""

    inputs: Any
    targets: Any
    loss_weights: Any


def all_examples(
    architecture: TrainedArchitecture, lines: TokenLines, width: int, *, text: bool, training: bool = True
) -> Examples:
    """Return all examples of these lines; to train on a running text, the piece that begins at each position."""
    weights = None
    if architecture.window:
        inputs, targets = contexts(lines, architecture.window)
        weights = lines.character_weights
        if text:  # its first character and its end are not predicted
            inputs, targets = inputs[1:-1], targets[1:-1]
    elif text and training:
        pieces = sliding_window_view(lines.tokens[:-1], width + 1)
        inputs, targets = pieces[:, :-1], pieces[:, 1:]
    else:
        rows = (
            text_rows(lines, architecture.receptive_field, architecture.block_length)
            if text
            else packed_rows(lines, width)
        )
        inputs, targets, weights = rows.inputs, rows.targets, rows.weights
    if weights is None:
        return Examples(inputs, targets, np.ones(targets.shape, np.float32))
    return Examples(inputs, targets, (weights / np.mean(weights, where=targets != IGNORED)).astype(np.float32))


def step_indices(
    architecture: TrainedArchitecture, config: TrainingConfig, count: int, step: int, *, text: bool
) -> tuple[Int[NDArray[Any], " B"], NDArray[np.bool_] | None]:
    """Return the indices of the examples of a step; for recurrent models of text also the rows whose state is reset.

    Both are pure functions of the seed and the step.
    """
    size, window = config.batch_size, architecture.window
    if text and architecture.carried_shapes(size):  # row b reads the b-th part of the text in order
        part = (count + row_length_of(config) - 1) // size
        piece = step % (part // row_length_of(config))
        return piece * row_length_of(config) + np.arange(size) * part, np.full(size, piece == 0)
    if window and size == count:
        return np.arange(count), None
    draw = draw_with_replacement if window or text else draw_without_replacement
    return draw(count, size, config.seed, step, 1)[0], None
