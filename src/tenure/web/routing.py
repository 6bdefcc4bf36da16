"""Routers: collect routes, hand options down to them, include each other."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar, Unpack

from starlette import routing
from starlette._utils import get_route_path
from starlette.datastructures import URL
from starlette.responses import RedirectResponse, Response
from starlette.routing import (
    BaseRoute,
    Host,
    Match,
    Mount,
    NoMatchFound,
    Route,
    WebSocketRoute,
    compile_path,
)
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.errors import Fault, GraphError
from tenure.web.app.checks import check_dependencies, check_prefix
from tenure.web.app.events import Events
from tenure.web.app.inclusion import Inclusion, flat_routes
from tenure.web.app.lifespan import (
    Lifespan,
    lifespan_of,
    merged,
    mounted_router,
    of_handlers,
    with_mounted,
)
from tenure.web.app.options import (
    UNSET,
    Inherited,
    RouteKeywords,
    dependencies_of,
    options_of,
)
from tenure.web.app.routes import APIRoute
from tenure.web.app.table import RouteList, RouteTable, changes
from tenure.web.app.verbs import Verbs
from tenure.web.app.websockets import APIWebSocketRoute
from tenure.web.exceptions import FastAPIError
from tenure.web.params import Depends

__all__ = [
    "APIRoute",
    "APIRouter",
    "APIWebSocketRoute",
    "BaseRoute",
    "Host",
    "Match",
    "Mount",
    "NoMatchFound",
    "Route",
    "WebSocketRoute",
    "compile_path",
]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class APIRouter(Verbs, Events, routing.Router):
    """A collection of routes with what they have in common.

    ``prefix``, ``tags``, ``dependencies``, ``responses`` and the rest apply to every route that
    is added, and to every router that is included. Served on its own it is an ASGI application.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        tags: list[str | Enum] | None = None,
        dependencies: Sequence[Depends] | None = None,
        default_response_class: type[Response] = UNSET,
        responses: dict[int | str, dict[str, Any]] | None = None,
        callbacks: list[BaseRoute] | None = None,
        routes: list[BaseRoute] | None = None,
        redirect_slashes: bool = True,
        default: ASGIApp | None = None,
        dependency_overrides_provider: Any = None,
        route_class: type[APIRoute] = APIRoute,
        on_startup: Sequence[Callable[[], Any]] | None = None,
        on_shutdown: Sequence[Callable[[], Any]] | None = None,
        lifespan: Callable[[Any], Any] | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
        generate_unique_id_function: Callable[[APIRoute], str] = UNSET,
        strict_content_type: bool = UNSET,
    ) -> None:
        check_prefix(prefix)
        self.on_startup: list[Callable[[], Any]] = list(on_startup or [])
        self.on_shutdown: list[Callable[[], Any]] = list(on_shutdown or [])
        self._has_own_lifespan = lifespan is not None
        self._declared_lifespan = lifespan
        super().__init__(
            routes=routes,
            redirect_slashes=redirect_slashes,
            default=default,
            lifespan=(
                of_handlers(self.on_startup, self.on_shutdown)
                if lifespan is None
                else lifespan_of(lifespan)
            ),
        )
        self.prefix = prefix
        self.tags: list[str | Enum] = list(tags or [])
        self.dependencies = dependencies_of(dependencies)
        self.default_response_class = default_response_class
        self.responses = dict(responses or {})
        self.callbacks = list(callbacks or [])
        self.dependency_overrides_provider = dependency_overrides_provider
        self.route_class = route_class
        self.deprecated = deprecated
        self.include_in_schema = include_in_schema
        self.generate_unique_id_function = generate_unique_id_function
        self.strict_content_type = strict_content_type

    def _inherited(self) -> Inherited:
        """What this router hands down, as it is now."""
        return Inherited(
            prefix=self.prefix,
            tags=self.tags,
            dependencies=self.dependencies,
            responses=self.responses,
            callbacks=self.callbacks,
            deprecated=self.deprecated,
            include_in_schema=self.include_in_schema,
            response_class=self.default_response_class,
            generate_unique_id_function=self.generate_unique_id_function,
            strict_content_type=self.strict_content_type,
            overrides_provider=self.dependency_overrides_provider,
        )

    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        **options: Unpack[RouteKeywords],
    ) -> None:
        """Serve *path* with *endpoint*; GET where no *methods* are named."""
        whole, merged_options = self._inherited().applied_to(
            path, options_of(path, {"methods": methods, **options})
        )
        route = self.route_class(
            whole,
            endpoint,
            dependency_overrides_provider=self.dependency_overrides_provider,
            **{name: getattr(merged_options, name) for name in merged_options.names()},
        )
        self.routes.append(route)

    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
    ) -> None:
        """Serve WebSockets at *path* with *endpoint*."""
        self.routes.append(
            APIWebSocketRoute(
                self.prefix + path,
                endpoint,
                name=name,
                dependencies=[*self.dependencies, *dependencies_of(dependencies)],
                dependency_overrides_provider=self.dependency_overrides_provider,
            )
        )

    def websocket(
        self,
        path: str,
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
    ) -> Callable[[Endpoint], Endpoint]:
        """Serve WebSockets at *path* with the decorated function."""

        def decorate(endpoint: Endpoint) -> Endpoint:
            self.add_api_websocket_route(path, endpoint, name, dependencies=dependencies)
            return endpoint

        return decorate

    def route(
        self,
        path: str,
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> Callable[[Endpoint], Endpoint]:
        """Serve *path* with a plain function of the request: Starlette's own kind of route."""

        def decorate(endpoint: Endpoint) -> Endpoint:
            self.add_route(path, endpoint, methods, name, include_in_schema)
            return endpoint

        return decorate

    def websocket_route(self, path: str, name: str | None = None) -> Callable[[Endpoint], Endpoint]:
        """Serve WebSockets with a plain function: Starlette's own kind of route."""

        def decorate(endpoint: Endpoint) -> Endpoint:
            self.add_websocket_route(path, endpoint, name=name)
            return endpoint

        return decorate

    def include_router(
        self,
        router: APIRouter,
        *,
        prefix: str = "",
        tags: list[str | Enum] | None = None,
        dependencies: Sequence[Depends] | None = None,
        default_response_class: type[Response] = UNSET,
        responses: dict[int | str, dict[str, Any]] | None = None,
        callbacks: list[BaseRoute] | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
        generate_unique_id_function: Callable[[APIRoute], str] = UNSET,
    ) -> None:
        """Answer with the routes of *router* too, those it gets later included.

        The arguments are added to what this router hands down anyway. The lifespan of *router*
        runs within this one's.
        """
        self._check_inclusion(router, prefix)
        inherited = self._inherited().then(
            Inherited(
                prefix=prefix,
                tags=tags or [],
                dependencies=dependencies_of(dependencies),
                responses=responses or {},
                callbacks=callbacks or [],
                deprecated=deprecated,
                include_in_schema=include_in_schema,
                response_class=default_response_class,
                generate_unique_id_function=generate_unique_id_function,
            )
        )
        check_dependencies(inherited)
        self.routes.append(Inclusion(router, inherited, _rebuilt))
        if router._has_own_lifespan:
            # Its own lifespan does not run its handlers: this router's does.
            self.on_startup.extend(router.on_startup)
            self.on_shutdown.extend(router.on_shutdown)
        self.lifespan_context = merged(self.lifespan_context, router.lifespan_context)

    def _check_inclusion(self, router: APIRouter, prefix: str) -> None:
        if not isinstance(router, APIRouter):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise FastAPIError(
                f"{type(router).__name__} is not a router: an application is mounted, with "
                "app.mount(path, application), not included"
            )
        if router is self or router.includes(self):
            raise FastAPIError("A router cannot be included in itself, directly or through others.")
        check_prefix(prefix)
        if prefix:
            return
        for route in flat_routes(router.routes):
            if getattr(route, "path", None) == "":
                name = getattr(route, "name", "unknown")
                raise FastAPIError(f"Prefix and path cannot be both empty (path operation: {name})")

    def includes(self, router: APIRouter) -> bool:
        """Whether *router* is included here, directly or through others."""
        included = [each.router for each in self.routes if isinstance(each, Inclusion)]
        return any(
            each is router or (isinstance(each, APIRouter) and each.includes(router))
            for each in included
        )

    def check(self) -> None:
        """Raise what is wrong with any route, all of it at once; called at startup.

        Mounted applications are looked at, too.
        """
        faults: list[Fault] = []
        for route in flat_routes(self.routes):
            mounted = mounted_router(route)
            checked = mounted if isinstance(mounted, APIRouter) else route
            if isinstance(checked, APIRoute | APIWebSocketRoute | APIRouter):
                try:
                    checked.check()
                except GraphError as error:
                    faults.extend(error.faults)
        if faults:
            raise GraphError(faults)

    def check_override(
        self, original: Callable[..., Any], overrides: Mapping[Callable[..., Any], Any]
    ) -> None:
        """Raise what would be wrong with *overrides* in any route that uses *original*."""
        for route in flat_routes(self.routes):
            if isinstance(route, APIRoute | APIWebSocketRoute):
                route.check_override(original, overrides)

    def complete_lifespan(self) -> Lifespan:
        """The lifespan with those of included routers and mounted applications."""
        routes = list(flat_routes(self.routes))
        return with_mounted(self.lifespan_context, routes, self._declared_lifespan)

    async def lifespan(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """The ASGI lifespan: check all routes, then start; a failure is told to the server."""
        phase = "startup"
        await receive()
        try:
            self.check()
            async with self.complete_lifespan()(scope.get("app")) as state:
                if state:
                    if "state" not in scope:
                        raise RuntimeError("The server does not support state in the lifespan.")
                    scope["state"].update(state)
                await send({"type": "lifespan.startup.complete"})
                phase = "shutdown"
                await receive()
        except BaseException:
            text = traceback.format_exc()
            await send({"type": f"lifespan.{phase}.failed", "message": text})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    @property
    def routes(self) -> RouteList:
        """The routes in the order in which they are matched; inclusions stand for theirs."""
        return self._routes

    @routes.setter
    def routes(self, routes: Iterable[BaseRoute]) -> None:
        self._routes = RouteList(routes)
        self._table: RouteTable | None = None

    def _candidates(self, path: str) -> Iterator[BaseRoute]:
        table = self._table
        if table is None or table.version != changes.count:
            table = self._table = RouteTable(self._routes)
        return table.candidates(path)

    async def app(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Find the first route that matches and hand over."""
        scope.setdefault("router", self)
        if scope["type"] == "lifespan":
            await self.lifespan(scope, receive, send)
            return
        partial: tuple[BaseRoute, AsgiScope] | None = None
        for route in self._candidates(get_route_path(scope)):
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
        await (redirect or self.default)(scope, receive, send)

    def _with_other_slash(self, scope: AsgiScope) -> Response | None:
        """A redirect to the path with a slash more or less, where something answers there."""
        path = get_route_path(scope)
        if scope["type"] != "http" or not self.redirect_slashes or path == "/":
            return None
        whole: str = scope["path"]
        other = {**scope, "path": whole.rstrip("/") if path.endswith("/") else whole + "/"}
        for route in self._candidates(get_route_path(other)):
            if route.matches(other)[0] is not Match.NONE:
                return RedirectResponse(url=str(URL(scope=other)))
        return None


def _rebuilt(route: BaseRoute, inherited: Inherited) -> BaseRoute | None:
    if isinstance(route, APIRoute | APIWebSocketRoute):
        return route.under(inherited)
    return None
