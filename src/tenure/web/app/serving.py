"""Serving one exchange: its exceptions become responses where a handler is declared."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tenure.graph.providers import Kind, provider_of
from tenure.life.endings import alone_in_groups
from tenure.web.bind.exchange import Exchange

__all__ = ["answer_exception", "answer_nobody", "find_handler"]

_CLIENT_CLOSED_REQUEST: Final = 499
"""What nginx notes for a client that has left before it was answered."""


def find_handler(exchange: Exchange, error: Exception) -> Any:
    """The handler declared for *error*: by the status of an HTTPException, or by its class."""
    by_class: Mapping[Any, Any]
    by_status: Mapping[int, Any]
    by_class, by_status = exchange.asgi_scope.get("starlette.exception_handlers", ({}, {}))
    if isinstance(error, HTTPException):
        handler = by_status.get(error.status_code)
        if handler is not None:
            return handler
    return next((by_class[cls] for cls in type(error).__mro__ if cls in by_class), None)


async def answer_exception(exchange: Exchange, error: Exception) -> bool:
    """Answer with what the handler makes of *error*; False where there is none.

    By now everything is closed: exit code has seen the exception before it is handled.
    """
    handler = find_handler(exchange, error)
    if handler is None:
        inner = alone_in_groups(error)
        if inner is error or not isinstance(inner, Exception):
            return False
        return await answer_exception(exchange, inner)
    if exchange.is_started:
        message = "Caught handled exception, but response already started."
        raise RuntimeError(message) from error
    if _is_async(handler):
        response = await handler(exchange.connection, error)
    else:
        response = await run_in_threadpool(handler, exchange.connection, error)
    if response is not None:
        await response(exchange.asgi_scope, exchange.receive, exchange.send)
    # An exception that is a constant of the program would collect the frames of every request.
    error.__traceback__ = None
    return True


async def answer_nobody(exchange: Exchange) -> None:
    """Give middleware a response for a client that has left: some of it insists on one."""
    with contextlib.suppress(OSError):  # of a server that has noticed, too
        await Response(status_code=_CLIENT_CLOSED_REQUEST)(
            exchange.asgi_scope, exchange.receive, exchange.send
        )


def _is_async(handler: Any) -> bool:
    return provider_of(handler).kind is Kind.COROUTINE
