"""The routes of an application for those who look at them: documents, metrics, link checkers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.routing import BaseRoute

from tenure.web.app.inclusion import Inclusion

__all__ = ["RouteContext", "iter_route_contexts"]


@dataclass(frozen=True)
class RouteContext:
    """A route as it answers where it stands: under all prefixes, with all that it inherits.

    Every attribute of that route can be read here. ``original_route`` is the one that was added
    to a router, which an included router's prefix does not reach.
    """

    route: BaseRoute
    added_as: BaseRoute | None = None
    """The route that stands for it in an included router; None where it is the same one."""

    @property
    def original_route(self) -> BaseRoute:
        """The route as it was added to its router."""
        return self.added_as or self.route

    @property
    def path(self) -> str | None:
        """The whole path as declared, with convertors."""
        return getattr(self.route, "path", None)

    @property
    def path_format(self) -> str | None:
        """The whole path with the names of its parameters only."""
        return getattr(self.route, "path_format", None)

    @property
    def name(self) -> str | None:
        """The name for ``url_path_for``."""
        return getattr(self.route, "name", None)

    @property
    def methods(self) -> set[str] | None:
        """The HTTP methods; None for WebSockets and mounts."""
        return getattr(self.route, "methods", None)

    @property
    def endpoint(self) -> Callable[..., Any] | None:
        """The function that was declared."""
        return getattr(self.route, "endpoint", None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # copying asks before there is a route
        return getattr(self.route, name)


def iter_route_contexts(routes: Sequence[BaseRoute | RouteContext]) -> Iterator[RouteContext]:
    """Every route of *routes* in the order of matching, those of included routers in their place.

    ``app.routes`` itself has one entry for each included router, since its routes may still change.
    """
    for route in routes:
        if isinstance(route, RouteContext):
            yield route
        elif isinstance(route, Inclusion):
            yield from (RouteContext(here, original) for original, here in route.pairs())
        else:
            yield RouteContext(route)
