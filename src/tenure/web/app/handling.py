"""A request handler as an application, for programs that put one of theirs around a route's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette import routing
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.web.app.routes import APIRoute

__all__ = ["request_response"]


def request_response(func: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    """An application that answers with *func*; to be set as the ``app`` of a route, or apart."""
    apart = routing.request_response(func)

    async def application(asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        route = asgi_scope.get("route")
        if isinstance(route, APIRoute) and route.app is application:
            route.handle_with(func)
            await route.own_app(asgi_scope, receive, send)
        else:
            await apart(asgi_scope, receive, send)

    return application
