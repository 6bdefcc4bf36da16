"""One request or WebSocket while it is served: what inputs are read from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Send
from starlette.types import Scope as AsgiScope
from starlette.websockets import WebSocket

from tenure.web.background import BackgroundTasks
from tenure.web.bind.validation import NOTHING

__all__ = ["Exchange", "HttpExchange", "WebSocketExchange"]


class Exchange:
    """The source of a plan's inputs, and what dependencies add to the response."""

    __slots__ = (
        "_send",
        "asgi_scope",
        "body",
        "connection",
        "disconnect",
        "receive",
        "response",
        "started",
        "tasks",
    )

    connection: HTTPConnection
    """The ``Request`` or ``WebSocket``; set by whoever makes the exchange."""

    def __init__(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        self.asgi_scope = asgi_scope
        self.receive = receive
        self._send = send
        self.body: Any = NOTHING
        """The body as it was loaded; ``NOTHING`` where there is none or nobody reads it."""
        self.response: Response | None = None
        """The response whose headers, cookies and status dependencies may set."""
        self.tasks: BackgroundTasks | None = None
        """The background tasks that dependencies and the endpoint may add to."""
        self.disconnect: ClientDisconnect | None = None
        """What dependencies see when the client has left before all was sent."""
        self.started = False
        """Whether the response has begun to be sent, so that no other can be."""

    async def send(self, message: Message) -> None:
        """Pass a message on to the server, noting the start of a response."""
        if message["type"] == "http.response.start":
            self.started = True
        await self._send(message)

    def injected_response(self) -> Response:
        """The response that parameters of type ``Response`` are given: one per request."""
        if self.response is None:
            response = self.response = Response()
            del response.headers["content-length"]
            response.status_code = None  # type: ignore[assignment] # until somebody sets it
        return self.response

    def injected_tasks(self) -> BackgroundTasks:
        """What parameters of type ``BackgroundTasks`` are given: one per request."""
        if self.tasks is None:
            self.tasks = BackgroundTasks()
        return self.tasks


class HttpExchange(Exchange):
    """An HTTP request being served."""

    __slots__ = ("inner", "request")

    inner: Callable[[], Awaitable[Any]]
    """Under a route handler of the user's: what it is around."""

    def __init__(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        super().__init__(asgi_scope, receive, send)
        self.request = Request(asgi_scope, receive, send)
        self.connection = self.request


class WebSocketExchange(Exchange):
    """A WebSocket being served."""

    __slots__ = ("websocket",)

    def __init__(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        super().__init__(asgi_scope, receive, send)
        self.websocket = WebSocket(asgi_scope, receive, send)
        self.connection = self.websocket
