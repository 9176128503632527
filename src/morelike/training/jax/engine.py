"""The engine: a chunk of training steps as one compiled JAX program, without Python between the steps."""

from __future__ import annotations

from copy import copy
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh
from numpy.typing import NDArray

from morelike.architecture import TrainedArchitecture
from morelike.arrays import Array, Weights
from morelike.errors import RunError
from morelike.runs.settings import TrainingConfig, row_length_of
from morelike.text.vocabulary import TokenLines
from morelike.training.distributed.sharding import Shards, local_mesh
from morelike.training.jax.datasets import Dataset, TextDataset, make_dataset
from morelike.training.jax.jax_mode import Compiled
from morelike.training.jax.optimizer import optimizer, schedule
from morelike.training.jax.session import prepare_jax
from morelike.training.jax.store_datasets import make_stored_dataset
from morelike.training.store_samples import dev_sample

EVALUATED_AT_ONCE = 2048
"""Contexts, or characters of rows, in a block of an evaluation."""
QUICK_TO_COMPILE: dict[str, bool | int | str] = {
    "xla_backend_optimization_level": 0,
    "xla_cpu_use_fusion_emitters": False,
}


class EngineState(NamedTuple):
    """All that a step updates: the weights, the optimiser's state, and the recurrent states carried through a text."""

    weights: Weights
    optimizer: Any
    carried: dict[str, Array]


class Chunk(NamedTuple):
    """The result of a chunk: the new state, and each step's loss, learning rate and whether its loss was finite."""

    state: EngineState
    losses: NDArray[np.float32]
    rates: NDArray[np.float32]
    finite: NDArray[np.bool_]


class StepPreview(NamedTuple):
    """A step that is not taken: the loss of its batch, and the gradient and the update of each parameter."""

    loss: float
    gradients: dict[str, NDArray[Any]]
    updates: dict[str, NDArray[Any]]


