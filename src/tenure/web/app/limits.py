"""How large the body of a request may be: for one route, and for all of an application."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.web.bind.exchange import HttpExchange, Sender
from tenure.web.exceptions import FastAPIError, HTTPException

__all__ = ["BodyLimits", "checked_limit", "limit_body"]

_KEY: Final = "tenure.body_limit"
_MOST_DIGITS: Final = 18
"""Of a length that is looked at: Python refuses to read numbers of thousands of digits."""


def checked_limit(limit: Any) -> int | None:
    """*limit* as it was declared; raises ``FastAPIError`` for what is no number of bytes."""
    if limit is None or (type(limit) is int and limit >= 0):
        return limit
    raise FastAPIError(f"max_body_size={limit!r} is not a number of bytes, nor None for any number")


class BodyLimits:
    """Outermost around an application with a limit; its routes may set another one."""

    def __init__(self, app: ASGIApp, limit: int | None) -> None:
        self._app = app
        self._limit = checked_limit(limit)

    async def __call__(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Serve one connection; what was too large and answered by nobody is answered here."""
        if asgi_scope["type"] != "http":
            await self._app(asgi_scope, receive, send)
            return
        watched, sender = _Watched(asgi_scope, receive), Sender(send)
        watched.limit = self._limit
        asgi_scope[_KEY] = watched
        try:
            await self._app(asgi_scope, watched.receive, sender)
        except _TooLargeError as error:  # for middleware of the user's, before there was a route
            if sender.started:
                raise
            answer = JSONResponse({"detail": error.detail}, error.status_code)
            await answer(asgi_scope, receive, send)


def limit_body(exchange: HttpExchange, limit: int | None) -> None:
    """Hold the body of *exchange* to *limit*; raises 413 if its declared length is above that."""
    watched: _Watched | None = exchange.asgi_scope.get(_KEY)
    if watched is None:
        if limit is None:
            return
        watched = _Watched(exchange.asgi_scope, exchange.receive)
        exchange.receive = watched.receive
    watched.limit = limit
    watched.check()


class _TooLargeError(HTTPException):
    def __init__(self) -> None:
        super().__init__(413, "Content Too Large")


class _Watched:
    """The body of one request, counted as it is received."""

    def __init__(self, asgi_scope: AsgiScope, receive: Receive) -> None:
        self.limit: int | None = None
        self._receive = receive
        self._declared = _declared_length(asgi_scope["headers"])
        self._received = 0

    def check(self) -> None:
        """Raise if there is, or will be, more than is allowed."""
        if self.limit is not None and max(self._declared, self._received) > self.limit:
            raise _TooLargeError

    async def receive(self) -> Message:
        """The next message, unless there is too much."""
        self.check()
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            self.check()
        return message


def _declared_length(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """The largest that is declared; what is no number is left to the server."""
    lengths = [value for name, value in headers if name == b"content-length"]
    return max((int(each[:_MOST_DIGITS]) for each in lengths if each.isdigit()), default=0)
