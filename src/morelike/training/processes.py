"""Who trains: this process alone, or several that joined; what they must agree on between the compiled chunks.

Process 0 leads: it alone writes, evaluates and tells. The others hear from it where training begins and when it ends.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, final

from morelike.errors import LostError, TrainingError
from morelike.runs.checkpoint import Checkpoint
from morelike.storage.manifest import digest
from morelike.storage.safetensors_io import pack, unpack
from morelike.training.joining import Joined

if TYPE_CHECKING:
    from jax.sharding import Mesh

__all__ = ["ALONE", "Alone", "Cluster", "Processes"]

YES, NO = b"yes", b"no"
FOREWARNED = 5.0
"""Seconds within which a collective that failed is explained by the loss of a process."""


class Processes(ABC):
    """The processes of a run, as the loop of training sees them."""

    several: bool
    """Whether there are others."""
    leads: bool
    """Whether this is process 0."""

    @abstractmethod
    def mesh(self) -> Mesh | None:
        """Return the devices of all processes, once they are joined; None for one process's own."""

    @abstractmethod
    def begin_from(self, checkpoint: Checkpoint) -> Checkpoint:
        """Return the checkpoint that process 0 begins with."""

    @abstractmethod
    def told(self, loss: float | None) -> float | None:
        """Return the loss that process 0 hands in."""

    @abstractmethod
    def any(self, asked: bool) -> bool:
        """Return whether any process hands in true."""

    @abstractmethod
    def stay_equal(self, checkpoint: Checkpoint) -> None:
        """Return if the processes hold the same state.

        Raises:
            TrainingError: they have drifted apart.
        """

    @abstractmethod
    @contextmanager
    def together(self) -> Iterator[None]:
        """Hold what all processes compute together: its failure is told as the loss of a process."""

    @abstractmethod
    def check(self, patience: float) -> None:
        """Return unless a process was lost more than `patience` seconds ago.

        Raises:
            LostError: one was.
        """

    @abstractmethod
    def leave(self, reason: str) -> None:
        """End the run for all others, who are told why."""

    @abstractmethod
    def part(self) -> None:
        """Return when all have come to the end; after it each is alone."""


@final
class Alone(Processes):
    """One process, which agrees with itself."""

    several = False
    leads = True

    def mesh(self) -> Mesh | None:
        return None

    def begin_from(self, checkpoint: Checkpoint) -> Checkpoint:
        return checkpoint

    def told(self, loss: float | None) -> float | None:
        return loss

    def any(self, asked: bool) -> bool:
        return asked

    def stay_equal(self, checkpoint: Checkpoint) -> None:
        pass

    @contextmanager
    def together(self) -> Iterator[None]:
        yield

    def check(self, patience: float) -> None:
        pass

    def leave(self, reason: str) -> None:
        pass

    def part(self) -> None:
        pass


ALONE = Alone()


@final
class Cluster(Processes):
    """Several processes, each with its share of every batch."""

    several = True

    def __init__(self, joined: Joined) -> None:
        self.joined = joined
        self.leads = joined.place.process == 0

    def mesh(self) -> Mesh | None:
        from morelike.training.distributed import connected  # JAX is imported when a training run starts

        place = self.joined.place
        with self.together():
            return connected(self.joined.coordinator, place.processes, place.process)

    def begin_from(self, checkpoint: Checkpoint) -> Checkpoint:
        arrays = self.joined.spread(pack(checkpoint.arrays) if self.leads else b"")
        facts = json.loads(self.joined.spread(json.dumps(checkpoint.facts).encode() if self.leads else b""))
        return checkpoint if self.leads else Checkpoint(unpack(Path("what process 0 sent"), arrays), facts)

    def told(self, loss: float | None) -> float | None:
        told = json.loads(self.joined.spread(json.dumps(loss).encode() if self.leads else b""))
        return None if told is None else float(told)

    def any(self, asked: bool) -> bool:
        found = YES in self.joined.gathered(YES if asked else NO)
        return self.joined.spread(YES if found else NO) == YES

    def stay_equal(self, checkpoint: Checkpoint) -> None:
        mine = digest(pack(checkpoint.arrays)).encode()
        seen = self.joined.gathered(mine)
        apart = [i for i, each in enumerate(seen) if each != mine]
        if apart:
            raise TrainingError(
                f"process {apart[0]} no longer holds the same weights as process 0: machines of different kinds round "
                "differently; train on machines of one kind, or in one process"
            )

    @contextmanager
    def together(self) -> Iterator[None]:
        try:
            yield
        except (RuntimeError, ValueError) as error:
            deadline = time.monotonic() + FOREWARNED
            while self.joined.lost is None and time.monotonic() < deadline:
                time.sleep(0.05)
            reason = self.joined.lost or f"the processes can no longer compute together: {str(error).splitlines()[0]}"
            raise LostError(reason) from None

    def check(self, patience: float) -> None:
        if self.joined.lost and time.monotonic() > self.joined.lost_at + patience:
            raise LostError(self.joined.lost)

    def leave(self, reason: str) -> None:
        self.joined.leave(reason)

    def part(self) -> None:
        from morelike.training.distributed import disconnect

        self.any(asked=False)
        with self.together():
            disconnect()
        self.joined.leave()
