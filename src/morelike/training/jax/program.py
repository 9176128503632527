"""The compiled programs of training. Engines of the same shapes share them, whatever their rates and their seed.

Numbers that change no shape are arguments of a program: the learning rate of each step, weight decay, the rates of
dropout, and how many steps of a chunk are taken. A search for settings would otherwise
compile a program for each trial. Whether weight decay or a rate is 0 is compiled: the program is then shorter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from morelike.architecture import TrainedArchitecture
from morelike.arrays import Array, Weights
from morelike.runs.settings import TrainingConfig
from morelike.training.distributed.sharding import Shards
from morelike.training.jax.datasets import Reader
from morelike.training.jax.jax_mode import Compiled, DropArguments, drop_arguments
from morelike.training.jax.matmul import factors_of
from morelike.training.jax.optimizer import optimizer

KEPT = 16
"""Compiled programs that are kept in memory."""
EVALUATED_AT_ONCE = 2048
"""Contexts, or characters of rows, in a block of an evaluation."""
NOT_COMPILED = (
    *("steps", "epochs", "min_steps", "max_steps", "evaluate_every", "patience", "chunk", "threads", "seed"),
    *("batch_size", "row_length", "count_weighting", "labelled"),
    *("learning_rate", "schedule", "warmup", "decay_at", "decay_factor"),
)
"""Settings of training that a program does not depend on, or only by its shapes and its arguments."""


class EngineState(NamedTuple):
    """All that a step updates: the weights, the optimiser's state, and the recurrent states carried through a text."""

    weights: Weights
    optimizer: Any
    carried: dict[str, Array]


class Arguments(NamedTuple):
    """The numbers that a program takes instead of compiling them; `dropout` has a pair for each rate that is not 0."""

    weight_decay: float
    dropout: tuple[DropArguments, ...]


@dataclass(frozen=True)
class Program:
    """All that a compiled program of training depends on, except the shapes of its arguments."""

    reader: Reader
    config: TrainingConfig
    shards: Shards | None

    @property
    def architecture(self) -> TrainedArchitecture:
        """The architecture, with `stand_in_rate` for each rate of dropout."""
        architecture: TrainedArchitecture = self.reader.architecture
        return architecture

    def with_arguments(self, arguments: Arguments) -> tuple[TrainingConfig, Mapping[float, DropArguments]]:
        """Return the settings of the optimiser, and the arguments of dropout by the rates that stand in for them."""
        decay = {"weight_decay": arguments.weight_decay} if self.config.weight_decay else {}
        rates = {stand_in_rate(i): pair for i, pair in enumerate(arguments.dropout)}
        return self.config.model_copy(update=decay), rates


def make_program(reader: Reader, config: TrainingConfig, shards: Shards | None) -> tuple[Program, Arguments]:
    """Return the program of a reader and its settings, and the program's arguments."""
    fields = TrainingConfig.model_fields
    update = {name: fields[name].get_default() for name in NOT_COMPILED}
    update["weight_decay"] = float(config.weight_decay > 0)
    dropout = tuple(drop_arguments(rate) for rate in _rates(reader.architecture).values())
    program = Program(without_rates(reader), config.model_copy(update=update), shards)
    return program, Arguments(config.weight_decay, dropout)


def without_rates(reader: Reader) -> Reader:
    """Return a reader whose architecture has `stand_in_rate` for each rate of dropout."""
    rates = {name: stand_in_rate(i) for i, name in enumerate(_rates(reader.architecture))}
    return reader.with_architecture(reader.architecture.model_copy(update=rates))


def stand_in_rate(i: int) -> float:
    """Return the number by which a program recognises rate of dropout number i. No one would give such a rate.

    >>> stand_in_rate(0) == stand_in_rate(1)
    False
    """
    return 0.5 + 2.0 ** -(20 + i)


def _rates(architecture: TrainedArchitecture) -> dict[str, float]:
    """Return the rates of dropout that are not 0, by the names of their settings."""
    names = (name for name in type(architecture).model_fields if name.endswith("dropout"))
    return {name: rate for name in names if (rate := getattr(architecture, name))}


@lru_cache(maxsize=KEPT)
def compiled_steps(program: Program) -> Any:
    """Return `take_steps` of a program, compiled."""
    steps = partial(take_steps, program)
    return program.shards.program(steps) if program.shards else jax.jit(steps)


@lru_cache(maxsize=KEPT)
def compiled_losses(reader: Reader, examples: int) -> Any:
    """Return the losses of all examples of a dataset as a compiled function of weights and data."""
    return jax.jit(partial(_all_losses, reader, examples))


