"""The application: a router behind middleware and exception handlers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar, Unpack

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

from tenure.web.app.core import Core
from tenure.web.app.options import UNSET, RouteKeywords
from tenure.web.app.overrides import DependencyOverrides
from tenure.web.app.verbs import Verbs
from tenure.web.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from tenure.web.exceptions import RequestValidationError, WebSocketRequestValidationError
from tenure.web.params import Depends
from tenure.web.routing import APIRoute, APIRouter

__all__ = ["App", "FastAPI"]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class App(Verbs, Starlette):
    """An ASGI application made of path operations.

    Takes the arguments of ``fastapi.FastAPI``. Those that describe the API (``title``,
    ``version`` and so on) are attributes.
    """

    default_title = "Tenure"

    def __init__(
        self,
        *,
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
        default_response_class: type[Response] = UNSET,
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
        generate_unique_id_function: Callable[[APIRoute], str] = UNSET,
        separate_input_output_schemas: bool = True,
        strict_content_type: bool = UNSET,
    ) -> None:
        self.debug = debug
        self.title = title or self.default_title
        self.summary = summary
        self.description = description
        self.version = version
        self.openapi_url = openapi_url
        self.openapi_tags = openapi_tags
        self.openapi_external_docs = openapi_external_docs
        self.servers = servers or []
        self.docs_url = docs_url
        self.redoc_url = redoc_url
        self.swagger_ui_oauth2_redirect_url = swagger_ui_oauth2_redirect_url
        self.swagger_ui_init_oauth = swagger_ui_init_oauth
        self.swagger_ui_parameters = swagger_ui_parameters
        self.terms_of_service = terms_of_service
        self.contact = contact
        self.license_info = license_info
        self.root_path = root_path
        self.root_path_in_servers = root_path_in_servers
        self.separate_input_output_schemas = separate_input_output_schemas
        self.webhooks = webhooks or APIRouter()
        self.state = State()
        self._overrides = DependencyOverrides(self._check_override)
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
        )
        self.max_body_size: int | None = None
        self.exception_handlers: dict[Any, Callable[..., Any]] = {
            HTTPException: http_exception_handler,
            RequestValidationError: request_validation_exception_handler,
            WebSocketRequestValidationError: websocket_request_validation_exception_handler,
            **(exception_handlers or {}),
        }
        self.user_middleware = list(middleware or [])
        self.middleware_stack: ASGIApp | None = None

    def build_middleware_stack(self) -> ASGIApp:
        """What a request goes through; without middleware of the user's, one layer."""
        if self.user_middleware or self.max_body_size is not None:
            return super().build_middleware_stack()
        return Core(self.router.app, self.exception_handlers, debug=self.debug)

    @property
    def dependency_overrides(self) -> dict[Callable[..., Any], Callable[..., Any]]:
        """What is called in place of what, for tests: ``{get_session: fake_session}``.

        Holds for every route, included routers too, and for mounted applications that set none
        of their own. What is wrong with an override is raised when it is set.
        """
        return self._overrides

    @dependency_overrides.setter
    def dependency_overrides(
        self, overrides: Mapping[Callable[..., Any], Callable[..., Any]]
    ) -> None:
        self._overrides = DependencyOverrides(self._check_override)
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
        await super().__call__(scope, receive, send)

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
    ) -> None:
        """Serve WebSockets at *path* with *endpoint*."""
        self.router.add_api_websocket_route(path, endpoint, name, dependencies=dependencies)

    def websocket(
        self,
        path: str,
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
    ) -> Callable[[Endpoint], Endpoint]:
        """Serve WebSockets at *path* with the decorated function."""
        return self.router.websocket(path, name, dependencies=dependencies)

    def route(
        self,
        path: str,
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> Callable[[Endpoint], Endpoint]:
        """Serve *path* with a plain function of the request: Starlette's own kind of route."""
        return self.router.route(path, methods, name, include_in_schema)

    def websocket_route(self, path: str, name: str | None = None) -> Callable[[Endpoint], Endpoint]:
        """Serve WebSockets with a plain function: Starlette's own kind of route."""
        return self.router.websocket_route(path, name)

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
        default_response_class: type[Response] = UNSET,
        callbacks: list[BaseRoute] | None = None,
        generate_unique_id_function: Callable[[APIRoute], str] = UNSET,
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

    def mount(self, path: str, app: ASGIApp, name: str | None = None) -> None:
        """Hand everything below *path* to another ASGI application.

        The lifespan of a mounted application runs within this one's.
        """
        self.router.mount(path, app=app, name=name)

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


class FastAPI(App):
    """``App`` under the name and with the defaults of FastAPI, for programs moved over."""

    default_title = "FastAPI"
