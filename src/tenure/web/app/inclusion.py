"""A router included in another: its routes, live, under what the including router adds."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.routing import (
    BaseRoute,
    Host,
    Match,
    Mount,
    NoMatchFound,
    Route,
    Router,
    WebSocketRoute,
    compile_path,
)
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.web.app.options import Inherited

if TYPE_CHECKING:
    from starlette.datastructures import URLPath

__all__ = ["Inclusion", "flat_frontends", "flat_routes"]

Rebuild = Callable[[BaseRoute, Inherited], BaseRoute | None]
"""Makes an API route again under what it inherits; None for what it does not know."""


class _Made(NamedTuple):
    """A route of the included router, as it answers under this inclusion."""

    route: BaseRoute
    revision: int
    """Of the route when it was made."""
    here: BaseRoute


class Inclusion(BaseRoute):
    """Stands in a router's list for all the routes of an included one.

    Routes added to the included router later are seen. Each is made again under the prefix,
    tags and dependencies of this inclusion, once.
    """

    def __init__(self, router: Router, inherited: Inherited, rebuild: Rebuild) -> None:
        self.router = router
        self.inherited = inherited
        self._rebuild = rebuild
        self._made: dict[int, _Made] = {}

    def routes(self) -> Iterator[BaseRoute]:
        """The routes as they answer here, those of nested inclusions in their place."""
        return (here for _, here in self.pairs())

    def pairs(self) -> Iterator[tuple[BaseRoute, BaseRoute]]:
        """Each route as it was added to its router, and as it answers here."""
        for route in list(self.router.routes):
            here = self._here(route)
            if isinstance(here, Inclusion):
                yield from here.pairs()
            else:
                yield route, here

    def effective_route_contexts(self) -> Iterator[BaseRoute]:
        """The routes as they answer here; what metrics written for FastAPI ask for."""
        return self.routes()

    def frontends(self) -> Iterator[BaseRoute]:
        """The front ends of the router and of those included in it, as they answer here."""
        for frontend in flat_frontends(self.router):
            yield self._here(frontend)

    def _here(self, route: BaseRoute) -> BaseRoute:
        revision = getattr(route, "revision", 0)
        made = self._made.get(id(route))
        if made is None or made.route is not route or made.revision != revision:
            made = self._made[id(route)] = _Made(route, revision, self._make(route))
        return made.here

    def _make(self, route: BaseRoute) -> BaseRoute:
        if isinstance(route, Inclusion):
            return Inclusion(route.router, self.inherited.then(route.inherited), self._rebuild)
        rebuilt = self._rebuild(route, self.inherited)
        return rebuilt if rebuilt is not None else _under_prefix(route, self.inherited.prefix)

    def matches(self, scope: AsgiScope) -> tuple[Match, AsgiScope]:
        """The first full match among the routes, else the first partial one."""
        partial: tuple[Match, AsgiScope] = (Match.NONE, {})
        for route in self.routes():
            match, child_scope = route.matches(scope)
            if match is Match.NONE:
                continue
            child_scope = {**child_scope, "tenure.included_route": route}
            if match is Match.FULL:
                return match, child_scope
            if partial[0] is Match.NONE:
                partial = (match, child_scope)
        return partial

    async def handle(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Hand over to the route that matched."""
        route: BaseRoute = scope["tenure.included_route"]
        await route.handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path of the first route of that name."""
        for route in self.routes():
            try:
                return route.url_path_for(name, **path_params)
            except NoMatchFound:
                continue
        raise NoMatchFound(name, path_params)


def flat_frontends(router: Router) -> Iterator[BaseRoute]:
    """The front ends of *router*, then those of the routers included in it."""
    yield from getattr(router, "frontends", ())
    for route in list(router.routes):
        if isinstance(route, Inclusion):
            yield from route.frontends()


def flat_routes(routes: Sequence[BaseRoute]) -> Iterator[BaseRoute]:
    """All routes in the order in which they are matched, inclusions resolved."""
    for route in list(routes):
        if isinstance(route, Inclusion):
            yield from route.routes()
        else:
            yield route


def _under_prefix(route: BaseRoute, prefix: str) -> BaseRoute:
    """A route of Starlette's own kinds under a longer path."""
    if isinstance(route, Route):
        return Route(
            prefix + route.path,
            route.endpoint,
            methods=list(route.methods or ()),
            name=route.name,
            include_in_schema=route.include_in_schema,
        )
    if isinstance(route, WebSocketRoute):
        return WebSocketRoute(prefix + route.path, route.endpoint, name=route.name)
    if isinstance(route, Mount):
        moved = copy.copy(route)
        moved.path = (prefix + route.path).rstrip("/")
        moved.path_regex, moved.path_format, moved.param_convertors = compile_path(
            moved.path + "/{path:path}"
        )
        return moved
    if isinstance(route, Host) and prefix:
        return Host(route.host, Router(routes=[Mount(prefix, app=route.app)]), name=route.name)
    return route
