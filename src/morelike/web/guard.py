"""The guard in front of the app: it limits the clients, the size of a request, and what a browser does with an answer.

A page of another site, open in a browser on this machine, can send requests to the server. The guard refuses them: if
the page points its own name at this machine (DNS rebinding), `Host` holds that name; if it sends a request across
sites, `Origin` or `Sec-Fetch-Site` shows it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of answers that are no page: a browser loads and runs nothing for them."""
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def problem(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error response of one sentence, in ASCII: a request may hold invalid Unicode."""
    return Response(json.dumps({"error": sentence}), status, headers, media_type="application/json")


@dataclass(frozen=True)
class Hosts:
    """The names of this server, each with its port.

    With `any_address`, every numeric address with the port is a name too: nobody can redirect a numeric address.
    """

    names: frozenset[str]
    port: int
    any_address: bool = False

    @classmethod
    def of(cls, host: str, port: int, others: Iterable[str] = ()) -> Hosts:
        """Return the names of a server that listens at an address; `others` may omit the port.

        >>> sorted(Hosts.of("127.0.0.1", 8000).names)
        ['127.0.0.1:8000', '[::1]:8000', 'localhost:8000']
        """
        everywhere = host in ("0.0.0.0", "::")
        names = [] if everywhere else [host]
        names += ["localhost", "127.0.0.1", "::1", *others]
        return cls(frozenset(_with_port(_bracketed(name), port) for name in names), port, everywhere)

    def allow(self, host: str) -> bool:
        """Return whether a `Host` header names this server.

        >>> hosts = Hosts.of("127.0.0.1", 8000)
        >>> hosts.allow("localhost:8000"), hosts.allow("localhost:9999"), hosts.allow("evil.example:8000")
        (True, False, False)
        """
        host = _with_port(host.lower(), 80)
        name, _, port = host.rpartition(":")
        return host in self.names or (self.any_address and port == str(self.port) and _is_address(name.strip("[]")))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _bracketed(name: str) -> str:
    return f"[{name}]" if _is_address(name) and ":" in name else name.lower()


def _with_port(host: str, port: int) -> str:
    return f"{host}:{port}" if host.endswith("]") or ":" not in host else host


class Guard:
    """An ASGI application that reads the body of a request and passes valid requests to another application.

    `policy` is the Content-Security-Policy of every answer. `advice` ends the refusal of a request to another host.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Hosts,
        *,
        largest_body: int,
        seconds: float,
        policy: str = NOTHING,
        advice: str = "see `morelike serve --help`",
    ) -> None:
        self.app = app
        self.hosts = hosts
        self.largest_body = largest_body
        self.seconds = seconds
        self._security = {"Content-Security-Policy": policy, **SECURITY}
        self._advice = advice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it to the app."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_securely(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update(self._security)
            await send(message)

        try:
            responder, body = await self._admit(scope, receive)
            if body is not None:
                await responder(scope, _replay(body, receive), send_securely)
        except asyncio.CancelledError:  # the server ends during the request
            if started:
                raise
            await problem(503, "the server has ended")(scope, receive, send_securely)

    async def _admit(self, scope: Scope, receive: Receive) -> tuple[ASGIApp, bytes | None]:
        """Return the responder to a request (the app or a refusal), and the body; None if the client has gone."""
        refusal = self._refusal(Headers(scope=scope), scope["method"])
        if refusal is not None:
            return refusal, b""
        try:
            async with asyncio.timeout(self.seconds):
                body = await self._read(receive)
        except TimeoutError:
            sentence = f"the body did not arrive within {self.seconds:g} seconds"
            return problem(408, sentence, {"Connection": "close"}), b""
        if body is not None and len(body) > self.largest_body:
            return self._too_large(), b""
        return self.app, body

    def _refusal(self, headers: Headers, method: str) -> Response | None:
        """Return the refusal of a request whose headers break a rule."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.hosts.allow(hosts[0]):
            known = " or ".join(sorted(self.hosts.names))
            return problem(421, f"the request names another server: this one is {known} ({self._advice})")
        other_origin = any(
            not origin.startswith("http://") or not self.hosts.allow(origin.removeprefix("http://"))
            for origin in headers.getlist("origin")
        )
        if other_origin or not set(headers.getlist("sec-fetch-site")) <= {"same-origin", "none"}:
            return problem(403, "pages of other sites may not use this server")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if method in ("POST", "PUT") and kind != "application/json":
            return problem(415, "the body must be JSON: send it with `Content-Type: application/json`")
        length = headers.get("content-length", "0")
        return self._too_large() if length.isdecimal() and int(length[:20]) > self.largest_body else None

    def _too_large(self) -> Response:
        sentence = f"the body has more than {self.largest_body:,} bytes: send less at once"
        return problem(413, sentence, {"Connection": "close"})

    async def _read(self, receive: Receive) -> bytes | None:
        """Return the body, or enough of it to show that it is too large; None if the client has gone."""
        body = bytearray()
        while len(body) <= self.largest_body:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that first returns a body that was already read, and then further messages."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
