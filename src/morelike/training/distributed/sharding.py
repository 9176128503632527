"""One batch over several devices, each with some of its rows; one all-reduce a step adds up their gradients.

The loss of a batch is the sum over its characters divided by their number. Each device takes the gradient of the sum
over its own rows. One collective adds these gradients over all devices, laid end to end with the sum and the number;
then they are divided. Batches, weights and dropout masks are those of one device; only sums are rounded differently.

BatchNorm needs the moments of the whole batch. The moments of the shards are gathered and merged (Chan, Golub and
LeVeque 1979): one more collective for each layer forward and one backward.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jax.sharding import Mesh, NamedSharding

from morelike.arrays import Array, Float, Weights
from morelike.language_model.threads import cores

_jax: Any = jax  # some of its functions have no types
AXIS = "shards"
REPLICATED = _jax.sharding.PartitionSpec()
FORCED = "xla_force_host_platform_device_count"
"""The older way to ask for several devices of one process."""


@dataclass(frozen=True)
class Shards:
    """The `rows` of a batch dealt to the devices of a mesh, in order; the last devices may have fewer rows, or none.

    `axis` is the axis of an architecture's activations along which the rows lie. Methods that say "inside a program"
    are called in a function that `program` compiles.
    """

    mesh: Mesh
    rows: int
    axis: int = 0

    @property
    def rows_per_device(self) -> int:
        """The rows of one shard, padding included: padding repeats the last row and is not counted."""
        return -(-self.rows // self.mesh.size)

    def program(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a compiled program in which every device runs `function` on the same arguments."""
        sharded = jax.shard_map(function, mesh=self.mesh, in_specs=REPLICATED, out_specs=REPLICATED, check_vma=False)
        return jax.jit(sharded)

    def replicate(self, tree: Any) -> Any:
        """Return arrays of this process, equal in all processes, as arrays of the whole mesh."""
        sharding = NamedSharding(self.mesh, REPLICATED)

        def replicated(array: Any) -> Any:
            if isinstance(array, jax.Array) and array.sharding == sharding:
                return array
            return _jax.make_array_from_process_local_data(sharding, np.asarray(array))

        return jax.tree.map(replicated, tree)

    def mask_padding(self, values: Float[Array, " B"]) -> Float[Array, " B"]:
        """Return values of this device's rows, zero for padding (inside a program)."""
        return jnp.where(self._indices() < self.rows, values, 0)

    def local_rows(self, tree: Any, axis: int) -> Any:
        """Return this device's rows of arrays (inside a program)."""
        index = jnp.minimum(self._indices(), self.rows - 1)
        return jax.tree.map(lambda array: jnp.take(array, index, axis=axis), tree)

    def all_gather(self, tree: Any) -> Any:
        """Return arrays of all rows from each device's [rows, ...] (inside a program)."""
        return jax.tree.map(lambda array: jax.lax.all_gather(array, AXIS, tiled=True)[: self.rows], tree)

    def all_reduce_mean(self, total: Array, count: Array, gradients: Weights) -> tuple[Array, Weights]:
        """Return the loss per character of the whole batch and its gradients, by one all-reduce (inside a program)."""
        flat, tree = ravel_pytree((total, count, gradients))
        total, count, gradients = tree(_jax.lax.psum(flat, AXIS))
        return total / count, jax.tree.map(lambda gradient: gradient / count, gradients)

    def batch_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of the whole batch, given the shape of this device's activations."""
        return *shape[: self.axis], self.rows, *shape[self.axis + 1 :]

    def moments(self, x: Float[Array, "B *shape H"]) -> tuple[Float[Array, " H"], Float[Array, " H"], int]:
        """Return mean and variance (divided by n) over all rows of a batch, and n (inside a program)."""
        axes, positions = tuple(range(x.ndim - 1)), x.size // x.shape[-1] // len(x)
        inside = (self._indices() < self.rows).reshape(-1, *[1] * (x.ndim - 1))
        counts = np.clip(self.rows - np.arange(self.mesh.size) * self.rows_per_device, 0, self.rows_per_device)
        counts = counts * positions
        count = jnp.asarray(counts, x.dtype)[jax.lax.axis_index(AXIS)]
        mean = jnp.where(inside, x, 0).sum(axes) / jnp.maximum(count, 1)
        squares = jnp.where(inside, jnp.square(x - mean), 0).sum(axes)
        means, squares = jnp.moveaxis(jax.lax.all_gather(jnp.stack([mean, squares]), AXIS), 1, 0)
        fractions = jnp.asarray(counts / counts.sum(), x.dtype)[:, None]
        mean = (fractions * means).sum(0)
        variance = squares.sum(0) / counts.sum() + (fractions * jnp.square(means - mean)).sum(0)
        return mean, variance, int(counts.sum())

    def _indices(self) -> Any:
        return jax.lax.axis_index(AXIS) * self.rows_per_device + jnp.arange(self.rows_per_device)


def local_mesh(threads: int, device: str = "auto") -> Mesh | None:
    """Return a mesh of this many of this process's cores, None if one device, such as a GPU, does all the work.

    JAX makes a device of each core when it starts, and never afterwards. If other code started JAX before, its devices
    are used.
    """
    if _jax.config.jax_num_cpu_devices < 0 and FORCED not in os.environ.get("XLA_FLAGS", ""):
        with suppress(RuntimeError):  # JAX has started
            _jax.config.update("jax_num_cpu_devices", max(cores(), threads))
    if device == "gpu":
        return None
    devices = jax.local_devices(backend="cpu" if device == "cpu" else None)[:threads]
    return Mesh(np.array(devices), (AXIS,)) if len(devices) > 1 and devices[0].platform == "cpu" else None