def take_steps(
    program: Program,
    state: EngineState,
    data: Any,
    indices: Array,
    numbers: Array,
    rates: Array,
    count: Array,
    arguments: Arguments,
    key: Array,
) -> tuple[EngineState, Array, Array]:
    """Return the state after the first `count` steps of a chunk, and of each its loss and whether it is finite.

    Shapes: indices [steps, B]; numbers and rates [steps]. Where a step is not taken, its loss is 0.
    """
    shards, config = program.shards, program.with_arguments(arguments)[0]
    batches = program.reader.gather(data, indices)
    if shards:
        batches = shards.local_rows(batches, 1)
        state = state._replace(carried=shards.local_rows(state.carried, 0))

    def step(i: Array, now: tuple[EngineState, Array, Array]) -> tuple[EngineState, Array, Array]:
        state, losses, finite = now
        batch, number, rate = jax.tree.map(
            lambda array: jax.lax.dynamic_index_in_dim(array, i, keepdims=False), (batches, numbers, rates)
        )
        parameters = trainable(program.architecture, state.weights)
        key_of_step = jax.random.fold_in(key, number)
        (value, (measured, carried)), gradients = loss_and_gradients(
            program, parameters, state, batch, key_of_step, arguments, shards
        )
        descent = optimizer(config, lambda count: rate)
        updates, optimizer_state = descent.update(gradients, state.optimizer, parameters)
        is_finite = jnp.isfinite(value)  # gradients that are not finite show in the loss of the next step
        if program.config.clip:  # clipping has computed the norm; for this check alone it costs a deep MLP 15 %
            is_finite &= jnp.isfinite(optax.tree.norm(gradients))
        weights = state.weights | optax.apply_updates(parameters, updates) | measured
        after = EngineState(weights, optimizer_state, carried)
        return after, losses.at[i].set(value.astype(losses.dtype)), finite.at[i].set(is_finite)

    nothing = jnp.zeros(numbers.shape), jnp.ones(numbers.shape, bool)
    after, losses, finite = jax.lax.fori_loop(0, count, step, (state, *nothing))
    if shards:
        after = after._replace(carried=shards.all_gather(after.carried))
    all_finite = jnp.stack([jnp.all(jnp.isfinite(array)) for array in after.weights.values()]).all()
    return after, losses, finite.at[count - 1].set(finite[count - 1] & all_finite)


def preview_step(
    program: Program, state: EngineState, data: Any, index: Array, number: Array, rate: Array, arguments: Arguments,
    key: Array,
) -> tuple[Array, Weights, Weights]:  # fmt: skip
    """Return the loss, the gradients and the updates of one step that is not taken."""
    parameters = trainable(program.architecture, state.weights)
    batch = program.reader.gather(data, index)
    key = jax.random.fold_in(key, number)
    (value, _), gradients = loss_and_gradients(program, parameters, state, batch, key, arguments)
    descent = optimizer(program.with_arguments(arguments)[0], lambda count: rate)
    return value, gradients, descent.update(gradients, state.optimizer, parameters)[0]


def loss_and_gradients(
    program: Program,
    parameters: Weights,
    state: EngineState,
    batch: Any,
    key: Array,
    arguments: Arguments,
    shards: Shards | None = None,
) -> tuple[tuple[Array, tuple[Weights, Weights]], Weights]:
    """Return a batch's loss per character, the measured statistics and the carried states, and the gradients."""
    rates = program.with_arguments(arguments)[1]

    def loss(parameters: Weights) -> tuple[Array, tuple[Weights, Weights, Array]]:
        resets = batch.resets if state.carried else None
        factors = factors_of(program.config)
        mode = Compiled(key, carried=dict(state.carried), resets=resets, shards=shards, rates=rates, factors=factors)
        losses, counts = program.reader.losses(batch, state.weights | parameters, mode)
        if shards:
            total, count = shards.mask_padding(losses).sum(), shards.mask_padding(counts).sum()
        else:
            total, count = losses.sum() / counts.sum(), counts
        return total, (mode.measured, mode.carried, count)

    (value, (measured, carried, count)), gradients = jax.value_and_grad(loss, has_aux=True)(parameters)
    if shards:
        value, gradients = shards.all_reduce_mean(value, count, gradients)
    return (value, (measured, carried)), gradients


def trainable(architecture: TrainedArchitecture, weights: Weights) -> Weights:
    """Return the weights that the gradient changes: all but running statistics."""
    return {name: array for name, array in weights.items() if architecture.is_parameter(name)}


def _all_losses(reader: Reader, examples: int, weights: Weights, data: Any) -> tuple[Array, Array]:
    """Return the loss and the number of characters of every example, computed block by block."""
    width = data[1].shape[1] if data[1].ndim > 1 else 1
    size = min(examples, max(1, EVALUATED_AT_ONCE // width))
    blocks = -(-examples // size)
    index = jnp.arange(blocks * size)

    def block(index: Array) -> tuple[Array, Array]:
        losses, counts = reader.losses(reader.gather(data, jnp.minimum(index, examples - 1)), weights, Compiled())
        inside = index < examples
        return jnp.where(inside, losses, 0), jnp.where(inside, counts, 0)

    losses, counts = jax.lax.map(block, index.reshape(blocks, size))
    return losses, counts
