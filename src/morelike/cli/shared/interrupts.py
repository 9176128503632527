"""Ctrl-C and SIGTERM while a model is trained: the first asks the run to end well, the second ends it at once."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any

__all__ = ["Interrupts"]


class Interrupts:
    """A context in which signals are counted instead of raised; `asked` is the signal that asked for an end."""

    def __init__(self) -> None:
        self.asked: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def status(self) -> int:
        """The exit status that says which signal ended the run: 130 or 143."""
        return 128 + (self.asked or signal.SIGINT)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.asked is not None:
            os._exit(128 + number)
        self.asked = number
