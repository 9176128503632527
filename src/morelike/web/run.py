"""A server that listens at an address and answers until a signal ends it."""

from __future__ import annotations

import errno
import socket
from ipaddress import ip_address
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from morelike.errors import MorelikeError, SettingError

MOST_CONNECTIONS = 500
"""More than may wait for their turn. A further connection gets 503 without a sentence."""
LAST_PORT = 65535


def listen(host: str, port: int, others: int = 0) -> socket.socket:
    """Return a socket that listens at an address; port 0 takes a free port.

    If the port is taken, as many `others` after it are tried.

    Raises:
        SettingError: this machine has no such address.
        MorelikeError: the port is taken, or this user may not use it.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise SettingError(f"--host {host}: there is no such address") from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError as error:
        listening.close()
        if others and error.errno == errno.EADDRINUSE and port < LAST_PORT:
            return listen(host, port + 1, others - 1)
        reason = (error.strerror or str(error)).lower()
        raise MorelikeError(f"cannot listen at {host}, port {port}: {reason}; choose another with --port") from None
    return listening


def is_loopback(listening: socket.socket) -> bool:
    """Return whether only this machine can reach a socket."""
    return ip_address(listening.getsockname()[0]).is_loopback


def run_server(app: ASGIApp, listening: socket.socket) -> int:
    """Answer requests until SIGINT or SIGTERM, and return the number of the signal; 0 if none came."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # the words of the requests are private
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    server.run(sockets=[listening])
    return server.signal_number


class _Server(uvicorn.Server):
    """A server that ends at once and answers the waiting requests with an error.

    It keeps the signal in `signal_number` instead of raising it again, because an exception could be swallowed.
    """

    signal_number = 0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = bool(self.signal_number)
        self.should_exit, self.signal_number = True, sig

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in self.server_state.tasks:
            task.cancel()
        await super().shutdown(sockets)
