"""The path of the route that answers, as it was declared: what requests are grouped by."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from starlette.routing import BaseRoute, Match, Mount, Router

from tenure.web.app.dispatch import Dispatch
from tenure.web.app.frontend import find_frontend
from tenure.web.app.inclusion import flat_frontends, flat_routes
from tenure.web.app.lifespan import mounted_application
from tenure.web.app.programmed import Programmed

__all__ = ["PathOfRoute"]

_REDIRECT = 307


class PathOfRoute:
    """Finds the path for one request, when it has been routed.

    Mounted applications and routers of this library are looked into. Below all others the path
    is that of the mount, since nobody knows how they find their way.
    """

    def __init__(self, router: Router, asgi_scope: MutableMapping[str, Any]) -> None:
        self._router = router
        self._asgi_scope = asgi_scope
        self._before = dict(asgi_scope)
        """The scope as it was before anything was matched."""
        self._root: str = asgi_scope.get("root_path", "")

    def __call__(self, status: int | None = None) -> str | None:
        """The path; None where no route answers. *status* is that of the response, if known."""
        return self.seen_from(self._asgi_scope) or self._searched(status)

    def seen_from(self, asgi_scope: Mapping[str, Any]) -> str | None:
        """The path by *asgi_scope*, which a route has; None where that does not say it alone."""
        route = asgi_scope.get("route")
        if not isinstance(route, Programmed) or route is self._before.get("route"):
            return None
        if asgi_scope.get("root_path", "") != self._root:
            return None
        path: str | None = getattr(route, "path_format", None)
        return None if path is None else self._root + path

    def _searched(self, status: int | None) -> str | None:
        if "router" not in self._asgi_scope:
            return None  # middleware has answered
        found = _search(self._router, self._before)
        if found is None and status == _REDIRECT:
            path: str = self._before["path"]
            other = path.rstrip("/") if path.endswith("/") else path + "/"
            found = _search(self._router, {**self._before, "path": other})
        return None if found is None else self._root + found


def _search(router: Router, asgi_scope: dict[str, Any]) -> str | None:
    partial: BaseRoute | None = None
    for route in flat_routes(router.routes):
        match, child_scope = route.matches(asgi_scope)
        if match is Match.FULL:
            return _path_below(route, {**asgi_scope, **child_scope})
        if match is Match.PARTIAL and partial is None:
            partial = route
    if partial is None:
        partial = find_frontend(list(flat_frontends(router)), asgi_scope)
    return getattr(partial, "path_format", None)


def _path_below(route: BaseRoute, asgi_scope: dict[str, Any]) -> str | None:
    if isinstance(route, Mount):
        mounted = mounted_application(route)
        router = getattr(mounted, "router", mounted)
        if isinstance(router, Dispatch):
            below = _search(router, asgi_scope)
            if below is not None:
                return route.path + below
    return getattr(route, "path_format", None)
