"""Looks: the weights of a run at some steps, kept while it trains, so that a person can go back to each of them.

The folder `looks` of a run holds STEP.safetensors for each look.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from morelike.arrays import Weights
from morelike.errors import ModelError, RunError
from morelike.runs.run_folder import RunFolder
from morelike.storage.atomic_files import write_file
from morelike.storage.safetensors_io import Packed, unpack

SHARE = 0.05
"""The largest share of the time of training that looks may take."""
LARGEST = 200 << 20
"""The most bytes of the looks of a run. Above it, every second look is removed."""
SUFFIX = ".safetensors"


class Looks:
    """The looks of a run, on disk."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.folder = run.path / "looks"

    def steps(self) -> list[int]:
        """Return the steps that have a look, in order."""
        return sorted(int(path.stem) for path in self.folder.glob(f"*{SUFFIX}") if path.stem.isdecimal())

    def save(self, step: int, weights: Weights) -> None:
        """Write a look, atomically.

        Raises:
            RunError: it cannot be written.
        """
        try:
            self.folder.mkdir(exist_ok=True)
            write_file(self._file(step), Packed(weights), durable=False)
        except OSError as error:
            raise RunError(
                f"the look at step {step:,} of '{self.run.path}' cannot be written: {error.strerror}"
            ) from None

    def weights(self, step: int) -> Weights:
        """Return the weights at a step.

        Raises:
            ModelError: there is no look at this step, or it is damaged.
        """
        path = self._file(step)
        try:
            return unpack(path, path.read_bytes())
        except OSError:
            raise ModelError(f"there is no look at step {step:,}: choose one of the steps that the run kept") from None

    def thin_out(self, largest: int = LARGEST) -> None:
        """Remove every second look, but not those at powers of two, until the looks have few enough bytes."""
        while (steps := self.steps()) and sum(self._file(step).stat().st_size for step in steps) > largest:
            others = [step for step in steps[:-1] if not is_power_of_two(step)]
            if not others:
                return
            for step in others[::2]:
                self._file(step).unlink(missing_ok=True)

    def _file(self, step: int) -> Path:
        return self.folder / f"{step}{SUFFIX}"


class LookWriter:
    """Writes looks while a run trains: at steps 0, 1, 2, 4, 8 and so on, when wanted, and as often as time allows.

    `saved` is called with the step of each look after its file is there.
    """

    def __init__(self, looks: Looks, saved: Callable[[int], None] = lambda step: None) -> None:
        self.wanted = False
        self.last = -1
        self._looks, self._saved = looks, saved
        self._began, self._spent = time.perf_counter(), 0.0

    def __call__(self, step: int, weights: Callable[[], Weights]) -> None:
        """Write a look at a step if it is due; a function for `gradient_descent`."""
        now = time.perf_counter()
        due = self.wanted or is_power_of_two(step) or step == self.last
        if not due and self._spent > SHARE * (now - self._began):
            return
        self.wanted = False
        self._looks.save(step, weights())
        with suppress(OSError):
            self._looks.thin_out()
        self._spent += time.perf_counter() - now
        self._saved(step)


def is_power_of_two(step: int) -> bool:
    """Return whether a step is 0 or a power of two.

    >>> [step for step in range(10) if is_power_of_two(step)]
    [0, 1, 2, 4, 8]
    """
    return step & (step - 1) == 0
