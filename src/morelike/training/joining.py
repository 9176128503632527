"""Several processes meet at one port of process 0, say what they were started with, and stay in touch.

Process 0 listens; the others call it. Each says which process it is and what decides its run; they begin only if that
is the same, and everyone hears why if not. The connections stay open: what is killed is noticed at once, what falls
silent after `wire.SILENCE` seconds. Who knows the port may join or end a run: it is for private networks.
"""

from __future__ import annotations

import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, final

from morelike.errors import LostError, MorelikeError, SettingError, TrainingError
from morelike.training.places import Place
from morelike.training.relay import Relay, pass_on, shut
from morelike.training.wire import Connection, Gone, read_message, write_message

__all__ = ["Joined", "joined"]

JOIN, RELAY, DATA, ENDED, REFUSED = b"J", b"R", b"D", b"E", b"N"
FIRST_WORDS = 10.0
"""Seconds that a caller has to say what it wants."""
RETRY = 0.2


@final
class Joined:
    """A process's ties to the others: `coordinator` is where its JAX finds theirs, `lost` why the run cannot go on."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.coordinator = ""
        self.lost: str | None = None
        self.lost_at = float("inf")
        self.refused = False
        self._peers: dict[int, Connection] = {}
        self._begun = self._left = self._losing = False
        self._lock = threading.Lock()
        self._closing: list[Callable[[], None]] = []

    def gathered(self, data: bytes) -> list[bytes]:
        """Return what all processes hand in, by number, in process 0; elsewhere what was handed in.

        Raises:
            LostError: one of them is.
        """
        if self.place.process:
            self._peers[0].send(DATA, data)
            return [data]
        return [data, *(self._wait_for(process) for process in range(1, self.place.processes))]

    def spread(self, data: bytes) -> bytes:
        """Return what process 0 hands in.

        Raises:
            LostError: it is lost.
        """
        if self.place.process:
            return self._wait_for(0)
        for peer in list(self._peers.values()):
            peer.send(DATA, data)
        return data

    def leave(self, reason: str | None = None) -> None:
        """Part from the others; with a reason, which they are told, that ends the run for them."""
        with self._lock:
            if self._left:
                return
            self._left = True
        for peer in list(self._peers.values()):
            if reason:
                peer.send(ENDED, f"process {self.place.process} ended: {reason}".encode())
            peer.close()
        for close in self._closing:
            close()

    def lose(self, reason: str, kind: bytes = ENDED) -> None:
        """Let the others know why the run cannot go on, once; then note it, for who reads the note parts from them."""
        with self._lock:
            if self._losing or self._left:
                return
            self._losing = True
        if self.place.process == 0:
            for peer in list(self._peers.values()):
                peer.send(kind, reason.encode())
        self.lost_at, self.refused = time.monotonic(), kind == REFUSED
        self.lost = reason

    def _wait_for(self, process: int) -> bytes:
        while True:
            self._check()
            if (data := self._peers[process].receive(0.2)) is not None:
                return data

    def _check(self) -> None:
        if self.lost:
            raise SettingError(self.lost) if self.refused else LostError(self.lost)

    def _connect(self, process: int, sock: socket.socket) -> None:
        def ended(how: str) -> None:
            if self._begun or self.place.process:
                self.lose(f"process {process} was lost ({how})")
            else:
                self._peers.pop(process, None)  # it may call again

        def heard(kind: bytes, data: bytes) -> bool:
            if kind in (ENDED, REFUSED):
                self.lose(data.decode(errors="replace"), kind)
            return kind != DATA

        self._peers[process] = Connection(sock, ended, heard)


@contextmanager
def joined(place: Place, facts: Mapping[str, Any], seconds: float) -> Iterator[Joined]:
    """Give the ties of a process that has joined; if what is done with them fails, the others are told why.

    Args:
        place: which process this is.
        facts: what decides the run, by the names that an error gives; JSON can hold them.
        seconds: how long the processes wait for each other.

    Raises:
        SettingError: the processes were not started with the same facts, or two with one number.
        TrainingError: some did not come in time.
    """
    here = Joined(place)
    try:
        facts = json.loads(json.dumps({"processes": place.processes, **facts}))
        deadline = time.monotonic() + seconds
        (_call if place.process else _receive)(here, facts, deadline, seconds)
        yield here
    except MorelikeError as error:
        here.leave(str(error))
        error.at_once = True  # a thread may wait for a lost process for ever, and JAX for all of them at its end
        raise
    except KeyboardInterrupt:
        here.leave("it was interrupted")
        raise
    except BaseException as error:
        here.leave(f"{type(error).__name__} {error}")
        raise
    finally:
        here.leave()


def _call(here: Joined, facts: Mapping[str, Any], deadline: float, seconds: float) -> None:
    """Join process 0."""
    place = here.place
    while True:
        try:
            sock = socket.create_connection((place.host, place.port), timeout=max(deadline - time.monotonic(), 1))
            break
        except OSError as error:
            if time.monotonic() > deadline:
                raise TrainingError(
                    f"process 0 did not answer at {place.address} within {seconds:.0f} s ({error.strerror or error}): "
                    "is it started, and does this machine reach it?"
                ) from None
        time.sleep(RETRY)
    write_message(sock, JOIN, json.dumps({"process": place.process, "facts": facts}).encode())
    here._connect(0, sock)
    relay = Relay((place.host, place.port), RELAY)
    here._closing.append(relay.close)
    here.coordinator = relay.address
    here.spread(b"")  # process 0 says when all are there


def _receive(here: Joined, facts: Mapping[str, Any], deadline: float, seconds: float) -> None:
    """Wait for all others."""
    place = here.place
    here.coordinator = f"127.0.0.1:{_free_port()}"
    calls: queue.Queue[tuple[socket.socket, Any]] = queue.Queue()
    _open_door(here, calls)
    while len(here._peers) < place.processes - 1:
        try:
            sock, hello = calls.get(timeout=min(max(deadline - time.monotonic(), 0), 0.2))
        except queue.Empty:
            here._check()
            if time.monotonic() > deadline:
                missing = [str(i) for i in range(1, place.processes) if i not in here._peers]
                _give_up(
                    here,
                    TrainingError(
                        f"process {' and process '.join(missing)} of {place.processes} did not join within "
                        f"{seconds:.0f} s: start each with its own --process-id; can it reach {place.address}?"
                    ),
                )
            continue
        process, fault = _fault(here, hello, facts)
        if fault:
            _refuse(sock, fault)
            _give_up(here, SettingError(fault))
        here._connect(process, sock)
    here._begun = True
    here.spread(b"")


def _refuse(sock: socket.socket, reason: str) -> None:
    caller = Connection(sock, lambda how: None, lambda kind, data: True)
    caller.send(REFUSED, reason.encode())
    caller.close()


def _give_up(here: Joined, error: MorelikeError) -> None:
    here.lose(str(error), REFUSED if isinstance(error, SettingError) else ENDED)
    raise error


def _open_door(here: Joined, calls: queue.Queue[tuple[socket.socket, Any]]) -> None:
    """Listen; put who wants to join into `calls`, and pass on what is for JAX's coordinator."""
    place = here.place
    local = place.host == "localhost" or place.host.startswith("127.") or place.host == "::1"
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        listener = socket.create_server((place.host if local else "", place.port), family=family)
    except OSError as error:
        raise SettingError(
            f"process 0 cannot listen at {place.address}: {error.strerror}; is another process 0 running? Stop it, or "
            "take another port"
        ) from None
    here._closing.append(partial(shut, listener))

    def answer(sock: socket.socket) -> None:
        sock.settimeout(FIRST_WORDS)
        try:
            kind, data = read_message(sock)
            if kind == RELAY:
                pass_on(sock, here.coordinator)
            elif here._begun:
                _refuse(sock, "the run has begun with all its processes: this one is too many")
            elif kind == JOIN:
                calls.put((sock, json.loads(data)))
        except (OSError, Gone, ValueError):  # a stranger
            sock.close()

    def listen() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                threading.Thread(target=answer, args=(sock,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()


def _fault(here: Joined, hello: Any, facts: Mapping[str, Any]) -> tuple[int, str]:
    """Return who calls, and in words why it cannot join, if so."""
    process, theirs = (hello.get("process"), hello.get("facts")) if isinstance(hello, dict) else (None, None)
    if not isinstance(process, int) or not isinstance(theirs, dict):
        return 0, "what called is no process of this version of morelike"
    for name in facts.keys() | theirs.keys():
        if facts.get(name) != theirs.get(name):
            return process, (
                f"process {process} was started with {name} = {theirs.get(name)}, process 0 with {facts.get(name)}: "
                "start all with the same list and settings"
            )
    if process == 0 or process in here._peers:
        return process, f"two processes say that they are process {process}: give each its own --process-id"
    return process, ""


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
