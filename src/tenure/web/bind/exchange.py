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

__all__ = ["Exchange", "HttpExchange", "Sender", "WebSocketExchange"]


class Sender:
    """The server's ``send``, noting when a response has begun; one for each request."""

    __slots__ = ("_send", "started")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False
        """Whether the response has begun to be sent, so that no other can be."""

    def __call__(self, message: Message) -> Awaitable[None]:
        """Pass a message on to the server."""
        if message["type"] == "http.response.start":
            self.started = True
        return self._send(message)


class Exchange:
    """The source of a plan's inputs, and what dependencies add to the response."""

    __slots__ = (
        "_connection",
        "asgi_scope",
        "body",
        "disconnect",
        "receive",
        "response",
        "send",
        "tasks",
    )

    def __init__(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        self.asgi_scope = asgi_scope
        self.receive = receive
        self.send = send if isinstance(send, Sender) else Sender(send)
        self._connection: Any = None
        self.body: Any = NOTHING
        """The body as it was loaded; ``NOTHING`` where there is none or nobody reads it."""
        self.response: Response | None = None
        """The response whose headers, cookies and status dependencies may set."""
        self.tasks: BackgroundTasks | None = None
        """The background tasks that dependencies and the endpoint may add to."""
        self.disconnect: ClientDisconnect | None = None
        """What dependencies see when the client has left before all was sent."""

    @property
    def connection(self) -> HTTPConnection:
        """The ``Request`` or ``WebSocket``; made when somebody asks for it."""
        raise NotImplementedError

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

    __slots__ = ("inner",)

    inner: Callable[[], Awaitable[Any]]
    """Under a route handler of the user's: what it is around."""

    @property
    def connection(self) -> Request:
        """The request; a route handler may have put one of another class in its place."""
        request: Request | None = self._connection
        if request is None:
            request = self._connection = Request(self.asgi_scope, self.receive, self.send)
        return request

    @connection.setter
    def connection(self, request: Request) -> None:
        self._connection = request


class WebSocketExchange(Exchange):
    """A WebSocket being served."""

    __slots__ = ()

    @property
    def connection(self) -> WebSocket:
        """The WebSocket: one, since it knows how far the handshake is."""
        websocket: WebSocket | None = self._connection
        if websocket is None:
            websocket = self._connection = WebSocket(self.asgi_scope, self.receive, self.send)
        return websocket
