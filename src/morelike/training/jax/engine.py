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
from morelike.runs.settings import TrainingConfig, most_steps_at_once, row_length_of
from morelike.text.vocabulary import TokenLines
from morelike.training.distributed.sharding import Shards, local_mesh
from morelike.training.jax.batch_indices import Stretches
from morelike.training.jax.datasets import Dataset, TextDataset, make_dataset
from morelike.training.jax.optimizer import optimizer, schedule
from morelike.training.jax.program import (
    EngineState,
    compiled_losses,
    compiled_steps,
    make_program,
    preview_step,
    trainable,
    without_rates,
)
from morelike.training.jax.session import prepare_jax, use_device
from morelike.training.jax.store_datasets import make_stored_dataset
from morelike.training.resources import examples_and_cost
from morelike.training.store_samples import dev_sample

QUICK_TO_COMPILE: dict[str, bool | int | str] = {
    "xla_backend_optimization_level": 0,
    "xla_cpu_use_fusion_emitters": False,
}


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
        mesh = mesh or local_mesh(config.threads or 1, config.device)
        self.device = use_device(config.device)
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
        examples, cost = examples_and_cost(architecture, config, train, vocabulary_size, text=text)
        self._examples, self._cost = examples, cost
        self.batch_size = config.batch_size
        self._earlier: Stretches = ()  # steps that had another batch size
        self._schedule = learning_rate or schedule(config)
        self._optimizer = optimizer(config, self._schedule)
        self._key = jax.random.key(config.seed)
        self._mesh = mesh
        self._prepare_program()
        self._rate_factor = np.float32(1.0)
        self._quickly = QUICK_TO_COMPILE if self.device == "cpu" else None
        self._rates: Any = jax.jit(self._schedule, compiler_options=self._quickly)
        self._replicated: tuple[Any, Any] | None = None  # data of this process, and the same on all devices
        self._dev_losses = compiled_losses(without_rates(self.dev.reader), self.dev.examples) if self.dev else None

    def _prepare_program(self) -> None:
        """Prepare the program for the present batch size; it is compiled when it first runs."""
        self._capacity = most_steps_at_once(self._cost * min(self.batch_size, self._examples))
        rows = self.batch_size
        self._shards = Shards(self._mesh, rows, self.architecture.batch_axis) if self._mesh else None
        self._program, self._arguments = make_program(self.train.reader, self.config, self._shards)
        self._run: Any = compiled_steps(self._program)

    def annealing(self, step: int, steps: int) -> Engine:
        """Return an engine whose learning rate falls linearly to zero in `steps` steps, from its value at `step`.

        It shares the compiled program, because the rates are arguments of it.
        """
        other = copy(self)
        other.config = self.config.model_copy(update={"steps": step + steps})
        other._schedule = optax.linear_schedule(float(self._schedule(step)), 0.0, steps, transition_begin=step)
        other._rates = jax.jit(other._schedule, compiler_options=self._quickly)
        return other

    def at_learning_rate(self, learning_rate: int | float) -> Engine:
        """Return an engine whose schedule has another highest rate; it shares the compiled program."""
        other = copy(self)
        other._rate_factor = np.float32(learning_rate / self.config.learning_rate)
        return other

    def with_batch_sizes(self, stretches: Stretches, batch_size: int) -> Engine:
        """Return an engine for the steps after these stretches, which had other batch sizes than the present one.

        A batch has at most as many rows as there are examples. A program for a new size is compiled at its first step.
        """
        earlier = tuple((steps, min(size, self._examples)) for steps, size in stretches)
        batch_size = min(batch_size, self._examples)
        if (earlier, batch_size) == (self._earlier, self.batch_size):
            return self
        other = copy(self)
        other._earlier, other.batch_size = earlier, batch_size
        if batch_size != self.batch_size:
            other._prepare_program()
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
        parameters = trainable(self.architecture, weights)
        # a program that runs once; a new function, since JAX ignores options for one that it has compiled without
        initial = jax.jit(lambda parameters: self._optimizer.init(parameters), compiler_options=QUICK_TO_COMPILE)
        return EngineState(weights, initial(parameters), self._zero_states())

    def _zero_states(self) -> dict[str, Array]:
        """Return zero states of the layers of a recurrent model of text, which carries them; empty for others."""
        if not isinstance(self.train, TextDataset):
            return {}
        return {name: jnp.zeros(shape) for name, shape in self.architecture.carried_shapes(self.batch_size).items()}

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
        data, indices, numbers, rates = self._chunk(step, steps)
        if self._shards:
            if self._replicated is None or self._replicated[0] is not data:  # a list's data is replicated once
                self._replicated = data, self._shards.replicate(data)
            data, state = self._replicated[1], self._shards.replicate(state)
        after, *each = self._run(state, data, indices, numbers, rates, np.int32(steps), self._arguments, self._key)
        self.train.prefetch(self.batch_size, self.config.seed, step + steps, steps, self._earlier)
        losses, finite = (np.asarray(values)[:steps] for values in each)
        return Chunk(after, losses, rates[:steps], finite)

    def _chunk(self, step: int, steps: int) -> tuple[Any, NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return the data, the examples [N, B], the numbers [N] and the learning rates [N] of N steps from `step` on.

        N is a power of two that follows from the model's shapes, so chunks of all lengths share a compiled program.
        """
        data, indices = self.train.chunk(self.batch_size, self.config.seed, step, steps, self._earlier)
        capacity = 1 << (max(steps, self._capacity) - 1).bit_length()
        missing = capacity - steps
        indices = np.pad(indices, ((0, missing), (0, 0)))
        if self.train.gathered:
            data = jax.tree.map(lambda array: np.pad(array, ((0, missing), *[(0, 0)] * (array.ndim - 1))), data)
        numbers = np.arange(step, step + capacity, dtype=np.int32)  # signed, as optax counts: schedules subtract
        rates = np.asarray(self._rates(numbers)) * self._rate_factor
        return data, indices, numbers, np.broadcast_to(rates, numbers.shape)

    def chunk_bytes(self, state: EngineState, steps: int) -> int:
        """Return the memory (bytes) that a chunk of `steps` steps needs in addition to its arguments; compiles it."""
        chunk = self._chunk(0, steps)
        compiled = self._run.lower(state, *chunk, np.int32(steps), self._arguments, self._key).compile()
        needed: Any = compiled.memory_analysis()
        devices = self._shards.mesh.size if self._shards else 1
        return devices * int(needed.temp_size_in_bytes + needed.output_size_in_bytes)

    def preview(self, state: EngineState, step: int) -> StepPreview:
        """Return the loss, gradients and updates of a step without taking it.

        It is compiled without optimisation, in a quarter of the time or less, because it runs once.
        """
        data, indices, numbers, rates = self._chunk(step, 1)
        if self.train.gathered:
            data = jax.tree.map(lambda array: array[0], data)
        run = jax.jit(partial(preview_step, self._program), compiler_options=self._quickly)
        loss, *each = run(state, data, indices[0], numbers[0], rates[0], self._arguments, self._key)
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


def named_arrays(state: EngineState) -> dict[str, NDArray[Any]]:
    """Return the arrays of a state by the names that `Engine.restore` uses."""
    return {_name(path): np.asarray(leaf) for path, leaf in jax.tree.flatten_with_path(state)[0]}


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator="/")
