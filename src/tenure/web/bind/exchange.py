"""One request or WebSocket while it is served: what inputs are read from."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Send
from starlette.types import Scope as AsgiScope
from starlette.websockets import WebSocket, WebSocketDisconnect

from tenure.container import Container
from tenure.life.iteration import Iteration
from tenure.web.background import BackgroundTasks
from tenure.web.bind.validation import NOTHING, Outcome

_NO_QUERY: Final = QueryParams()

__all__ = ["Exchange", "HttpExchange", "Produced", "Sender", "WebSocketExchange"]


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
    """The source of a plan's inputs, and what dependencies add to the response.

    Without ``__slots__``: what most requests never set is an attribute of the class, and costs
    them nothing.
    """

    body: Any = NOTHING
    """The body as it was loaded; ``NOTHING`` where there is none or nobody reads it."""
    received: bytes | None = None
    """The bytes of the body, where they were received without a ``Request``."""
    body_outcome: Outcome | None = None
    """The value of the only parameter of the body, where its bytes were validated."""
    response: Response | None = None
    """The response whose headers, cookies and status dependencies may set."""
    tasks: BackgroundTasks | None = None
    """The background tasks that dependencies and the endpoint may add to."""
    disconnect: ClientDisconnect | WebSocketDisconnect | None = None
    """What dependencies see when the client has left before all was sent."""
    listener: Any = None
    """What notices that the client leaves, where that cancels the endpoint."""
    is_answered = False
    """Whether a response has been sent past ``send``."""
    _connection: Any = None
    _sender: Sender | None = None
    _query: QueryParams | None = None

    def __init__(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        self.asgi_scope = asgi_scope
        self.receive = receive
        self.raw_send = send
        """The server's own; who begins a response with it sets ``is_answered``."""

    @property
    def send(self) -> Sender:
        """The server's ``send``, noting when a response has begun; made when it is asked for."""
        sender = self._sender
        if sender is None:
            send = self.raw_send
            sender = self._sender = send if isinstance(send, Sender) else Sender(send)
            sender.started = sender.started or self.is_answered
        return sender

    @property
    def is_started(self) -> bool:
        """Whether a response has begun to be sent, so that no other can be."""
        return self.is_answered or self.send.started

    def parsed_body(self) -> Any:
        """The body as an object; parsed now where its bytes were all that was needed.

        A ``Request`` that has parsed it has its own, which dependencies may have changed.
        """
        if self.body_outcome is not None and self.body is NOTHING:
            request = self._connection
            own = NOTHING if request is None else getattr(request, "_json", NOTHING)
            self.body = json.loads(self.received or b"") if own is NOTHING else own
        return self.body

    def validated_body(self) -> Outcome | None:
        """The value of the body where it was validated, unless a ``Request`` has parsed it."""
        if self._connection is not None and hasattr(self._connection, "_json"):
            return None
        return self.body_outcome

    @property
    def has_connection(self) -> bool:
        """Whether somebody has asked for ``connection``."""
        return self._connection is not None

    @property
    def query(self) -> QueryParams:
        """The parameters of the query, without a ``Request`` made for them."""
        if self._connection is not None:
            return self.connection.query_params
        query = self._query
        if query is None:
            raw = self.asgi_scope["query_string"]
            query = self._query = QueryParams(raw) if raw else _NO_QUERY
        return query

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
        return self.adopt(BackgroundTasks()) if self.tasks is None else self.tasks

    def adopt(self, tasks: BackgroundTasks) -> BackgroundTasks:
        """Make *tasks* those of this request: they are solved in its application."""
        self.tasks = tasks
        container = getattr(self.asgi_scope.get("app"), "container", None)
        if isinstance(container, Container):
            tasks.belongs_to(container, self.asgi_scope.get("tenure.overrides"))
        return tasks


class Produced(NamedTuple):
    """What an endpoint that yields produces, item by item."""

    iteration: Iteration
    keepalive: bytes = b""
    """What is sent while it has nothing; empty for nothing."""


def _hand_on(received: bytes, body: Any, request: Request) -> None:
    """Let *request* answer with the body that was received without it."""
    # Where Starlette's Request keeps what it has received itself.
    request.__dict__ |= {"_body": received, "_stream_consumed": True}
    if body is not NOTHING and body is not received:
        request.__dict__["_json"] = body


class HttpExchange(Exchange):
    """An HTTP request being served."""

    produced: Produced | None = None
    """Of an endpoint that yields, once it was called."""
    inner: Callable[[], Awaitable[Any]]
    """Under a route handler of the user's: what it is around."""

    @property
    def connection(self) -> Request:
        """The request; a route handler may have put one of another class in its place."""
        request: Request | None = self._connection
        if request is None:
            request = self._connection = Request(self.asgi_scope, self.receive, self.send)
            if self.received is not None:
                _hand_on(self.received, self.body, request)
        return request

    @connection.setter
    def connection(self, request: Request) -> None:
        self._connection = request


class WebSocketExchange(Exchange):
    """A WebSocket being served.

    Servers differ in what they make of what is sent to a client that has left. Here it is a
    ``WebSocketDisconnect`` with every one, and nobody need be told goodbye.
    """

    _has_left = False

    def adopt(self, tasks: BackgroundTasks) -> BackgroundTasks:
        """Have none that would never run."""
        tasks.seal("a WebSocket has no response that they could follow")
        return super().adopt(tasks)

    @property
    def connection(self) -> WebSocket:
        """The WebSocket: one, since it knows how far the handshake is."""
        websocket: WebSocket | None = self._connection
        if websocket is None:
            websocket = self._connection = WebSocket(
                self.asgi_scope, self._receive_noting, self._send_while_there
            )
        return websocket

    async def _receive_noting(self) -> Message:
        message = await self.receive()
        if message["type"] == "websocket.disconnect":
            self._has_left = True
        return message

    async def _send_while_there(self, message: Message) -> None:
        if not (self._has_left or self.disconnect):
            try:
                await self.send(message)
            except OSError:
                self._has_left = True
            else:
                return
        if message["type"] != "websocket.close":
            raise OSError("the client has left")  # for which WebSocket has its own exception
