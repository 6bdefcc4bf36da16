"""The application: a router behind middleware and exception handlers."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, Unpack

from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope
from typing_extensions import deprecated

from tenure.container import Container
from tenure.container.overriding import used
from tenure.plan.planner import EXIT_TIMEOUT
from tenure.web.app.checks import check_description
from tenure.web.app.companions import Companion
from tenure.web.app.core import Core
from tenure.web.app.endpoints import note_overrides
from tenure.web.app.frontend_files import CheckDirectory, Fallback
from tenure.web.app.inclusion import flat_routes
from tenure.web.app.limits import BodyLimits
from tenure.web.app.options import JSON, STRICT, UNIQUE_ID, UNSET, RouteKeywords, route_keywords
from tenure.web.app.overrides import standing_overrides
from tenure.web.app.starting import mounted_observers
from tenure.web.app.telemetry import checked_config, with_telemetry
from tenure.web.app.verbs import Verbs
from tenure.web.bind.deprecations import warn_deprecated
from tenure.web.elsewhere import offer_names_elsewhere
from tenure.web.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from tenure.web.exceptions import RequestValidationError, WebSocketRequestValidationError
from tenure.web.openapi.pages import add_pages
from tenure.web.params import Depends
from tenure.web.routing import APIRoute, APIRouter

if TYPE_CHECKING:
    from tenure.web.telemetry import TelemetryConfig

__all__ = ["App", "FastAPI"]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class App(Verbs, Starlette):
    """An ASGI application made of path operations.

    Takes the arguments of ``fastapi.FastAPI``. Those that describe the API (``title``,
    ``version`` and so on) are attributes. ``docs_assets`` says where the documentation pages
    have their scripts from: ``"auto"`` serves them from here if the extra ``tenure[docs]`` is
    installed, ``"cdn"`` has browsers load them from the internet. ``cancel_on_disconnect`` and
    ``max_body_size`` are options of every path operation; the limit, in bytes, holds for mounted
    applications and middleware too.
    """

    default_title: ClassVar[str] = "Tenure"

    def __init__(
        self,
        *,
        telemetry: TelemetryConfig | None = None,
        debug: bool = False,
        routes: list[BaseRoute] | None = None,
        title: str | None = None,
        summary: str | None = None,
        description: str = "",
        version: str = "0.1.0",
        openapi_url: str | None = "/openapi.json",
        openapi_tags: list[dict[str, Any]] | None = None,
        openapi_external_docs: dict[str, Any] | None = None,
        servers: list[dict[str, Any]] | None = None,
        dependencies: Sequence[Depends] | None = None,
        default_response_class: type[Response] = JSON,
        redirect_slashes: bool = True,
        docs_url: str | None = "/docs",
        redoc_url: str | None = "/redoc",
        swagger_ui_oauth2_redirect_url: str | None = "/docs/oauth2-redirect",
        swagger_ui_init_oauth: dict[str, Any] | None = None,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: Mapping[Any, Callable[..., Any]] | None = None,
        on_startup: Sequence[Callable[[], Any]] | None = None,
        on_shutdown: Sequence[Callable[[], Any]] | None = None,
        lifespan: Callable[[Any], Any] | None = None,
        terms_of_service: str | None = None,
        contact: dict[str, Any] | None = None,
        license_info: dict[str, Any] | None = None,
        root_path: str = "",
        root_path_in_servers: bool = True,
        responses: dict[int | str, dict[str, Any]] | None = None,
        callbacks: list[BaseRoute] | None = None,
        webhooks: APIRouter | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
        swagger_ui_parameters: dict[str, Any] | None = None,
        generate_unique_id_function: Callable[[APIRoute], str] = UNIQUE_ID,
        separate_input_output_schemas: bool = True,
        strict_content_type: bool = STRICT,
        cancel_on_disconnect: bool = UNSET,
        max_body_size: int | None = None,
        docs_assets: Literal["auto", "cdn"] = "auto",
        exit_timeout: float | None = EXIT_TIMEOUT,
    ) -> None:
        self.telemetry = checked_config(telemetry)
        self.companion: Companion | None = None
        """What tells OpenTelemetry of the parts of requests; None while nobody is told."""
        self.debug = debug
        self.title: str = self.default_title if title is None else title
        self.summary = summary
        self.description = description
        self.version = version
        self.openapi_url = openapi_url
        self.openapi_tags = openapi_tags
        self.openapi_external_docs = openapi_external_docs
        self.servers: list[dict[str, Any]] = servers or []
        self.docs_url = docs_url
        self.redoc_url = redoc_url
        self.swagger_ui_oauth2_redirect_url = swagger_ui_oauth2_redirect_url
        self.swagger_ui_init_oauth = swagger_ui_init_oauth
        self.swagger_ui_parameters = swagger_ui_parameters
        self.terms_of_service = terms_of_service
        self.contact = contact
        self.license_info = license_info
        if root_path:
            warn_deprecated(
                "root_path is deprecated: give it to the server, as in `uvicorn --root-path /api`"
            )
        self.root_path = root_path
        self.root_path_in_servers = root_path_in_servers
        self.separate_input_output_schemas = separate_input_output_schemas
        self.webhooks: APIRouter = webhooks or APIRouter()
        self.openapi_version = "3.1.0"
        self.openapi_schema: dict[str, Any] | None = None
        self._documented_routes: list[BaseRoute] = []
        self.docs_assets = docs_assets
        check_description(self)
        self.state: State = State()
        self.container: Container = Container(exit_timeout=exit_timeout)
        """Runs other functions with the dependencies of this application: jobs, commands.

        What is of scope "app" is shared with the requests while the lifespan runs.
        """
        self._overrides = standing_overrides(self.container.overriding, self._check_override)
        self.router: APIRouter = APIRouter(  # pyright: ignore[reportIncompatibleVariableOverride]
            routes=routes,
            redirect_slashes=redirect_slashes,
            dependency_overrides_provider=self,
            on_startup=on_startup,
            on_shutdown=on_shutdown,
            lifespan=lifespan,
            default_response_class=default_response_class,
            dependencies=dependencies,
            callbacks=callbacks,
            deprecated=deprecated,
            include_in_schema=include_in_schema,
            responses=responses,
            generate_unique_id_function=generate_unique_id_function,
            strict_content_type=strict_content_type,
            cancel_on_disconnect=cancel_on_disconnect,
            max_body_size=UNSET if max_body_size is None else max_body_size,
        )
        self.container.observers.parts = lambda: mounted_observers(self.routes)
        self.max_body_size = max_body_size
        self.exception_handlers: dict[Any, Callable[..., Any]] = {
            HTTPException: http_exception_handler,
            RequestValidationError: request_validation_exception_handler,
            WebSocketRequestValidationError: websocket_request_validation_exception_handler,
            **(exception_handlers or {}),
        }
        self.user_middleware: list[Middleware] = list(middleware or [])
        self.middleware_stack: ASGIApp | None = None
        self.setup()

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made when it is first asked for and again when routes change.

        It is kept as ``openapi_schema``. To change what is served, put a function of your own
        in place of this method: ``app.openapi = ...``.
        """
        # Not before it is needed: many applications, and most tests, never show their document.
        from tenure.web.openapi.utils import get_openapi

        routes = list(flat_routes(self.routes))
        if not self.openapi_schema or not _are_same(routes, self._documented_routes):
            self.openapi_schema = get_openapi(
                title=self.title,
                version=self.version,
                openapi_version=self.openapi_version,
                summary=self.summary,
                description=self.description,
                terms_of_service=self.terms_of_service,
                contact=self.contact,
                license_info=self.license_info,
                routes=routes,
                webhooks=self.webhooks.routes,
                tags=self.openapi_tags,
                servers=self.servers,
                separate_input_output_schemas=self.separate_input_output_schemas,
                external_docs=self.openapi_external_docs,
            )
            self._documented_routes = routes
        return self.openapi_schema

    def setup(self) -> None:
        """Add the routes of the document and the pages that show it; called once, at the end.

        Override it to add more, or none.
        """
        add_pages(self)

    def build_middleware_stack(self) -> ASGIApp:
        """What a request goes through; without middleware of the user's, one layer."""
        middleware = list(self.user_middleware)
        if self.max_body_size is not None:
            middleware.insert(0, Middleware(BodyLimits, self.max_body_size))
        router = self.router
        is_ours = type(router).app is APIRouter.app
        core = Core(
            router.app,
            self.exception_handlers,
            debug=self.debug,
            find=router.find if is_ours else lambda _scope: None,
            is_outermost=not middleware,
            patience=self.container.exit_timeout,
        )
        return core.below(middleware) if middleware else core

    @property
    def dependency_overrides(self) -> dict[Callable[..., Any], Callable[..., Any]]:
        """What is called in place of what, for tests: ``{get_session: fake_session}``.

        Holds for what ``container`` runs and for every route: of included routers, of mounted
        applications that set none of their own. What is wrong with one is raised when it is set.
        """
        return self._overrides

    @dependency_overrides.setter
    def dependency_overrides(
        self, overrides: Mapping[Callable[..., Any], Callable[..., Any]]
    ) -> None:
        self._overrides = standing_overrides(self.container.overriding, self._check_override)
        self._overrides.update(overrides)

    def _check_override(
        self, original: Callable[..., Any], overrides: Mapping[Callable[..., Any], Any]
    ) -> None:
        self.router.check_override(original, overrides)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if self.root_path:
            scope["root_path"] = self.root_path
        if self._overrides:
            scope["tenure.overrides"] = self._overrides
        if used:
            note_overrides(self.container, scope)
        # What Starlette's own ``__call__`` does, without a frame between.
        scope["app"] = self
        stack = self.middleware_stack
        if stack is None:
            stack = with_telemetry(self, self.build_middleware_stack(), self.telemetry)
            self.middleware_stack = stack
        await stack(scope, receive, send)

    @route_keywords
    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        **options: Unpack[RouteKeywords],
    ) -> None:
        """Serve *path* with *endpoint*; GET where no *methods* are named."""
        self.router.add_api_route(path, endpoint, methods=methods, **options)

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
        add = self.router.add_api_websocket_route
        leaving = cancel_on_disconnect
        add(path, endpoint, name, dependencies=dependencies, cancel_on_disconnect=leaving)

    def add_websocket_route(
        self, path: str, endpoint: Callable[..., Any], name: str | None = None
    ) -> None:
        """Serve WebSockets with a plain function or class: Starlette's own kind of route."""
        self.router.add_websocket_route(path, endpoint, name)

    def include_router(
        self,
        router: APIRouter,
        *,
        prefix: str = "",
        tags: list[str | Enum] | None = None,
        dependencies: Sequence[Depends] | None = None,
        responses: dict[int | str, dict[str, Any]] | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
        default_response_class: type[Response] = JSON,
        callbacks: list[BaseRoute] | None = None,
        generate_unique_id_function: Callable[[APIRoute], str] = UNIQUE_ID,
    ) -> None:
        """Answer with the routes of *router* too, those it gets later included."""
        self.router.include_router(
            router,
            prefix=prefix,
            tags=tags,
            dependencies=dependencies,
            responses=responses,
            deprecated=deprecated,
            include_in_schema=include_in_schema,
            default_response_class=default_response_class,
            callbacks=callbacks,
            generate_unique_id_function=generate_unique_id_function,
        )

    def frontend(
        self,
        path: str,
        *,
        directory: str | os.PathLike[str],
        fallback: Fallback = "auto",
        check_dir: CheckDirectory = "auto",
    ) -> None:
        """Serve the files of *directory* below *path*: see ``APIRouter.frontend``."""
        self.router.frontend(path, directory=directory, fallback=fallback, check_dir=check_dir)

    def mount(self, path: str, app: ASGIApp, name: str | None = None) -> None:
        """Hand everything below *path* to another ASGI application.

        The lifespan of a mounted application runs within this one's.
        """
        self.router.mount(path, app=app, name=name)
        self.container.observers.reach_parts()

    def middleware(self, middleware_type: str) -> Callable[[Endpoint], Endpoint]:
        """Wrap every request in the decorated ``async (request, call_next) -> response``.

        *middleware_type* is ``"http"``.
        """

        def decorate(function: Endpoint) -> Endpoint:
            self.add_middleware(BaseHTTPMiddleware, dispatch=function)
            return function

        return decorate

    def exception_handler(
        self, exc_class_or_status_code: int | type[Exception]
    ) -> Callable[[Endpoint], Endpoint]:
        """Answer an exception, or a status of ``HTTPException``, with the decorated function."""

        def decorate(function: Endpoint) -> Endpoint:
            self.add_exception_handler(exc_class_or_status_code, function)
            return function

        return decorate

    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        """Call *func* at ``"startup"`` or ``"shutdown"``."""
        self.router.add_event_handler(event_type, func)

    @deprecated("on_event is deprecated, use a lifespan instead")
    def on_event(self, event_type: str) -> Callable[[Endpoint], Endpoint]:
        """Call the decorated function at ``"startup"`` or ``"shutdown"``; prefer a lifespan."""
        return self.router.on_event(event_type)  # pyright: ignore[reportDeprecated]


def _are_same(some: Sequence[object], others: Sequence[object]) -> bool:
    return len(some) == len(others) and all(map(operator.is_, some, others))


class FastAPI(App):
    """``App`` under the name and with the defaults of FastAPI, for programs moved over."""

    default_title = "FastAPI"


offer_names_elsewhere(__name__)
