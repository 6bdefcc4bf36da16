"""Cancelling what runs for a client that has left: ``cancel_on_disconnect``."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio
from anyio.lowlevel import checkpoint_if_cancelled
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message

from tenure.web.bind.exchange import Exchange, HttpExchange

__all__ = ["deliver_if_there", "run_while_there"]

_MOST_HELD: Final = 64 * 1024
"""Bytes of a body that nobody reads, after which the client is left to wait."""


async def run_while_there(exchange: HttpExchange, run: Callable[[], Awaitable[Any]]) -> None:
    """Run a unit of work, and cancel it when the client leaves before there is a response.

    ``exchange.disconnect`` is raised then. The unit stays in its own task.
    """
    failure: BaseException | None = None
    work = anyio.CancelScope()
    async with anyio.create_task_group() as tasks:
        with work:
            listener = exchange.listener = _Listener(exchange, work)
            exchange.receive = listener.receive
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

    def __init__(self, exchange: HttpExchange, work: anyio.CancelScope) -> None:
        self._is_over = False
        """Whether what is still asked for comes from the server itself."""
        self._listening = anyio.CancelScope()
        self._has_stopped = anyio.Event()
        self._exchange: HttpExchange | None = exchange
        self._receive = exchange.receive
        self._work = work
        self._messages: deque[Message] = deque()
        self._held = 0
        self._last: Message | HTTPException | None = None
        """What every reader gets when the messages are used up."""
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
        if message["type"] != "http.disconnect":
            self._messages.append(message)
            self._held += len(message.get("body", b""))
            return
        self._last = message
        if self._exchange is not None and not self._is_over:
            self._exchange.disconnect = ClientDisconnect()
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
            await self._changed.wait()
        message = self._messages.popleft()
        self._held -= len(message.get("body", b""))
        self._tell()
        return message

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
