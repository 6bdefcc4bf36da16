"""Sending a streamed body: to its end, or until the client leaves.

The iterator of the body is run, and closed, in the task of the request, before anything it may
use is closed. A client that leaves is the same on every server: the dependencies see
``ClientDisconnect``, the background tasks run, and nothing goes on to the server.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import anyio
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Message

from tenure.web.bind.exchange import Exchange

__all__ = ["send_stream"]

_RAISES_WHEN_GONE = (2, 4)
"""The version of the ASGI specification since which ``send`` raises when the client is gone."""


async def send_stream(exchange: Exchange, response: StreamingResponse) -> None:
    """Send *response* and run its background tasks; raises ``ClientDisconnect``."""
    try:
        if _spec_version(exchange) >= _RAISES_WHEN_GONE:
            await _send_while_possible(exchange, response)
        else:
            await _send_while_listening(exchange, response)
    finally:
        await _close(response)
    if response.background is not None:
        await response.background()
    if exchange.disconnect is not None:
        raise exchange.disconnect


def _spec_version(exchange: Exchange) -> tuple[int, ...]:
    version = exchange.asgi_scope.get("asgi", {}).get("spec_version", "2.0")
    return tuple(int(part) for part in version.split("."))


async def _send_while_possible(exchange: Exchange, response: StreamingResponse) -> None:
    async def send(message: Any) -> None:
        try:
            await exchange.send(message)
        except OSError as error:
            exchange.disconnect = ClientDisconnect()
            raise exchange.disconnect from error

    try:
        await response.stream_response(send)
    except ClientDisconnect as error:
        if error is not exchange.disconnect:
            raise


async def _send_while_listening(exchange: Exchange, response: StreamingResponse) -> None:
    failure: Exception | None = None
    is_sent = False

    def send(message: Message) -> Awaitable[None]:
        # The server may tell of the end before this last ``send`` returns.
        nonlocal is_sent
        is_sent = is_sent or _is_last(message)
        return exchange.send(message)

    async with anyio.create_task_group() as tasks:

        async def listen() -> None:
            while (await exchange.receive())["type"] != "http.disconnect":
                pass
            if not is_sent:  # a client that has everything may leave
                exchange.disconnect = ClientDisconnect()
                tasks.cancel_scope.cancel()

        tasks.start_soon(listen)
        try:
            await response.stream_response(send)
        except Exception as error:  # raised below: not wrapped in a group
            failure = error
        tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure


def _is_last(message: Message) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body", False)


async def _close(response: StreamingResponse) -> None:
    close = getattr(response.body_iterator, "aclose", None)
    if close is not None:
        with anyio.CancelScope(shield=True):
            await close()
