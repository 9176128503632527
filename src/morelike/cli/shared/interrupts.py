"""Signals during training: the first Ctrl-C, SIGTERM or SIGHUP asks the run to stop and save, the second ends it."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType
from typing import Any

from morelike.cli.shared.exits import CTRL_C, ImmediateExit

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interrupts:
    """A context that keeps the first signal in `received` and raises `ImmediateExit` at the second."""

    def __init__(self) -> None:
        self.received: int | None = None
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        for number in SIGNALS:
            if number in (signal.SIGINT, signal.SIGTERM) or signal.getsignal(number) != signal.SIG_IGN:  # as nohup does
                self._handlers[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @property
    def status(self) -> int:
        """The exit status that names the signal: 130, 143 or 129."""
        return 128 + (self.received or signal.SIGINT)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            raise ImmediateExit(128 + number)
        self.received = number
        CTRL_C.ending = True  # after this context too, a second signal ends the process silently
        _leave_closed_terminal()


def _leave_closed_terminal() -> None:
    """Redirect output whose terminal or reader is gone to nowhere, so that saving goes on without an error."""
    if not hasattr(select, "poll"):
        return
    streams = select.poll()
    for descriptor in (1, 2):
        streams.register(descriptor, 0)
    for descriptor, event in streams.poll(0):
        if event & (select.POLLHUP | select.POLLERR):
            os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
