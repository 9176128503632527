"""The engine: a chunk of training steps as one compiled JAX program, with no Python between the steps."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import platformdirs
from jax.sharding import Mesh
from numpy.typing import NDArray

from morelike.architecture import RecurrentArchitecture, TrainedArchitecture
from morelike.arrays import Array, Weights
from morelike.errors import RunError
from morelike.runs.settings import TrainingConfig, row_length_of
from morelike.text.vocabulary import TokenLines
from morelike.training.distributed import Shares, own_cores
from morelike.training.jax.datasets import Dataset, TextDataset, feed_of
from morelike.training.jax.jax_mode import Compiled
from morelike.training.jax.optimizer import optimizer, schedule
from morelike.training.jax.store_datasets import looked_at, stored_feed_of

__all__ = ["Chunk", "Engine", "EngineState", "Look", "named_arrays"]

EVALUATED_AT_ONCE = 2048  # contexts; rows are as many fewer as they are longer
COMPILED_FOR_ONCE: dict[str, bool | int | str] = {
    "xla_backend_optimization_level": 0,
    "xla_cpu_use_fusion_emitters": False,
}


class EngineState(NamedTuple):
    """What a step updates: the weights, the optimiser's own state (a tree of arrays), and what a text left behind."""

    weights: Weights
    optimizer: Any
    carried: dict[str, Array]


class Chunk(NamedTuple):
    """What a chunk gave: the new state, and of each step the loss, the learning rate and whether all was finite."""

    state: EngineState
    losses: NDArray[np.float32]
    rates: NDArray[np.float32]
    finite: NDArray[np.bool_]


class Look(NamedTuple):
    """What a step would do: the loss of its batch, and of each parameter its gradient and what would be added to it."""

    loss: float
    gradients: dict[str, NDArray[Any]]
    updates: dict[str, NDArray[Any]]


