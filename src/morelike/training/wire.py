"""A connection between two processes of one run: messages, signs of life, and its end, which is always noticed.

A message is its kind (one byte), its length (eight) and its bytes. Both sides say every `BEAT` seconds that they live.
"""

from __future__ import annotations

import queue
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import final

__all__ = ["BEAT", "SILENCE", "Connection", "Gone", "read_message", "write_message"]

BEAT = 2.0
SILENCE = 20.0
"""Seconds without a sign of life after which a process is taken for lost; one that was killed is noticed at once."""

HEADER = struct.Struct("!cQ")
LARGEST_FIRST = 1 << 20
"""Bytes of a message from someone who is not known yet."""
ALIVE, BYE = b"A", b"B"


class Gone(Exception):  # noqa: N818 (a fact, which becomes an error in the words of whoever notices)
    """The other side is gone; the text says how that showed."""


def write_message(sock: socket.socket, kind: bytes, data: bytes = b"") -> None:
    """Send one message.

    Raises:
        OSError: the other side is gone.
    """
    sock.sendall(HEADER.pack(kind, len(data)) + data)


def read_message(sock: socket.socket, largest: int = LARGEST_FIRST) -> tuple[bytes, bytes]:
    """Return the kind and the bytes of the next message.

    Raises:
        Gone: there is none any more, it is too large, or it does not come.
    """
    kind, size = HEADER.unpack(_read(sock, HEADER.size))
    if size > largest:
        raise Gone("it sent what is no message")
    return kind, _read(sock, size)


def _read(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        try:
            part = sock.recv(min(size - len(data), 1 << 20))
        except TimeoutError:
            raise Gone(f"nothing was heard of it for {sock.gettimeout():.0f} s") from None
        except OSError as error:
            raise Gone(f"its connection broke: {error.strerror}") from None
        if not part:
            raise Gone("its connection was closed")
        data += part
    return bytes(data)


@final
class Connection:
    """The way to one other process; a thread reads what comes, another says that we live."""

    def __init__(self, sock: socket.socket, on_end: Callable[[str], None], on_message: Callable[[bytes, bytes], bool]):
        """Take over a socket; `on_end` hears how it ended without a farewell, `on_message` may take a message."""
        sock.settimeout(SILENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock
        self._on_end, self._on_message = on_end, on_message
        self._sending = threading.Lock()
        self._inbox: queue.Queue[bytes] = queue.Queue()
        self._over = threading.Event()
        for work in (self._listen, self._beat):
            threading.Thread(target=work, daemon=True).start()

    def send(self, kind: bytes, data: bytes = b"") -> None:
        """Send a message; where the other side is gone, who reads notices it."""
        try:
            with self._sending:
                write_message(self._socket, kind, data)
        except OSError:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def receive(self, seconds: float) -> bytes | None:
        """Return the next message that nobody took, None if none comes in time."""
        try:
            return self._inbox.get(timeout=seconds)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Say farewell: from now on an end is no loss."""
        self.send(BYE)
        self._over.set()

    def _listen(self) -> None:
        try:
            while True:
                kind, data = read_message(self._socket, largest=1 << 40)
                if kind == BYE:
                    break
                if kind != ALIVE and not self._on_message(kind, data):
                    self._inbox.put(data)
        except Gone as gone:
            if not self._over.is_set():
                self._on_end(str(gone))
        self._over.set()
        self._socket.close()

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            self.send(ALIVE)
