"""The start token: who opens the address that the terminal printed gets a cookie, and all others are refused.

Another user of this machine can reach the server too, but cannot read the terminal.
"""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from morelike.web.guard import problem

REFUSED = "open the address that `morelike play` printed in the terminal: it holds the key to this page"


class TokenDoor:
    """An ASGI application that passes requests with its cookie on, and gives the cookie to who brings the token."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self.token = secrets.token_urlsafe(24)
        self._name = f"morelike_play_{port}"  # cookies belong to a host, and a host may have several servers
        self._value = secrets.token_urlsafe(24)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, give it the cookie, or refuse it."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> ASGIApp:
        if scope["type"] != "http":
            return self.app
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] == "/" and scope["method"] == "GET" and secrets.compare_digest(given.encode(), self._token):
            cookie = f"{self._name}={self._value}; HttpOnly; SameSite=Strict; Path=/"
            return Response(status_code=303, headers={"Location": _without_token(scope), "Set-Cookie": cookie})
        if secrets.compare_digest(self._cookie(scope).encode(), self._value.encode()):
            return self.app
        return problem(403, REFUSED)

    @property
    def _token(self) -> bytes:
        return self.token.encode()

    def _cookie(self, scope: Scope) -> str:
        """Return the value of the cookie of a request, empty if it has none."""
        try:
            cookies = SimpleCookie(Headers(scope=scope).get("cookie", ""))
        except CookieError:
            return ""
        return cookies[self._name].value if self._name in cookies else ""


def _without_token(scope: Scope) -> str:
    """Return the address of the page with the settings of the request, without its token."""
    query = parse_qsl(scope["query_string"].decode("latin-1"))
    settings = urlencode([(name, value) for name, value in query if name != "token"])
    return f"/?{settings}" if settings else "/"
