"""Knobs: settings that a person turns while a run trains, kept with the step from which on they hold."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Literal, NamedTuple, TypeAlias, get_args

from morelike.architecture import Architecture
from morelike.errors import SettingError, excerpt
from morelike.storage.atomic_files import write_file
from morelike.text.words import Form

KNOBS = "knobs.jsonl"
Knob: TypeAlias = Literal["learning_rate", "batch_size", "temperature"]
"""The highest learning rate of the schedule, the rows of a batch, and the temperature of the words that are shown."""
MOST_ROWS = 4096
"""The largest batch size that a knob takes."""
SHOWN = "temperature"
"""The knob that changes what is shown, and no weight."""


class Turn(NamedTuple):
    """The value of a knob for all steps after `step`."""

    step: int
    name: str
    value: int | float


class Knobs:
    """The knobs of a run. The file of its folder holds a line for each turn.

    A run that is resumed takes the turns from the file again, at the same steps, so it gets the same bytes. `turned` is
    called with each turn when it begins to hold.
    """

    def __init__(self, path: Path | None = None, turned: Callable[[Turn], None] = lambda turn: None) -> None:
        self._path, self._turned = path, turned
        self._turns = read_turns(path) if path else []
        self._asked: dict[str, int | float] = {}
        self._lock = RLock()
        self.single_steps = 0
        """How many steps are to be taken one by one."""

    def turn(self, name: str, value: int | float) -> None:
        """Ask for another value of a knob; any thread may call this. It holds from the next call of `settle` on.

        Raises:
            SettingError: there is no such knob, or it does not take this value.
        """
        check_value(name, value)
        with self._lock:
            self._asked[name] = int(value) if name == "batch_size" else value

    def settle(self, step: int) -> None:
        """Let the values that were asked for hold after `step`.

        They replace turns at later steps, which a killed process left.
        """
        with self._lock:
            asked, self._asked = self._asked, {}
            for name, value in asked.items():
                kept = [each for each in self._turns if each.step <= step and each[:2] != (step, name)]
                self._turns = [*kept, Turn(step, name, value)]
            if asked and self._path:
                lines = [json.dumps({"step": each.step, each.name: each.value}) + "\n" for each in self._turns]
                write_file(self._path, "".join(lines).encode())
        for name, value in asked.items():
            self._turned(Turn(step, name, value))

    def value(self, name: Knob, step: int) -> int | float | None:
        """Return the value of a knob after `step`, None if it was not turned before."""
        return next((turn.value for turn in reversed(self._turns) if turn.name == name and turn.step <= step), None)

    def batch_sizes(self, step: int, first: int) -> tuple[tuple[tuple[int, int], ...], int]:
        """Return the stretches of steps up to `step` with their batch sizes, and the batch size after `step`.

        Args:
            step: the steps that the run has taken.
            first: the batch size with which it began.
        """
        stretches, size, began = [], first, 0
        for turn in self._turns:
            if turn.name == "batch_size" and turn.step <= step:
                if turn.step > began:
                    stretches.append((turn.step - began, size))
                size, began = int(turn.value), turn.step
        return tuple(stretches), size

    def pause(self, step: int, end: int) -> int:
        """Return where a chunk of steps from `step` to `end` is divided: at the next turn, or after a single step."""
        with self._lock:
            turns = [turn.step for turn in self._turns if step < turn.step and turn.name != SHOWN]
            if self.single_steps:
                self.single_steps -= 1
                end = min(end, step + 1)
            return min([end, *turns])

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns, in the order of their steps."""
        return tuple(self._turns)


def read_turns(path: Path) -> list[Turn]:
    """Return the turns in a file, none if there is no file."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    found = [json.loads(line) for line in lines]
    return [Turn(each["step"], name, value) for each in found for name, value in each.items() if name != "step"]


def check_value(name: str, value: int | float) -> None:
    """Refuse a value that a knob does not take.

    Raises:
        SettingError: there is no such knob, or it does not take this value.
    """
    if name not in get_args(Knob):
        raise SettingError(f"there is no knob {excerpt(name)}: turn {', '.join(get_args(Knob))}")
    if not (math.isfinite(value) and value > 0):
        raise SettingError(f"{name} = {value:g}: give a number above 0")
    if name == "batch_size" and not (value == int(value) and value <= MOST_ROWS):
        raise SettingError(f"batch_size = {value:g}: give a whole number from 1 to {MOST_ROWS:,}")


def check_knob(name: str, architecture: Architecture, form: Form) -> None:
    """Refuse a knob that a run does not have.

    Raises:
        SettingError: the model is counted, or its batch size cannot change.
    """
    if name == SHOWN:
        return
    trained = architecture.as_trained(f"{name} changes nothing")
    if name == "batch_size" and form == "text" and trained.carried_shapes(1):
        raise SettingError(
            f"batch_size: a {architecture.kind} reads a running text in as many parts as a batch has rows: it cannot "
            "change while the model learns; start a run with another --batch-size"
        )
