"""From a request to the route that answers it."""

from __future__ import annotations

from collections.abc import Iterable

from starlette import routing
from starlette._utils import get_route_path
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.web.app.changes import changes
from tenure.web.app.frontend import find_frontend
from tenure.web.app.inclusion import flat_frontends
from tenure.web.app.redirects import redirect_to
from tenure.web.app.routes import APIRoute
from tenure.web.app.table import RouteList, RouteTable

__all__ = ["Dispatch"]


class Dispatch(routing.Router):
    """The part of a router that finds routes: by a table of their paths, kept up to date."""

    frontends: RouteList
    """Directories that answer where no route does."""

    @property
    def routes(self) -> RouteList:
        """The routes in the order in which they are matched; inclusions stand for theirs."""
        return self._routes

    @routes.setter
    def routes(self, routes: Iterable[BaseRoute]) -> None:
        self._routes = RouteList(routes)
        self._table: RouteTable | None = None
        self._frontends: list[BaseRoute] = []
        """All there are, those of included routers too; as old as the table."""

    def _current_table(self) -> RouteTable:
        table = self._table
        if table is None or table.version != changes.count:
            table = self._table = RouteTable(self._routes)
            self._frontends = list(flat_frontends(self))
        return table

    def find(self, scope: AsgiScope) -> APIRoute | None:
        """The path operation that answers a request, if the path and the method say it alone.

        Then *scope* is what ``app`` would have made of it. None leaves everything to ``app``.
        """
        path = get_route_path(scope) if scope.get("root_path") else scope["path"]
        found = self._current_table().find(path, scope["method"])
        if found is None:
            return None
        route, values = found
        if route.app is not route.own_app:
            return None  # somebody has put another application in its place
        outer = scope.get("path_params")
        scope.setdefault("router", self)
        scope["endpoint"] = route.endpoint
        scope["path_params"] = {**outer, **values} if outer else values
        scope["route"] = route
        return route

    async def app(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Find the first route that matches and hand over."""
        scope.setdefault("router", self)
        if scope["type"] == "lifespan":
            await self.lifespan(scope, receive, send)
            return
        partial: tuple[BaseRoute, AsgiScope] | None = None
        for route in self._current_table().candidates(get_route_path(scope)):
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                scope.update(child_scope)
                await route.handle(scope, receive, send)
                return
            if match is Match.PARTIAL and partial is None:
                partial = (route, child_scope)
        if partial is not None:
            route, child_scope = partial
            scope.update(child_scope)
            await route.handle(scope, receive, send)
            return
        redirect = self._with_other_slash(scope)
        frontend = find_frontend(self._frontends, scope) if redirect is None else None
        if frontend is not None:
            await frontend.handle(scope, receive, send)
            return
        await (redirect or self.default)(scope, receive, send)

    def _with_other_slash(self, scope: AsgiScope) -> Response | None:
        """A redirect to the path with a slash more or less, where something answers there."""
        path = get_route_path(scope)
        if scope["type"] != "http" or not self.redirect_slashes or path == "/":
            return None
        whole: str = scope["path"]
        other = {**scope, "path": whole.rstrip("/") if path.endswith("/") else whole + "/"}
        for route in self._current_table().candidates(get_route_path(other)):
            if route.matches(other)[0] is not Match.NONE:
                return redirect_to(other["path"], scope)
        return None