class Engine:
    """Trains one architecture on one list; all that changes is in the `EngineState` handed in and out.

    The settings are resolved ones: steps, batch and chunk are numbers. `rate` stands in for their schedule. Each of
    the `threads` takes its share of every batch; so does, instead, each device of a `mesh`, of which all processes call
    `run` alike.
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
        rate: optax.Schedule | None = None,
        mesh: Mesh | None = None,
    ) -> None:
        _remember_compiled_programs()
        mesh = mesh or own_cores(config.threads or 1)
        self.architecture = architecture
        self.config = config
        self.vocabulary_size = vocabulary_size
        self._labels = train.label_count
        order = np.random.Generator(np.random.Philox(key=[config.seed, 0])).permutation(len(train))
        width = row_length_of(config)
        if train.mapped:
            self.train: Dataset = stored_feed_of(architecture, train, order, width)
        else:
            self.train = feed_of(architecture, train.take(order), width, text=text, training=True)
        dev = looked_at(dev)
        self.dev = feed_of(architecture, dev, width, text=text, training=False) if len(dev) else None
        self._schedule = rate or schedule(config)
        self._optimizer = optimizer(config, self._schedule)
        self._key = jax.random.key(config.seed)
        self._shares = Shares(mesh, config.batch_size, rows_axis(architecture)) if mesh else None
        self._run: Any = self._shares.program(self._steps) if self._shares else jax.jit(self._steps)
        self._everywhere: tuple[Any, Any] | None = None  # data of this process, and the same as that of all
        self._losses = jax.jit(partial(_all_losses, self.dev)) if self.dev else None

    def fresh(self) -> EngineState:
        """Return the state before the first step."""
        rng = np.random.Generator(np.random.PCG64(self.config.seed))
        weights = self.architecture.init(rng, self.vocabulary_size)
        if self._labels:
            weights |= self.architecture.init_labels(rng, weights, self._labels)
        return self.begin(weights)

    def begin(self, weights: Weights) -> EngineState:
        """Return the state of an optimiser that has seen nothing yet, with these weights."""
        weights = {name: jnp.asarray(array) for name, array in weights.items()}
        return EngineState(weights, jax.jit(self._optimizer.init)(self._parameters(weights)), self._carried())

    def _carried(self) -> dict[str, Array]:
        """Return the states that the layers of a recurrent model carry through a text, all zero; else nothing."""
        if not (isinstance(self.architecture, RecurrentArchitecture) and isinstance(self.train, TextDataset)):
            return {}
        shape = self.config.batch_size, self.architecture.state_width
        return {f"layers.{i}": jnp.zeros(shape) for i in range(self.architecture.layers)}

    def _parameters(self, weights: Weights) -> Weights:
        return {name: array for name, array in weights.items() if self.architecture.is_parameter(name)}

    def restore(self, fresh: EngineState, arrays: dict[str, NDArray[Any]]) -> EngineState:
        """Return the state with the arrays of a checkpoint, in the tree of a fresh one.

        Raises:
            RunError: the arrays are those of other settings.
        """
        paths, tree = jax.tree.flatten_with_path(fresh)
        names = [_name(path) for path, _ in paths]
        if any(
            name not in arrays or arrays[name].shape != leaf.shape for name, (_, leaf) in zip(names, paths, strict=True)
        ):
            raise RunError("the checkpoint does not fit the settings of the run")
        restored: EngineState = jax.tree.unflatten(tree, [jnp.asarray(arrays[name]) for name in names])
        return restored

    def run(self, state: EngineState, step: int, steps: int) -> Chunk:
        """Return what `steps` steps from `step` on give. The state handed in stays as it is."""
        data, indices = self.train.chunk(self.config.batch_size, self.config.seed, step, steps)
        numbers = np.arange(step, step + steps, dtype=np.uint32)
        if self._shares:
            if self._everywhere is None or self._everywhere[0] is not data:  # that of a list is spread once
                self._everywhere = data, self._shares.everywhere(data)
            data, state = self._everywhere[1], self._shares.everywhere(state)
        after, *each = self._run(state, data, indices, numbers, self._key)
        self.train.expect(self.config.batch_size, self.config.seed, step + steps, steps)
        return Chunk(after, *(np.asarray(values) for values in each))

    def bytes_of(self, state: EngineState, steps: int) -> int:
        """Return how much memory a chunk of `steps` steps needs beside what it is handed; the program is compiled."""
        data, indices = self.train.chunk(self.config.batch_size, self.config.seed, 0, steps)
        numbers = np.arange(steps, dtype=np.uint32)
        compiled = self._run.lower(state, data, indices, numbers, self._key).compile()
        needed: Any = compiled.memory_analysis()
        devices = self._shares.mesh.size if self._shares else 1
        return devices * int(needed.temp_size_in_bytes + needed.output_size_in_bytes)

    def look(self, state: EngineState, step: int) -> Look:
        """Return what step `step` would do, without doing it.

        Run once, it is compiled without optimisation: that takes a quarter of the time or less.
        """
        data, indices = self.train.chunk(self.config.batch_size, self.config.seed, step, 1)
        run = jax.jit(self._look, compiler_options=COMPILED_FOR_ONCE)
        loss, *each = run(state, data, indices, np.uint32(step), self._key)
        return Look(float(loss), *({name: np.asarray(array) for name, array in arrays.items()} for arrays in each))

    def dev_loss(self, weights: Weights) -> float | None:
        """Return the exact loss per character of the dev part (nats), None if there is none."""
        if self.dev is None or self._losses is None:
            return None
        if self._shares:
            weights = {name: np.asarray(array) for name, array in weights.items()}
        losses, counts = self._losses(weights, self.dev.data)
        return float(np.sum(np.asarray(losses), dtype=np.float64) / np.sum(np.asarray(counts), dtype=np.float64))

    def _steps(
        self, state: EngineState, data: Any, indices: Array, numbers: Array, key: Array
    ) -> tuple[EngineState, Array, Array, Array]:
        def step(state: EngineState, now: tuple[Any, Array]) -> tuple[EngineState, tuple[Array, Array, Array]]:
            batch, number = now
            parameters = self._parameters(state.weights)
            (value, (measured, carried)), gradients = self._gradients(
                parameters, state, batch, jax.random.fold_in(key, number), self._shares
            )
            updates, changed = self._optimizer.update(gradients, state.optimizer, parameters)
            finite = jnp.isfinite(value)  # gradients that are not show in the weights, so in the next step's loss
            if self.config.clip:  # the norm is there already; to take it for this alone costs a deep MLP 15 %
                finite &= jnp.isfinite(optax.tree.norm(gradients))
            weights = state.weights | optax.apply_updates(parameters, updates) | measured
            return EngineState(weights, changed, carried), (value, self._schedule(number), finite)

        batches = self.train.gather(data, indices)
        if self._shares:
            batches, state = self._shares.own(batches, 1), state._replace(carried=self._shares.own(state.carried, 0))
        after, (losses, rates, finite) = jax.lax.scan(step, state, (batches, numbers))
        if self._shares:
            after = after._replace(carried=self._shares.whole(after.carried))
        whole = jnp.stack([jnp.all(jnp.isfinite(array)) for array in after.weights.values()]).all()
        return after, losses, rates, finite.at[-1].set(finite[-1] & whole)

    def _look(
        self, state: EngineState, data: Any, indices: Array, number: Array, key: Array
    ) -> tuple[Array, Weights, Weights]:
        parameters = self._parameters(state.weights)
        (value, _), gradients = self._gradients(
            parameters, state, jax.tree.map(_only, self.train.gather(data, indices)), jax.random.fold_in(key, number)
        )
        return value, gradients, self._optimizer.update(gradients, state.optimizer, parameters)[0]

    def _gradients(
        self, parameters: Weights, state: EngineState, batch: Any, key: Array, shares: Shares | None = None
    ) -> tuple[tuple[Array, tuple[Weights, Weights]], Weights]:
        """Return the loss of a batch per character with what was measured and carried, and its gradients."""

        def loss(parameters: Weights) -> tuple[Array, tuple[Weights, Weights, Array]]:
            resets = batch.resets if state.carried else None
            mode = Compiled(key, carried=dict(state.carried), resets=resets, shares=shares)
            losses, counts = self.train.losses(batch, state.weights | parameters, mode)
            if shares:
                total, count = shares.counted(losses).sum(), shares.counted(counts).sum()
            else:
                total, count = losses.sum() / counts.sum(), counts
            return total, (mode.measured, mode.carried, count)

        (value, (measured, carried, count)), gradients = jax.value_and_grad(loss, has_aux=True)(parameters)
        if shares:
            value, gradients = shares.mean(value, count, gradients)
        return (value, (measured, carried)), gradients


def rows_axis(architecture: TrainedArchitecture) -> int:
    """Return along which axis of its activations the rows of a batch lie: recurrence puts time first."""
    return 1 if isinstance(architecture, RecurrentArchitecture) else 0


def named_arrays(state: EngineState) -> dict[str, NDArray[Any]]:
    """Return the arrays of a state under names that `Engine.restore` finds again."""
    return {_name(path): np.asarray(leaf) for path, leaf in jax.tree.flatten_with_path(state)[0]}


def _only(array: Array) -> Array:
    return array[0]


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator="/")


def _all_losses(feed: Dataset, weights: Weights, data: Any) -> tuple[Array, Array]:
    """Return the losses and counts of all examples of a feed, block by block."""
    width = data[1].shape[1] if data[1].ndim > 1 else 1
    size = min(feed.examples, max(1, EVALUATED_AT_ONCE // width))
    blocks = -(-feed.examples // size)
    index = jnp.arange(blocks * size)

    def block(index: Array) -> tuple[Array, Array]:
        losses, counts = feed.losses(feed.gather(data, jnp.minimum(index, feed.examples - 1)), weights, Compiled())
        inside = index < feed.examples
        return jnp.where(inside, losses, 0), jnp.where(inside, counts, 0)

    losses, counts = jax.lax.map(block, index.reshape(blocks, size))
    return losses, counts


def _remember_compiled_programs() -> None:
    """Keep compiled programs in the user's cache folder, so that a second run starts at once."""
    config: Any = jax.config
    if config.jax_compilation_cache_dir is None:
        config.update("jax_compilation_cache_dir", str(Path(platformdirs.user_cache_dir("morelike")) / "compiled"))
        config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
