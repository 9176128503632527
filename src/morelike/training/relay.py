"""What JAX says to its coordinator, led through the one port of process 0.

So the coordinator itself listens on process 0's own machine alone. And the near end stays open when process 0 is gone,
and when we part from it, until JAX itself closes it: JAX would end the process at that moment, with messages of its
own, before it could say why.
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
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        shut(self._listener)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                with suppress(OSError):
                    far = socket.create_connection(self._far, timeout=10)
                    far.settimeout(None)
                    write_message(far, self._kind)
                    _lead(near, far, tells=False)


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
    _lead(sock, end)


def _opened(place: tuple[str, int]) -> socket.socket:
    deadline = time.monotonic() + STARTING
    while True:
        try:
            return socket.create_connection(place, timeout=STARTING)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def _lead(caller: socket.socket, called: socket.socket, *, tells: bool = True) -> None:
    """Send what comes from either to the other from now on; `tells` is whether the caller hears of the other's end."""

    def there() -> None:
        back.start()
        _copy(caller, called)
        back.join()
        caller.close()
        called.close()

    back = threading.Thread(target=_copy, args=(called, caller), kwargs={"tells": tells}, daemon=True)
    threading.Thread(target=there, daemon=True).start()


def _copy(source: socket.socket, target: socket.socket, *, tells: bool = True) -> None:
    """Send all that comes from `source` to `target`, or to nobody when that is gone: `source` is read to its end."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            with suppress(OSError):
                target.sendall(data)
    if tells:
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)
