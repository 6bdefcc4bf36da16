"""Names that are no part of FastAPI's public surface, but that plug-ins import.

Each is here for the plug-ins that are named beside it, and does what they use it for:

``fastapi.routing._IncludedRouter`` (fastapi-pagination)
    What stands in ``app.routes`` for an included router; it has ``original_router``.
``fastapi.routing.request_response`` (fastapi-pagination)
    An application out of a route's handler, to be set as ``route.app``.
names of ``fastapi.dependencies.utils`` (fastapi-pagination)
    For a dependency that is added to a route after it was declared. The body's field is worked out
    by Tenure itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from starlette import routing
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.web.app.inclusion import Inclusion
from tenure.web.routing import APIRoute

__all__ = ["NAMES", "add_attributes", "remove_attributes"]


def _nothing(*_: Any, **__: Any) -> None:
    """In place of what works out the body's field, which Tenure does by itself."""


def _lenient_issubclass(cls: Any, class_or_tuple: Any) -> bool:
    return inspect.isclass(cls) and issubclass(cls, class_or_tuple)


def _request_response(handler: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    """An application that answers with *handler*, within the route that it is reached by."""
    elsewhere = routing.request_response(handler)

    async def application(asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        route = asgi_scope.get("route")
        if isinstance(route, APIRoute) and route.app is application:
            route.handle_with(handler)
            await route.own_app(asgi_scope, receive, send)
        else:
            await elsewhere(asgi_scope, receive, send)

    return application


NAMES: dict[str, dict[str, Any]] = {
    "fastapi.routing": {"_IncludedRouter": Inclusion, "request_response": _request_response},
    "fastapi.dependencies.utils": {
        "_get_body_field": _nothing,
        "_get_flat_body_params": _nothing,
        "lenient_issubclass": _lenient_issubclass,
    },
}
"""By module: what it has besides the names of Tenure's module."""

_ATTRIBUTES: list[tuple[type, str, Any]] = [
    (APIRoute, "_embed_body_fields", False),
    (Inclusion, "original_router", property(lambda inclusion: inclusion.router)),
]


def add_attributes() -> None:
    """Give routes what plug-ins read of them."""
    for owner, name, value in _ATTRIBUTES:
        setattr(owner, name, value)


def remove_attributes() -> None:
    """Take it from them."""
    for owner, name, _ in _ATTRIBUTES:
        if name in vars(owner):
            delattr(owner, name)
