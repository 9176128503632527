"""What JAX says to its coordinator, led through the one port of process 0.

So the coordinator itself listens on process 0's own machine alone. And the near end stays open when process 0 is gone:
JAX would end the process at that moment, with messages of its own, before it could say why.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import final

from morelike.training.wire import write_message

__all__ = ["Relay", "pass_on", "shut"]

STARTING = 30.0
"""Seconds that JAX's coordinator has to start listening."""


@final
class Relay:
    """A port of this machine, `address`, that leads to another machine's."""

    def __init__(self, far: tuple[str, int], kind: bytes) -> None:
        """Listen; each connection is opened at the far end with an empty message of this kind."""
        self._far, self._kind = far, kind
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._kept: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections, and close the near ends."""
        shut(self._listener)
        for near in self._kept:
            shut(near)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._kept.append(near)
                with suppress(OSError):
                    far = socket.create_connection(self._far, timeout=10)
                    far.settimeout(None)
                    write_message(far, self._kind)
                    _start(near, far)
                    _start(far, near, ends=False)


def shut(listener: socket.socket) -> None:
    """Close a socket that another thread may be accepting on, which it then no longer does."""
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def pass_on(sock: socket.socket, address: str) -> None:
    """Lead a connection on to an address of this machine.

    Raises:
        OSError: nobody listens there, nor begins to.
    """
    host, _, port = address.rpartition(":")
    end = _opened((host, int(port)))
    for each in (sock, end):
        each.settimeout(None)
    _start(sock, end)
    _start(end, sock)


def _opened(place: tuple[str, int]) -> socket.socket:
    deadline = time.monotonic() + STARTING
    while True:
        try:
            return socket.create_connection(place, timeout=STARTING)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def _start(source: socket.socket, target: socket.socket, *, ends: bool = True) -> None:
    """Send all that comes from `source` to `target` from now on; when it ends and `ends` is true, say so there."""

    def copy() -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        if ends:
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)

    threading.Thread(target=copy, daemon=True).start()
