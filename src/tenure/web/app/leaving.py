"""Cancelling what runs for a client that has left: ``cancel_on_disconnect``."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio
from anyio.lowlevel import checkpoint_if_cancelled
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Send
from starlette.websockets import WebSocketDisconnect

from tenure.web.bind.exchange import Exchange, WebSocketExchange

__all__ = ["deliver_if_there", "run_while_there"]

_MOST_HELD: Final = 64 * 1024
"""Bytes that nobody reads, after which the client is left to wait."""

_MESSAGE: Final = 64
"""Bytes that a message counts for beside what is in it."""

_LAST_WORDS: Final = frozenset({"websocket.close", "websocket.http.response.start"})
"""What the application sends when it is the one that leaves."""


async def run_while_there(exchange: Exchange, run: Callable[[], Awaitable[Any]]) -> None:
    """Run a unit of work, and cancel it when the client leaves before there is a response.

    Of a WebSocket: before it is closed, unless the unit is waiting for the client's next message.
    ``exchange.disconnect`` is raised then. The unit stays in its own task.
    """
    failure: BaseException | None = None
    work = anyio.CancelScope()
    async with anyio.create_task_group() as tasks:
        with work:
            listener = exchange.listener = _Listener(exchange, work)
            exchange.receive = listener.receive
            if isinstance(exchange, WebSocketExchange):
                exchange.raw_send = listener.stopping_at_the_end(exchange.raw_send)
            tasks.start_soon(listener.listen)
            try:
                await run()
            except anyio.get_cancelled_exc_class():
                raise
            except BaseException as error:  # raised below: not wrapped in a group
                failure = error
            finally:
                listener.end()
        tasks.cancel_scope.cancel()
    if work.cancelled_caught and exchange.disconnect is not None:
        raise exchange.disconnect
    try:
        if failure is not None:
            raise failure
    finally:
        failure = None  # whose traceback has this frame


def deliver_if_there(deliver: Callable[[Any, Any], Awaitable[None]]) -> Any:
    """*deliver*, for a client that is still there; once that begins, nothing is cancelled."""

    async def deliver_whole(exchange: Exchange, reply: Any) -> None:
        await checkpoint_if_cancelled()
        await exchange.listener.stop()
        await deliver(exchange, reply)

    return deliver_whole


class _Listener:
    """The only reader of a connection: keeps what comes for others to read, and sees the end."""

    def __init__(self, exchange: Exchange, work: anyio.CancelScope) -> None:
        self._is_over = False
        """Whether what is still asked for comes from the server itself."""
        self._listening = anyio.CancelScope()
        self._has_stopped = anyio.Event()
        self._exchange: Exchange | None = exchange
        self._receive = exchange.receive
        self._work = work
        self._messages: deque[Message] = deque()
        self._held = 0
        self._last: Message | HTTPException | None = None
        """What every reader gets when the messages are used up."""
        self._readers = 0
        """How many are waiting for a message."""
        self._changed = anyio.Event()

    async def listen(self) -> None:
        """Read until the client leaves, not far ahead of those that want what is read."""
        try:
            with self._listening:
                await self._listen()
        finally:
            self._has_stopped.set()

    async def _listen(self) -> None:
        while self._last is None:
            while self._held > _MOST_HELD:
                await self._changed.wait()
            try:
                message = await self._receive()
            except HTTPException as error:  # of middleware that limits the body
                self._last = error
            else:
                self._keep(message)
            self._tell()

    def _keep(self, message: Message) -> None:
        disconnect = _disconnect_in(message)
        if disconnect is None:
            self._messages.append(message)
            self._held += _size_of(message)
            return
        self._last = message
        if self._exchange is None or self._is_over:
            return
        # Who waits for a message of a WebSocket is told by this one, and can say goodbye.
        if isinstance(disconnect, ClientDisconnect) or not self._readers:
            self._exchange.disconnect = disconnect
            self._work.cancel()

    async def receive(self) -> Message:
        """The next message, for whoever reads the request."""
        while not self._messages:
            if isinstance(self._last, HTTPException):
                raise self._last
            if self._last is not None:
                return self._last
            if self._is_over:
                return await self._receive()
            self._readers += 1
            try:
                await self._changed.wait()
            finally:
                self._readers -= 1
        message = self._messages.popleft()
        self._held -= _size_of(message)
        self._tell()
        return message

    def stopping_at_the_end(self, send: Send) -> Send:
        """*send* of a WebSocket: when the application ends it, nobody leaves any more."""

        async def send_noting(message: Message) -> None:
            if message["type"] in _LAST_WORDS:
                await self.stop()
            await send(message)

        return send_noting

    async def stop(self) -> None:
        """Cancel nothing any more, and leave what may still come to others."""
        self._is_over = True
        self._listening.cancel()
        await self._has_stopped.wait()

    def end(self) -> None:
        """The work is over, with or without a response."""
        self._is_over = True
        self._exchange = None  # which has a reference to this

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


def _disconnect_in(message: Message) -> ClientDisconnect | WebSocketDisconnect | None:
    """What *message* says, if it is that the client has left."""
    match message["type"]:
        case "http.disconnect":
            return ClientDisconnect()
        case "websocket.disconnect":
            return WebSocketDisconnect(message.get("code") or 1005, message.get("reason"))
        case _:
            return None


def _size_of(message: Message) -> int:
    kinds = ("body", "text", "bytes")
    return _MESSAGE + sum(len(message.get(kind) or b"") for kind in kinds)
