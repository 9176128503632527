"""One batch over several cores or processes: each takes its share of the rows, and one all-reduce a step adds up.

The loss of a batch is the sum over its characters divided by their number, so each device takes the gradient of its
own sum; these gradients, laid end to end with the sum and the number, are added over all devices by one collective, and
then divided. The batches, the weights and the dropout are those of one process, up to the rounding of sums.

BatchNorm wants the moments of the whole batch: those of the shares are gathered and merged (Chan, Golub and LeVeque
1979), one more collective for each layer forward and one backward.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jax.sharding import Mesh, NamedSharding

from morelike.arrays import Array, Float, Weights
from morelike.language_model.threads import cores
from morelike.training.jax.random_bytes import random_bytes

__all__ = ["Shares", "connected", "disconnect", "own_cores"]

_jax: Any = jax  # of which some functions have no types
AXIS = "shares"
EVERYWHERE = _jax.sharding.PartitionSpec()
SECONDS = 300
"""How long JAX waits for processes that have met already; one of them may still read a long list."""
HEARTBEAT = 600
"""Longer than we take ourselves to notice a loss, which we can put in words."""
FORCED = "xla_force_host_platform_device_count"
"""The older way to ask for several devices of one process."""


@dataclass(frozen=True)
class Shares:
    """The `rows` of a batch dealt out to the devices of a mesh, in order; the last ones may have fewer, or none.

    `axis` is that of an architecture's activations along which the rows lie.
    """

    mesh: Mesh
    rows: int
    axis: int = 0

    @property
    def each(self) -> int:
        """Rows of one share, the missing ones of the last included: those repeat the last row and count nothing."""
        return -(-self.rows // self.mesh.size)

    def program(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a compiled program in which every device runs `function` on the same arguments."""
        spread = jax.shard_map(function, mesh=self.mesh, in_specs=EVERYWHERE, out_specs=EVERYWHERE, check_vma=False)
        return jax.jit(spread)

    def everywhere(self, tree: Any) -> Any:
        """Return arrays of this process, the same in all, as arrays of the whole mesh."""
        return jax.tree.map(self._everywhere, tree)

    def _everywhere(self, array: Any) -> Any:
        sharding = NamedSharding(self.mesh, EVERYWHERE)
        if isinstance(array, jax.Array) and array.sharding == sharding:
            return array
        return _jax.make_array_from_process_local_data(sharding, np.asarray(array))

    def mine(self) -> Any:
        """Return, in the program, the numbers of this device's rows, none beyond the last."""
        return jnp.minimum(self._numbers(), self.rows - 1)

    def counted(self, values: Float[Array, " B"]) -> Float[Array, " B"]:
        """Return, in the program, values of this device's rows, zero for those that are missing."""
        return jnp.where(self._numbers() < self.rows, values, 0)

    def own(self, tree: Any, axis: int) -> Any:
        """Return, in the program, this device's rows of arrays."""
        return jax.tree.map(lambda array: jnp.take(array, self.mine(), axis=axis), tree)

    def whole(self, tree: Any) -> Any:
        """Return, in the program, arrays of all rows from each device's [rows, ...]."""
        return jax.tree.map(lambda array: jax.lax.all_gather(array, AXIS, tiled=True)[: self.rows], tree)

    def mean(self, total: Array, count: Array, gradients: Weights) -> tuple[Array, Weights]:
        """Return, in the program, the loss per character of the whole batch and its gradients: the one all-reduce."""
        flat, tree = ravel_pytree((total, count, gradients))
        total, count, gradients = tree(_sum_over_shares(flat))
        return total / count, jax.tree.map(lambda gradient: gradient / count, gradients)

    def bits(self, key: Array, shape: tuple[int, ...]) -> Array:
        """Return, in the program, this device's rows of the random bytes that the whole batch would have."""
        whole = list(shape)
        whole[self.axis] = self.rows
        return self.own(random_bytes(key, tuple(whole)), self.axis)

    def moments(self, x: Float[Array, "B *shape H"]) -> tuple[Float[Array, " H"], Float[Array, " H"], int]:
        """Return, in the program, mean and variance (divided by n) of all rows of a batch, and n."""
        axes, places = tuple(range(x.ndim - 1)), x.size // x.shape[-1] // len(x)
        inside = (self._numbers() < self.rows).reshape(-1, *[1] * (x.ndim - 1))
        numbers = np.clip(self.rows - np.arange(self.mesh.size) * self.each, 0, self.each) * places
        count = jnp.asarray(numbers, x.dtype)[jax.lax.axis_index(AXIS)]
        mean = jnp.where(inside, x, 0).sum(axes) / jnp.maximum(count, 1)
        squares = jnp.where(inside, jnp.square(x - mean), 0).sum(axes)
        means, squares = jnp.moveaxis(jax.lax.all_gather(jnp.stack([mean, squares]), AXIS), 1, 0)
        shares = jnp.asarray(numbers / numbers.sum(), x.dtype)[:, None]
        mean = (shares * means).sum(0)
        variance = squares.sum(0) / numbers.sum() + (shares * jnp.square(means - mean)).sum(0)
        return mean, variance, int(numbers.sum())

    def _numbers(self) -> Any:
        return jax.lax.axis_index(AXIS) * self.each + jnp.arange(self.each)


def _sum_over_shares(array: Array) -> Array:
    return _jax.lax.psum(array, AXIS)


def own_cores(threads: int) -> Mesh | None:
    """Return a mesh of so many of this process's cores, None where one does it all.

    JAX makes a device of each core when it starts, and never after: if it had started before, by other hands than ours,
    there are as many as there are.
    """
    if _jax.config.jax_num_cpu_devices < 0 and FORCED not in os.environ.get("XLA_FLAGS", ""):
        with suppress(RuntimeError):  # it has started
            _jax.config.update("jax_num_cpu_devices", max(cores(), threads))
    devices = jax.local_devices()[:threads]
    return Mesh(np.array(devices), (AXIS,)) if len(devices) > 1 and devices[0].platform == "cpu" else None


def connected(coordinator: str, processes: int, process: int) -> Mesh:
    """Return a device of each process, after JAX has joined them; nothing may have been computed before.

    Raises:
        RuntimeError: JAX cannot.
    """
    logging.getLogger("jax._src.distributed").setLevel(logging.ERROR)  # warns of proxies, which 127.0.0.1 needs not
    os.environ.setdefault("no_grpc_proxy", "127.0.0.1")
    _jax.config.update("jax_enable_preemption_service", False)  # noqa: FBT003 (it would hear SIGTERM in our place)
    _jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(
        coordinator,
        processes,
        process,
        coordinator_bind_address=coordinator,
        cluster_detection_method="deactivate",
        initialization_timeout=SECONDS,
        heartbeat_timeout_seconds=HEARTBEAT,
        shutdown_timeout_seconds=SECONDS,
    )
    firsts = {device.process_index: device for device in reversed(jax.devices())}
    mesh = Mesh(np.array([firsts[i] for i in sorted(firsts)]), (AXIS,))
    shares = Shares(mesh, mesh.size)
    with _silent_stdout():
        found = shares.program(_sum_over_shares)(shares.everywhere(np.ones(1, np.float32)))
        if int(found[0]) != mesh.size:
            raise RuntimeError(f"{mesh.size} devices add up to {found[0]}")
    return mesh


def disconnect() -> None:
    """Part from JAX's coordinator, together with all others."""
    _jax.distributed.shutdown()


@contextmanager
def _silent_stdout() -> Iterator[None]:
    """Keep what libraries write to standard output out of it: Gloo tells there whom it has met."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