class Engine:
    """Trains one architecture on one list; all that changes is in the `EngineState` passed in and returned.

    The settings are resolved: steps, batch and chunk are numbers. `learning_rate` replaces their schedule. Each of the
    `threads` takes its rows of every batch. With a `mesh`, each of its devices does so instead, and all processes call
    `run` alike.

    Raises:
        TrainingError: this process was forked from one that has trained.
    """

    def __init__(
        self,
        architecture: TrainedArchitecture,
        config: TrainingConfig,
        train: TokenLines,
        dev: TokenLines,
        vocabulary_size: int,
        *,
        text: bool = False,
        learning_rate: optax.Schedule | None = None,
        mesh: Mesh | None = None,
    ) -> None:
        prepare_jax()
        mesh = mesh or local_mesh(config.threads or 1)
        self.architecture = architecture
        self.config = config
        self.vocabulary_size = vocabulary_size
        self._label_count = train.label_count
        order = np.random.Generator(np.random.Philox(key=[config.seed, 0])).permutation(len(train))
        width = row_length_of(config)
        if train.memory_mapped:
            self.train: Dataset = make_stored_dataset(architecture, train, order, width)
        else:
            self.train = make_dataset(architecture, train.take(order), width, text=text, training=True)
        dev = dev_sample(dev)
        self.dev = make_dataset(architecture, dev, width, text=text, training=False) if len(dev) else None
        self._schedule = learning_rate or schedule(config)
        self._optimizer = optimizer(config, self._schedule)
        self._key = jax.random.key(config.seed)
        self._shards = Shards(mesh, config.batch_size, architecture.batch_axis) if mesh else None
        self._run: Any = self._shards.program(self._steps) if self._shards else jax.jit(self._steps)
        self._replicated: tuple[Any, Any] | None = None  # data of this process, and the same on all devices
        self._dev_losses = jax.jit(partial(_all_losses, self.dev)) if self.dev else None

    def annealing(self, step: int, steps: int) -> Engine:
        """Return an engine whose learning rate falls linearly to zero in `steps` steps, from its value at `step`."""
        other = copy(self)
        other.config = self.config.model_copy(update={"steps": step + steps})
        rate = float(self._schedule(step))
        other._schedule = optax.linear_schedule(rate, 0.0, steps, transition_begin=step)
        other._optimizer = optimizer(other.config, other._schedule)
        other._run = self._shards.program(other._steps) if self._shards else jax.jit(other._steps)
        return other

    def initial_state(self) -> EngineState:
        """Return the state before the first step, drawn from the seed."""
        rng = np.random.Generator(np.random.PCG64(self.config.seed))
        weights = self.architecture.init(rng, self.vocabulary_size)
        if self._label_count:
            weights |= self.architecture.init_labels(rng, weights, self._label_count)
        return self.state_of(weights)

    def state_of(self, weights: Weights) -> EngineState:
        """Return a state with these weights, before the optimiser's first step."""
        weights = {name: jnp.asarray(array) for name, array in weights.items()}
        return EngineState(weights, jax.jit(self._optimizer.init)(self._parameters(weights)), self._zero_states())

    def _zero_states(self) -> dict[str, Array]:
        """Return zero states of the layers of a recurrent model of text, which carries them; empty for others."""
        if not isinstance(self.train, TextDataset):
            return {}
        return {
            name: jnp.zeros(shape) for name, shape in self.architecture.carried_shapes(self.config.batch_size).items()
        }

    def _parameters(self, weights: Weights) -> Weights:
        return {name: array for name, array in weights.items() if self.architecture.is_parameter(name)}

    def restore(self, like: EngineState, arrays: dict[str, NDArray[Any]]) -> EngineState:
        """Return the state with the arrays of a checkpoint, in a tree like that of another state.

        Raises:
            RunError: the arrays belong to other settings.
        """
        paths, tree = jax.tree.flatten_with_path(like)
        shapes = {_name(path): leaf.shape for path, leaf in paths}
        if any(name not in arrays or arrays[name].shape != shape for name, shape in shapes.items()):
            raise RunError("the checkpoint does not fit the settings of the run")
        restored: EngineState = jax.tree.unflatten(tree, [jnp.asarray(arrays[name]) for name in shapes])
        return restored

    def run(self, state: EngineState, step: int, steps: int) -> Chunk:
        """Return the result of `steps` steps from `step` on. The state passed in does not change."""
        data, indices = self.train.chunk(self.config.batch_size, self.config.seed, step, steps)
        numbers = np.arange(step, step + steps, dtype=np.int32)  # signed, as optax counts: schedules subtract
        if self._shards:
            if self._replicated is None or self._replicated[0] is not data:  # a list's data is replicated once
                self._replicated = data, self._shards.replicate(data)
            data, state = self._replicated[1], self._shards.replicate(state)
        after, *each = self._run(state, data, indices, numbers, self._key)
        self.train.prefetch(self.config.batch_size, self.config.seed, step + steps, steps)
        return Chunk(after, *(np.asarray(values) for values in each))

    def chunk_bytes(self, state: EngineState, steps: int) -> int:
        """Return the memory (bytes) that a chunk of `steps` steps needs in addition to its arguments; compiles it."""
        data, indices = self.train.chunk(self.config.batch_size, self.config.seed, 0, steps)
        numbers = np.arange(steps, dtype=np.int32)
        compiled = self._run.lower(state, data, indices, numbers, self._key).compile()
        needed: Any = compiled.memory_analysis()
        devices = self._shards.mesh.size if self._shards else 1
        return devices * int(needed.temp_size_in_bytes + needed.output_size_in_bytes)

    def preview(self, state: EngineState, step: int) -> StepPreview:
        """Return the loss, gradients and updates of a step without taking it.

        It is compiled without optimisation, in a quarter of the time or less, because it runs once.
        """
        data, indices = self.train.chunk(self.config.batch_size, self.config.seed, step, 1)
        run = jax.jit(self._preview, compiler_options=QUICK_TO_COMPILE)
        loss, *each = run(state, data, indices, np.int32(step), self._key)
        gradients, updates = ({name: np.asarray(array) for name, array in arrays.items()} for arrays in each)
        return StepPreview(float(loss), gradients, updates)

    def dev_loss(self, weights: Weights) -> float | None:
        """Return the exact loss per character of the dev part (nats), None if there is none."""
        if self.dev is None or self._dev_losses is None:
            return None
        if self._shards:
            weights = {name: np.asarray(array) for name, array in weights.items()}
        losses, counts = self._dev_losses(weights, self.dev.data)
        return float(np.sum(np.asarray(losses), dtype=np.float64) / np.sum(np.asarray(counts), dtype=np.float64))

    def _steps(
        self, state: EngineState, data: Any, indices: Array, numbers: Array, key: Array
    ) -> tuple[EngineState, Array, Array, Array]:
        def step(state: EngineState, now: tuple[Any, Array]) -> tuple[EngineState, tuple[Array, Array, Array]]:
            batch, number = now
            parameters = self._parameters(state.weights)
            (value, (measured, carried)), gradients = self._gradients(
                parameters, state, batch, jax.random.fold_in(key, number), self._shards
            )
            updates, optimizer = self._optimizer.update(gradients, state.optimizer, parameters)
            finite = jnp.isfinite(value)  # gradients that are not finite show in the loss of the next step
            if self.config.clip:  # clipping has computed the norm; for this check alone it costs a deep MLP 15 %
                finite &= jnp.isfinite(optax.tree.norm(gradients))
            weights = state.weights | optax.apply_updates(parameters, updates) | measured
            return EngineState(weights, optimizer, carried), (value, self._schedule(number), finite)

        batches = self.train.gather(data, indices)
        if self._shards:
            batches = self._shards.local_rows(batches, 1)
            state = state._replace(carried=self._shards.local_rows(state.carried, 0))
        after, (losses, rates, finite) = jax.lax.scan(step, state, (batches, numbers))
        if self._shards:
            after = after._replace(carried=self._shards.all_gather(after.carried))
        all_finite = jnp.stack([jnp.all(jnp.isfinite(array)) for array in after.weights.values()]).all()
        return after, losses, rates, finite.at[-1].set(finite[-1] & all_finite)

    def _preview(
        self, state: EngineState, data: Any, indices: Array, number: Array, key: Array
    ) -> tuple[Array, Weights, Weights]:
        parameters = self._parameters(state.weights)
        batch = jax.tree.map(lambda array: array[0], self.train.gather(data, indices))
        (value, _), gradients = self._gradients(parameters, state, batch, jax.random.fold_in(key, number))
        return value, gradients, self._optimizer.update(gradients, state.optimizer, parameters)[0]

    def _gradients(
        self, parameters: Weights, state: EngineState, batch: Any, key: Array, shards: Shards | None = None
    ) -> tuple[tuple[Array, tuple[Weights, Weights]], Weights]:
        """Return a batch's loss per character, the measured statistics and the carried states, and the gradients."""

        def loss(parameters: Weights) -> tuple[Array, tuple[Weights, Weights, Array]]:
            resets = batch.resets if state.carried else None
            mode = Compiled(key, carried=dict(state.carried), resets=resets, shards=shards)
            losses, counts = self.train.losses(batch, state.weights | parameters, mode)
            if shards:
                total, count = shards.mask_padding(losses).sum(), shards.mask_padding(counts).sum()
            else:
                total, count = losses.sum() / counts.sum(), counts
            return total, (mode.measured, mode.carried, count)

        (value, (measured, carried, count)), gradients = jax.value_and_grad(loss, has_aux=True)(parameters)
        if shards:
            value, gradients = shards.all_reduce_mean(value, count, gradients)
        return (value, (measured, carried)), gradients


def named_arrays(state: EngineState) -> dict[str, NDArray[Any]]:
    """Return the arrays of a state by the names that `Engine.restore` uses."""
    return {_name(path): np.asarray(leaf) for path, leaf in jax.tree.flatten_with_path(state)[0]}


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator="/")


def _all_losses(dataset: Dataset, weights: Weights, data: Any) -> tuple[Array, Array]:
    """Return the loss and the number of characters of every example, computed block by block."""
    width = data[1].shape[1] if data[1].ndim > 1 else 1
    size = min(dataset.examples, max(1, EVALUATED_AT_ONCE // width))
    blocks = -(-dataset.examples // size)
    index = jnp.arange(blocks * size)

    def block(index: Array) -> tuple[Array, Array]:
        losses, counts = dataset.losses(
            dataset.gather(data, jnp.minimum(index, dataset.examples - 1)), weights, Compiled()
        )
        inside = index < dataset.examples
        return jnp.where(inside, losses, 0), jnp.where(inside, counts, 0)

    losses, counts = jax.lax.map(block, index.reshape(blocks, size))
    return losses, counts
