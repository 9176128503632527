"""The processes of one training run, and what they exchange between compiled chunks of steps.

Process 0 leads: it alone writes, evaluates and reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from morelike.errors import LostError, MorelikeError, TrainingError
from morelike.runs.checkpoint import Checkpoint
from morelike.storage.manifest import digest
from morelike.storage.safetensors_io import pack, unpack
from morelike.storage.untrusted import read_json

if TYPE_CHECKING:
    from jax.sharding import Mesh

LARGEST_MESSAGE = 1 << 20
"""Bytes of a value that a process sends: settings, a loss, facts of a checkpoint."""


@final
@dataclass(frozen=True)
class Processes:
    """The `count` processes of a run, of which this one is number `index`; `mesh` holds their devices.

    By default there is one process. All processes call the same methods in the same order. A method raises `LostError`
    if another process has ended.
    """

    count: int = 1
    index: int = 0
    mesh: Mesh | None = None

    @property
    def leads(self) -> bool:
        """Whether this is process 0."""
        return self.index == 0

    def broadcast(self, value: Any) -> Any:
        """Return the value of process 0, which JSON can hold."""
        return _value(0, self._broadcast(json.dumps(value).encode(), LARGEST_MESSAGE)) if self.count > 1 else value

    def broadcast_checkpoint(self, checkpoint: Checkpoint) -> Checkpoint:
        """Return the checkpoint of process 0."""
        data = pack(checkpoint.arrays)
        largest = 2 * len(data) + LARGEST_MESSAGE  # process 0 may have the best weights too
        arrays = unpack(Path("the state of process 0"), self._broadcast(data, largest))
        return Checkpoint(arrays, self.broadcast(checkpoint.facts))

    def all_gather(self, value: Any) -> list[Any]:
        """Return the values of all processes, which JSON can hold, in order of the processes' numbers."""
        from jax.experimental.multihost_utils import process_allgather

        data = np.frombuffer(json.dumps(value).encode(), np.uint8)
        with self.collective():
            sizes = process_allgather(np.uint32(len(data)))
        for i, size in enumerate(sizes.tolist()):
            _require_size(i, size, LARGEST_MESSAGE)
        with self.collective():
            rows = process_allgather(np.pad(data, (0, sizes.max() - len(data))))
        return [_value(i, row[:size].tobytes()) for i, (row, size) in enumerate(zip(rows, sizes, strict=True))]

    def any_process(self, value: bool) -> bool:
        """Return whether the value is true in any process."""
        return any(self.all_gather(value)) if self.count > 1 else value

    def require_equal(self, checkpoint: Checkpoint) -> None:
        """Raise an error in all processes if their states differ."""
        digests = self.all_gather(digest(pack(checkpoint.arrays))) if self.count > 1 else []
        with self.collective():
            for i, other in enumerate(digests):
                if other != digests[0]:
                    raise TrainingError(
                        f"process {i} no longer holds the same weights as process 0: machines of different kinds round "
                        "differently; train on machines of one kind, or in one process"
                    )

    @contextmanager
    def collective(self) -> Iterator[None]:
        """Compute what all processes compute together; all disconnect before an error that is the same in all."""
        try:
            yield
        except MorelikeError:
            self.barrier()
            raise
        except (RuntimeError, ValueError) as error:
            if self.count == 1:
                raise
            reason = str(error).splitlines()[0]
            if "Gloo" in reason:  # a connection was closed
                raise LostError("another process of this run has ended") from None
            raise LostError(f"the processes cannot go on together: {reason}") from None

    def barrier(self) -> None:
        """Wait for all processes, then disconnect from them."""
        if self.count > 1:
            from jax.distributed import shutdown

            shutdown()  # type: ignore[no-untyped-call]

    def _broadcast(self, data: bytes, largest: int) -> bytes:
        """Return the bytes of process 0, at most `largest`."""
        from jax.experimental.multihost_utils import broadcast_one_to_all

        with self.collective():
            size = int(broadcast_one_to_all(np.uint32(len(data))))
        _require_size(0, size, largest)
        with self.collective():
            received = broadcast_one_to_all(np.frombuffer(data if self.leads else bytes(size), np.uint8))
        return bytes(received.tobytes())


def _require_size(process: int, size: int, largest: int) -> None:
    """Refuse a message that is too large before there is memory for it.

    Raises:
        TrainingError: it is; a process of this run sends no such message.
    """
    if size > largest:
        raise TrainingError(
            f"process {process} announces {size:,} bytes, at most {largest:,} are expected: is it ours?"
        )


def _value(process: int, data: bytes) -> Any:
    """Return the value of another process.

    Raises:
        TrainingError: it is not bounded JSON.
    """
    try:
        return read_json(data)
    except ValueError as error:
        raise TrainingError(f"process {process} sent a message that cannot be read: {error}") from None


ALONE = Processes()
