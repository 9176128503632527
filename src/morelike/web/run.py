"""From an address to a server that listens there until it is told to stop."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from morelike.errors import MorelikeError, SettingError

__all__ = ["is_loopback", "listen", "serve"]

MOST_CONNECTIONS = 100


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address; port 0 takes a free one.

    Raises:
        SettingError: no such address on this machine.
        MorelikeError: the port is taken, or may not be used.
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
        reason = (error.strerror or str(error)).lower()
        raise MorelikeError(f"cannot listen at {host}, port {port}: {reason}; choose another with --port") from None
    return listening


def is_loopback(listening: socket.socket) -> bool:
    """Return whether this machine alone can reach a socket."""
    return ip_address(listening.getsockname()[0]).is_loopback


def serve(app: ASGIApp, listening: socket.socket) -> int:
    """Answer requests until SIGINT or SIGTERM, and return which it was; 0 if neither."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # words are nobody else's business
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    server.run(sockets=[listening])
    return server.asked


class _Server(uvicorn.Server):
    """A server that ends at once: who still waits for an answer is told so.

    The signal that ends it is kept in `asked`, not raised again: where it would be raised, it may be swallowed.
    """

    asked = 0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = bool(self.asked)
        self.should_exit, self.asked = True, sig

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in self.server_state.tasks:
            task.cancel()
        await super().shutdown(sockets)
