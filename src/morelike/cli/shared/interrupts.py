"""Ctrl-C and SIGTERM during training: the first signal asks the run to stop and save, the second ends it at once."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from morelike.cli.shared.exits import ImmediateExit


class Interrupts:
    """A context that keeps the first signal in `received` and raises `ImmediateExit` at the second."""

    def __init__(self) -> None:
        self.received: int | None = None
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._handlers[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def status(self) -> int:
        """The exit status that names the signal: 130 or 143."""
        return 128 + (self.received or signal.SIGINT)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            raise ImmediateExit(128 + number)
        self.received = number
