"""Names that are no part of FastAPI's public surface, but that plug-ins import.

Each is here for the plug-ins that are named beside it, and does what they use it for:

``fastapi.routing._IncludedRouter`` (fastapi-pagination)
    What stands in ``app.routes`` for an included router; it has ``original_router``.
``fastapi.routing.request_response`` (fastapi-pagination)
    An application out of a route's handler, to be set as ``route.app``.
``fastapi.dependencies.utils`` and ``route.dependant`` (fastapi-pagination)
    A dependency added to a route after it was declared: to ``route.dependencies`` and to
    ``route.dependant.dependencies``. It is solved before those of its parameters. The body's field
    is worked out by Tenure itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette import routing
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.errors import GraphError
from tenure.graph.nodes import Node
from tenure.web.app.inclusion import Inclusion
from tenure.web.params import Depends
from tenure.web.routing import APIRoute

__all__ = ["NAMES", "Dependant", "add_attributes", "remove_attributes"]


@dataclass
class Dependant:
    """A dependency of a route, in the words of FastAPI's own record of it."""

    call: Callable[..., Any] | None
    name: str | None = None
    path: str | None = None
    scope: str | None = None
    dependencies: list[Dependant] = field(default_factory=list["Dependant"])
    depends: Depends | None = None
    """How it was declared, where that is known."""


class _OfRoute(list[Dependant]):
    """The dependencies of a route: one that is appended becomes a dependency of the route."""

    def __init__(self, route: APIRoute, dependencies: list[Dependant]) -> None:
        super().__init__(dependencies)
        self._route = route

    def append(self, dependant: Dependant, /) -> None:
        super().append(dependant)
        added = dependant.depends or Depends(dependant.call)
        declared = self._route.dependencies
        if not any(each is added for each in declared):
            declared.append(added)
        self._route.renew()


def _dependant_of(route: APIRoute) -> Dependant:
    try:
        root = route.declared().graph.root
    except GraphError:  # names that are still to be defined
        below = [Dependant(each.dependency, depends=each) for each in route.dependencies]
    else:
        below = [_dependant_of_node(each) for each in root.dependencies()]
    return Dependant(route.endpoint, path=route.path_format, dependencies=_OfRoute(route, below))


def _dependant_of_node(node: Node) -> Dependant:
    below = [_dependant_of_node(each) for each in node.dependencies()]
    return Dependant(node.call, node.word, scope=node.scope, dependencies=below)


def _get_parameterless_sub_dependant(*, depends: Depends, path: str) -> Dependant:
    return Dependant(depends.dependency, path=path, scope=depends.scope, depends=depends)


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
    "fastapi.dependencies": {},
    "fastapi.dependencies.models": {"Dependant": Dependant},
    "fastapi.dependencies.utils": {
        "_get_body_field": _nothing,
        "_get_flat_body_params": _nothing,
        "get_parameterless_sub_dependant": _get_parameterless_sub_dependant,
        "lenient_issubclass": _lenient_issubclass,
    },
}
"""By module: what it has besides the names of Tenure's module."""

_ATTRIBUTES: list[tuple[type, str, Any]] = [
    (APIRoute, "dependant", property(_dependant_of)),
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
