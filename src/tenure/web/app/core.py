"""The innermost middleware of an application: the router behind its exception handlers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.graph.providers import Kind, provider_of
from tenure.web.app.serving import answer_exception
from tenure.web.bind.exchange import Exchange, HttpExchange, Sender, WebSocketExchange

__all__ = ["Core"]


class Core:
    """What Starlette's two error middlewares do around a router, in one call.

    Used where an application has no middleware of the user's between them. An exception with a
    handler is answered; any other is answered with 500 and goes on to the server.
    """

    def __init__(self, router: ASGIApp, handlers: Mapping[Any, Any], *, debug: bool) -> None:
        self._router = router
        by_key = dict(handlers)
        last = [by_key.pop(key) for key in (500, Exception) if key in by_key]
        self._last_handler = last[-1] if last else None
        self._debug = debug
        # Starlette's own, for the handlers it has by default and the pages it answers with.
        inner = ExceptionMiddleware(router, by_key, debug)
        self._handlers = (inner._exception_handlers, inner._status_handlers)  # noqa: SLF001
        self._pages = ServerErrorMiddleware(router, None, debug)

    async def __call__(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        kind = asgi_scope["type"]
        if kind not in ("http", "websocket"):
            await self._router(asgi_scope, receive, send)
            return
        asgi_scope["starlette.exception_handlers"] = self._handlers
        sender = Sender(send)
        try:
            await self._router(asgi_scope, receive, sender)
        except Exception as error:  # handlers are looked up for every class
            make = HttpExchange if kind == "http" else WebSocketExchange
            if not await self._answer(make(asgi_scope, receive, sender), error):
                raise

    async def _answer(self, exchange: Exchange, error: Exception) -> bool:
        try:
            if await answer_exception(exchange, error):
                return True
        except Exception as failure:  # of the handler
            await self._answer_500(exchange, failure)
            raise
        await self._answer_500(exchange, error)
        return False

    async def _answer_500(self, exchange: Exchange, error: Exception) -> None:
        """Tell the client that the server has failed, if it can still be told."""
        if exchange.send.started or not isinstance(exchange, HttpExchange):
            return
        request = Request(exchange.asgi_scope)
        handler = self._last_handler
        if self._debug:
            response = self._pages.debug_response(request, error)
        elif handler is None:
            response = self._pages.error_response(request, error)
        elif provider_of(handler).kind is Kind.COROUTINE:
            response = await handler(request, error)
        else:
            response = await run_in_threadpool(handler, request, error)
        await response(exchange.asgi_scope, exchange.receive, exchange.send)
