"""Sending a streamed body: to its end, or until the client leaves.

The iterator of the body is run, and closed, in the task of the request, before anything it may
use is closed. A client that leaves is the same on every server: the dependencies see
``ClientDisconnect``, the background tasks run, and nothing goes on to the server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import anyio
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Send
from starlette.types import Scope as AsgiScope
from typing_extensions import TypeIs

from tenure.container import Container
from tenure.graph.providers import provider_of
from tenure.life.iteration import Iteration
from tenure.plan.planner import EXIT_TIMEOUT
from tenure.web.bind.exchange import Exchange, HttpExchange, Produced
from tenure.web.reply.outlet import Outlet
from tenure.web.reply.tasks import with_all_tasks

__all__ = ["close_produced", "deliver_produced", "is_plain_stream", "send_stream"]

_RAISES_WHEN_GONE: Final = (2, 4)
"""The version of the ASGI specification since which ``send`` raises when the client is gone."""

_CALL: Final = StreamingResponse.__call__

_IN_THREADS: Final = iterate_in_threadpool.__code__
"""Of the generator that Starlette makes of a plain iterable."""


def is_plain_stream(response: Response) -> TypeIs[StreamingResponse]:
    """Whether *response* is a stream that does not see to its sending itself."""
    return isinstance(response, StreamingResponse) and type(response).__call__ is _CALL


async def deliver_produced(exchange: HttpExchange, response: Response) -> None:
    """Send the response of an endpoint that yields, or what a route handler made of it."""
    produced = exchange.produced
    if produced is not None:
        produced.iteration.ending = partial(_ending_of, exchange.asgi_scope)
    response = with_all_tasks(exchange, response)
    try:
        if is_plain_stream(response):
            await send_stream(exchange, response, produced)
        else:
            await response(exchange.asgi_scope, exchange.receive, exchange.send)
    finally:
        await close_produced(exchange)


async def close_produced(exchange: HttpExchange) -> None:
    """Close what the endpoint produces, unless that is done."""
    produced = exchange.produced
    if produced is not None:
        await produced.iteration.close()


async def send_stream(
    exchange: Exchange, response: StreamingResponse, produced: Produced | None = None
) -> None:
    """Send *response* and run its background tasks; raises ``ClientDisconnect``."""
    body = _body_of(response)
    body.ending = partial(_ending_of, exchange.asgi_scope)
    iterations = [body]
    if produced is not None and produced.iteration is not body:
        iterations.insert(0, produced.iteration)  # inside of an iterator of a route handler
    sending = _Sending(exchange, response, iterations)
    await sending.run(produced.keepalive if produced is not None else b"")
    if response.background is not None:
        await response.background()
    if exchange.disconnect is not None:
        raise exchange.disconnect


class _Ending(NamedTuple):
    """What is said of a body whose ``finally`` takes too long."""

    name: str
    place: str
    exit_timeout: float | None


def _ending_of(asgi_scope: AsgiScope) -> _Ending:
    container = getattr(asgi_scope.get("app"), "container", None)
    seconds = container.exit_timeout if isinstance(container, Container) else EXIT_TIMEOUT
    endpoint = asgi_scope.get("endpoint")
    if not callable(endpoint):  # a response to a request that nothing was found for
        return _Ending("the body", asgi_scope["path"], seconds)
    provider = provider_of(endpoint)
    return _Ending(provider.name, provider.place, seconds)


def _body_of(response: StreamingResponse) -> Iteration:
    """The body as an iteration of ours, which the response then holds."""
    iterator: Any = response.body_iterator
    if isinstance(iterator, Iteration):
        return iterator
    if getattr(iterator, "ag_code", None) is _IN_THREADS and iterator.ag_frame is not None:
        iterator = iterator.ag_frame.f_locals.get("iterator", iterator)
    body = response.body_iterator = Iteration(iterator)
    return body


class _Sending:
    """One streamed body on its way to the client."""

    def __init__(
        self, exchange: Exchange, response: StreamingResponse, iterations: Sequence[Iteration]
    ) -> None:
        version = exchange.asgi_scope.get("asgi", {}).get("spec_version", "2.0")
        self._raises = tuple(int(part) for part in version.split(".")) >= _RAISES_WHEN_GONE
        self._exchange = exchange
        self._response = response
        self._iterations = iterations
        """From the outermost in: what is closed last comes first."""
        self._is_sent = False
        self._failures: list[Exception] = []

    async def run(self, keepalive: bytes) -> None:
        """Send it, listening for the client where ``send`` does not tell that it is gone."""
        if self._raises and not keepalive:
            await self._stream(self._send, self._iterations)
            return
        async with anyio.create_task_group() as tasks:
            send: Send = self._send
            if keepalive:
                outlet = Outlet(self._send, keepalive)
                send = outlet.send
                tasks.start_soon(self._beside, outlet.keep_alive)
            if not self._raises:
                tasks.start_soon(self._beside, self._listen)
            try:
                await self._stream(send, self._iterations)
            except Exception as error:  # raised below: not wrapped in a group
                self._failures.insert(0, error)
            tasks.cancel_scope.cancel()
        if self._failures:
            raise self._failures.pop(0)

    async def _beside(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run *work* beside the body, which its end stops."""
        try:
            await work()
        except Exception as error:
            if error is not self._exchange.disconnect:
                self._failures.append(error)
        self._iterations[0].stop()

    async def _stream(self, send: Send, iterations: Sequence[Iteration]) -> None:
        if not iterations:
            try:
                await self._response.stream_response(send)
            except ClientDisconnect as error:
                if error is not self._exchange.disconnect:
                    raise
            return
        with iterations[0]:
            try:
                await self._stream(send, iterations[1:])
            finally:
                await iterations[0].close()

    async def _send(self, message: Message) -> None:
        # The server may tell of the end before the last ``send`` returns.
        self._is_sent = self._is_sent or _is_last(message)
        try:
            await self._exchange.send(message)
        except OSError as error:
            if not self._raises:
                raise
            self._exchange.disconnect = ClientDisconnect()
            raise self._exchange.disconnect from error

    async def _listen(self) -> None:
        while (await self._exchange.receive())["type"] != "http.disconnect":
            pass
        if self._is_sent:  # a client that has everything may leave
            await anyio.sleep_forever()
        self._exchange.disconnect = ClientDisconnect()


def _is_last(message: Message) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body", False)
