"""The innermost middleware of an application: the router behind its exception handlers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.graph.providers import Kind, provider_of
from tenure.web.app.connections import Connections
from tenure.web.app.routes import APIRoute
from tenure.web.app.serving import answer_exception, answer_nobody
from tenure.web.bind.exchange import Exchange, HttpExchange, Sender, WebSocketExchange
from tenure.web.bind.forms import FormBody

__all__ = ["Core"]


class Core:
    """What Starlette's two error middlewares do around a router, in one call.

    An exception with a handler is answered; any other is answered with 500 and goes on to the
    server. Below middleware of the user's it only goes on (*is_outermost* is False): what
    answers it then is around that middleware.
    """

    def __init__(
        self,
        router: ASGIApp,
        handlers: Mapping[Any, Any],
        *,
        debug: bool,
        find: Callable[[AsgiScope], APIRoute | None],
        is_outermost: bool,
        patience: float | None,
    ) -> None:
        self._router = router
        self._find = find
        self._connections = Connections(patience)
        self._begin, self._end = self._connections.begin, self._connections.end
        by_key = dict(handlers)
        last = [by_key.pop(key) for key in (500, Exception) if key in by_key]
        self._last_handler = last[-1] if last else None
        self._debug = debug
        self._is_outermost = is_outermost
        # Starlette's own, for the handlers it has by default and the pages it answers with.
        inner = ExceptionMiddleware(router, by_key, debug)
        self._handlers = (inner._exception_handlers, inner._status_handlers)  # noqa: SLF001
        self._pages = ServerErrorMiddleware(router, None, debug)

    def below(self, middleware: Sequence[Middleware]) -> ASGIApp:
        """The same behind *middleware*, with what answers for the failures of both around it."""
        app: ASGIApp = self
        for cls, arguments, keywords in reversed(middleware):
            app = cls(app, *arguments, **keywords)
        return ServerErrorMiddleware(app, self._last_handler, self._debug)

    async def __call__(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if asgi_scope["type"] == "http":
            asgi_scope["starlette.exception_handlers"] = self._handlers
            route = self._find(asgi_scope)
            if route is not None:
                exchange = HttpExchange(asgi_scope, receive, send)
                self._begin(exchange)
                try:
                    await route.run(exchange)
                    if exchange.tasks is not None:
                        exchange.tasks.raise_failures()
                except Exception as error:  # handlers are looked up for every class
                    # A disconnect is for the dependencies; nobody else can be told any more.
                    if error is exchange.disconnect:
                        if not (self._is_outermost or exchange.is_started):
                            await answer_nobody(exchange)
                        return
                    if not await self._answer_for_route(exchange, error):
                        raise
                finally:
                    self._end(exchange)
                    if isinstance(exchange.body, FormBody):
                        await exchange.body.close()
                return
        await self._ask_router(asgi_scope, receive, send)

    async def _answer_for_route(self, exchange: HttpExchange, error: Exception) -> bool:
        """Answer for a route, and for what the handlers of its exceptions raise themselves."""
        if exchange.disconnect is not None and not exchange.is_started:
            return False  # there is nobody to answer
        try:
            is_answered = await answer_exception(exchange, error)
        except Exception as failure:  # of the handler
            again = HttpExchange(exchange.asgi_scope, exchange.receive, exchange.send)
            if not await self._answer(again, failure):
                raise
            return True
        if not is_answered:
            await self._answer_500(exchange, error)
        return is_answered

    async def _ask_router(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        kind = asgi_scope["type"]
        if kind not in ("http", "websocket"):
            await self._router(asgi_scope, partial(self._connections.receive_last, receive), send)
            return
        asgi_scope["starlette.exception_handlers"] = self._handlers
        sender = Sender(send)
        self._begin(sender)
        try:
            await self._router(asgi_scope, receive, sender)
        except Exception as error:  # handlers are looked up for every class
            make = HttpExchange if kind == "http" else WebSocketExchange
            if not await self._answer(make(asgi_scope, receive, sender), error):
                raise
        finally:
            self._end(sender)

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
        if not self._is_outermost or exchange.is_started:
            return
        if not isinstance(exchange, HttpExchange):
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
