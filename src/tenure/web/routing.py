"""Routers: collect routes, hand options down to them, include each other."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from typing import Any, Unpack

from starlette import routing
from starlette.responses import Response
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

from tenure.errors import DeclarationError, Fault, GraphError
from tenure.web.app.checks import check_dependencies, check_prefix
from tenure.web.app.contexts import RouteContext, iter_route_contexts
from tenure.web.app.dispatch import Dispatch
from tenure.web.app.events import Events
from tenure.web.app.frontend import Frontend, frontend_path
from tenure.web.app.frontend_files import CheckDirectory, Fallback, FrontendFiles, is_checked
from tenure.web.app.inclusion import Inclusion, flat_frontends, flat_routes
from tenure.web.app.lifespan import (
    Lifespan,
    Watched,
    lifespan_of,
    merged,
    mounted_router,
    of_handlers,
    with_mounted,
)
from tenure.web.app.options import (
    JSON,
    STRICT,
    UNIQUE_ID,
    UNSET,
    Inherited,
    RouteKeywords,
    dependencies_of,
    options_of,
    route_keywords,
)
from tenure.web.app.routes import APIRoute
from tenure.web.app.starting import application_scope
from tenure.web.app.table import RouteList
from tenure.web.app.verbs import Verbs
from tenure.web.app.websockets import APIWebSocketRoute
from tenure.web.elsewhere import offer_names_elsewhere
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
    "RouteContext",
    "WebSocketRoute",
    "compile_path",
    "iter_route_contexts",
]


class APIRouter(Verbs, Events, Dispatch, routing.Router):
    """A collection of routes with what they have in common.

    ``prefix``, ``tags``, ``dependencies``, ``responses`` and the rest apply to every route that
    is added, and to every router that is included. Served on its own it is an ASGI application.
    """

    lifespan_context: Lifespan

    def __init__(
        self,
        *,
        prefix: str = "",
        tags: list[str | Enum] | None = None,
        dependencies: Sequence[Depends] | None = None,
        default_response_class: type[Response] = JSON,
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
        generate_unique_id_function: Callable[[APIRoute], str] = UNIQUE_ID,
        strict_content_type: bool = STRICT,
        cancel_on_disconnect: bool = UNSET,
        max_body_size: int | None = UNSET,
    ) -> None:
        check_prefix(prefix)
        self.frontends = RouteList()
        self.on_startup: list[Callable[[], Any]] = list(on_startup or [])
        self.on_shutdown: list[Callable[[], Any]] = list(on_shutdown or [])
        self._declared_lifespan = lifespan
        super().__init__(
            routes=routes,
            redirect_slashes=redirect_slashes,
            default=default,
            lifespan=self._own_lifespan(),
        )
        self.prefix = prefix
        self.tags: list[str | Enum] = list(tags or [])
        self.dependencies: list[Depends] = dependencies_of(dependencies)
        self.default_response_class = default_response_class
        self.responses: dict[int | str, dict[str, Any]] = dict(responses or {})
        self.callbacks: list[BaseRoute] = list(callbacks or [])
        self.dependency_overrides_provider = dependency_overrides_provider
        self.route_class = route_class
        self.deprecated = deprecated
        self.include_in_schema = include_in_schema
        self.generate_unique_id_function = generate_unique_id_function
        self.strict_content_type = strict_content_type
        self.cancel_on_disconnect = cancel_on_disconnect
        self.max_body_size = max_body_size

    def _own_lifespan(self) -> Lifespan:
        if self._declared_lifespan is not None:
            return Watched(lifespan_of(self._declared_lifespan))
        return of_handlers(self.on_startup, self.on_shutdown)

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
            cancel_on_disconnect=self.cancel_on_disconnect,
            max_body_size=self.max_body_size,
            overrides_provider=self.dependency_overrides_provider,
        )

    @route_keywords
    def add_api_route(  # pyright: ignore[reportIncompatibleMethodOverride] - one keyword more
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        route_class_override: type[APIRoute] | None = None,
        **options: Unpack[RouteKeywords],
    ) -> None:
        """Serve *path* with *endpoint*; GET where no *methods* are named.

        *route_class_override* is the class of this one route, in place of ``route_class``.
        """
        whole, merged_options = self._inherited().applied_to(
            path, options_of(path, {"methods": methods, **options})
        )
        route = (route_class_override or self.route_class)(
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
        cancel_on_disconnect: bool = False,
    ) -> None:
        """Serve WebSockets at *path* with *endpoint*."""
        self.routes.append(
            APIWebSocketRoute(
                self.prefix + path,
                endpoint,
                name=name,
                dependencies=[*self.dependencies, *dependencies_of(dependencies)],
                dependency_overrides_provider=self.dependency_overrides_provider,
                cancel_on_disconnect=cancel_on_disconnect,
            )
        )

    def include_router(
        self,
        router: APIRouter,
        *,
        prefix: str = "",
        tags: list[str | Enum] | None = None,
        dependencies: Sequence[Depends] | None = None,
        default_response_class: type[Response] = JSON,
        responses: dict[int | str, dict[str, Any]] | None = None,
        callbacks: list[BaseRoute] | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
        generate_unique_id_function: Callable[[APIRoute], str] = UNIQUE_ID,
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
        if router._declared_lifespan is not None:
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
            raise DeclarationError(
                "A router cannot be included in itself, directly or through others."
            )
        check_prefix(prefix)
        if prefix:
            return
        for route in flat_routes(router.routes):
            if getattr(route, "path", None) == "":
                name = getattr(route, "name", "unknown")
                raise FastAPIError(f"Prefix and path cannot be both empty (path operation: {name})")

    def frontend(
        self,
        path: str,
        *,
        directory: str | os.PathLike[str],
        fallback: Fallback = "auto",
        check_dir: CheckDirectory = "auto",
    ) -> None:
        """Serve the files of *directory* below *path*, where no route answers.

        For what front-end tools build. The router's dependencies hold for the files, too. Where
        there is no file, *fallback* answers: ``"404.html"`` with status 404, ``"index.html"``
        when a browser navigates there; ``"auto"`` takes the first of them that is there.
        *check_dir* raises ``RuntimeError`` now for a missing directory; ``"auto"`` warns only,
        while ``FASTAPI_ENV`` is ``development``.
        """
        files = FrontendFiles(directory, fallback, check_dir=is_checked(directory, check_dir))
        self.frontends.append(
            Frontend(
                frontend_path(self.prefix, path),
                files,
                dependencies=self.dependencies,
                dependency_overrides_provider=self.dependency_overrides_provider,
            )
        )

    def includes(self, router: APIRouter) -> bool:
        """Whether *router* is included here, directly or through others."""
        included = [each.router for each in self.routes if isinstance(each, Inclusion)]
        return any(
            each is router or (isinstance(each, APIRouter) and each.includes(router))
            for each in included
        )

    def check(self, above: tuple[Any, ...] = ()) -> None:
        """Raise what is wrong with any route, all of it at once; called at startup.

        Mounted applications are looked at, too, but for the routers that are *above*.
        """
        faults: list[Fault] = []
        for route in [*flat_routes(self.routes), *flat_frontends(self)]:
            mounted = mounted_router(route, (*above, self))
            try:
                if isinstance(mounted, APIRouter):
                    mounted.check((*above, self))
                elif isinstance(route, APIRoute | APIWebSocketRoute | Frontend):
                    route.check()
            except GraphError as error:
                faults.extend(error.faults)
        if faults:
            raise GraphError.of(faults)

    def check_override(
        self, original: Callable[..., Any], overrides: Mapping[Callable[..., Any], Any]
    ) -> None:
        """Raise what would be wrong with *overrides* in any route that uses *original*."""
        for route in [*flat_routes(self.routes), *flat_frontends(self)]:
            if isinstance(route, APIRoute | APIWebSocketRoute | Frontend):
                route.check_override(original, overrides)

    def complete_lifespan(self, above: tuple[Any, ...] = ()) -> Lifespan:
        """The lifespan with those of included routers and mounted applications.

        The routers *above*, which this one is mounted in, are left out.
        """
        routes = list(flat_routes(self.routes))
        above = (*above, self)
        return with_mounted(self.lifespan_context, routes, self._declared_lifespan, above)

    async def lifespan(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """The ASGI lifespan: check all routes, then start; a failure is told to the server."""
        phase = "startup"
        await receive()
        try:
            self.check()
            async with (
                application_scope(scope, [*self.routes, *flat_frontends(self)]),
                self.complete_lifespan()(scope.get("app")) as state,
            ):
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


def _rebuilt(route: BaseRoute, inherited: Inherited) -> BaseRoute | None:
    if isinstance(route, APIRoute | APIWebSocketRoute | Frontend):
        return route.under(inherited)
    return None


offer_names_elsewhere(__name__)
