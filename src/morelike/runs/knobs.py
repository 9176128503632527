"""Knobs: settings that a person turns while a run trains, kept with the step from which on they hold."""

from __future__ import annotations

import json
import math
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from morelike.errors import SettingError
from morelike.storage.atomic_files import write_file

KNOBS = "knobs.jsonl"


class Turn(NamedTuple):
    """The learning rate, the highest of the schedule, for all steps after `step`."""

    step: int
    learning_rate: float


class Knobs:
    """The knobs of a run. The file of its folder holds a line for each turn.

    A run that is resumed takes the turns from the file again, at the same steps, so it gets the same bytes.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._turns = _read(path) if path and path.exists() else []
        self._asked: float | None = None
        self._lock = Lock()

    def turn(self, learning_rate: float) -> None:
        """Ask for another learning rate; any thread may call this. It holds from the next chunk of steps on.

        Raises:
            SettingError: it is not a positive number.
        """
        if not (math.isfinite(learning_rate) and learning_rate > 0):
            raise SettingError(f"learning_rate = {learning_rate:g}: give a number above 0")
        with self._lock:
            self._asked = learning_rate

    def learning_rate(self, step: int) -> float | None:
        """Return the learning rate of the chunk that begins after `step`; None for the one of the settings.

        A rate that was asked for holds from here on. It replaces turns at later steps, which a killed process left.
        """
        with self._lock:
            asked, self._asked = self._asked, None
        if asked is not None:
            self._turns = [turn for turn in self._turns if turn.step < step] + [Turn(step, asked)]
            if self._path:
                write_file(self._path, "".join(json.dumps(turn._asdict()) + "\n" for turn in self._turns).encode())
        return next((turn.learning_rate for turn in reversed(self._turns) if turn.step <= step), None)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns, in the order of their steps."""
        return tuple(self._turns)


def _read(path: Path) -> list[Turn]:
    return [Turn(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]
