"""API routes: an endpoint with its dependencies, served over HTTP or a WebSocket."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, WebSocketRoute, compile_path
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.container import run_program
from tenure.errors import Fault, GraphError
from tenure.graph.annotations import resolve, split_annotated
from tenure.graph.providers import EMPTY, Kind, provider_of
from tenure.plan.planner import Shape
from tenure.text.chains import draw_chain
from tenure.text.names import name_of, place_of
from tenure.web.app.options import (
    Inherited,
    RouteOptions,
    dependencies_of,
    is_set,
    options_of,
)
from tenure.web.app.programs import EndpointPrograms
from tenure.web.app.serving import answer_exception
from tenure.web.bind.binder import HttpBinder, context_of
from tenure.web.bind.body import BodyPlan
from tenure.web.bind.exchange import Exchange, HttpExchange, WebSocketExchange
from tenure.web.bind.forms import FormBody
from tenure.web.exceptions import (
    EndpointContext,
    FastAPIError,
    ResponseModelDeclarationError,
)
from tenure.web.params import Depends
from tenure.web.reply.model import ResponseModel
from tenure.web.reply.writer import Finish, deliver, finisher
from tenure.web.types import IncEx
from tenure.web.utils import generate_unique_id, is_body_allowed_for_status_code

__all__ = ["APIRoute", "APIWebSocketRoute"]

_HTTP = Shape(finishes=True, delivers=True)
_WEBSOCKET = Shape(may_swallow=True)


class APIRoute(Route):
    """A path operation: made by the decorators of applications and routers.

    Takes the keywords of ``RouteKeywords``; each is an attribute of the route as well. Raises
    ``GraphError`` with all faults of the endpoint's dependencies, unless the only ones are
    names that may still be defined; those are raised at startup.
    """

    response_model: Any
    status_code: int | None
    tags: list[str | Enum]
    dependencies: list[Depends]
    summary: str | None
    description: str
    response_description: str
    responses: dict[int | str, dict[str, Any]]
    deprecated: bool | None
    operation_id: str | None
    response_model_include: IncEx | None
    response_model_exclude: IncEx | None
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool
    include_in_schema: bool
    response_class: Any
    callbacks: list[BaseRoute]
    openapi_extra: dict[str, Any] | None
    generate_unique_id_function: Any
    strict_content_type: Any

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependency_overrides_provider: Any = None,
        **keywords: Any,
    ) -> None:
        if not callable(endpoint):
            msg = f"The endpoint of {path!r} is {endpoint!r}, which cannot be called"
            raise FastAPIError(msg)
        options = options_of(path, keywords).normalised()
        self.path = path
        self.endpoint = endpoint
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        for name in options.names():
            setattr(self, name, getattr(options, name))
        self.name: str = options.name or _name_of(endpoint)
        self.methods: set[str] = {method.upper() for method in options.methods or ["GET"]}
        self.description = _description_of(endpoint, options)
        self.response_model, self._unresolved = _response_model_of(endpoint, options)
        self.dependency_overrides_provider = dependency_overrides_provider
        make_id = options.generate_unique_id_function
        self.unique_id: str = options.operation_id or (
            make_id if is_set(make_id) else generate_unique_id
        )(self)
        self._options = options
        self._strict_content_type = options.strict_content_type is not False
        self._endpoint_context = _endpoint_context(endpoint, self.path_format)
        self._programs = self._make_programs()
        self._programs.check(names_may_follow=True)
        self.app = self._serve

    def _make_programs(self) -> EndpointPrograms:
        _refuse_generator(self.endpoint)
        names = frozenset(self.param_convertors)
        context = self._endpoint_context
        return EndpointPrograms(
            self.endpoint,
            self._options.dependencies or (),
            lambda: HttpBinder(names, endpoint_context=context),
            _HTTP,
            make_finish=self._make_finish,
            deliver=deliver,
        )

    def _make_finish(self) -> Finish:
        if self._unresolved:
            # Known at the latest when the application starts; else nothing would be filtered.
            self.response_model, self._unresolved = _response_model_of(self.endpoint, self._options)
        if self._unresolved:
            raise GraphError([_unresolved_return(self.endpoint, self._unresolved)])
        context = self._endpoint_context
        return finisher(self._options, self._model(), lambda each: context_of(context, each))

    def _model(self) -> ResponseModel | None:
        if self.response_model is None:
            return None
        options = self._options
        if not is_body_allowed_for_status_code(options.status_code):
            raise FastAPIError(
                f"Status code {options.status_code} must not have a response body, but "
                f"{name_of(self.endpoint)} ({place_of(self.endpoint)}) has a response model. "
                "Write response_model=None."
            )
        try:
            return ResponseModel(
                self.response_model,
                include=options.response_model_include,
                exclude=options.response_model_exclude,
                by_alias=options.response_model_by_alias,
                exclude_unset=options.response_model_exclude_unset,
                exclude_defaults=options.response_model_exclude_defaults,
                exclude_none=options.response_model_exclude_none,
            )
        except ResponseModelDeclarationError as error:
            place = f"{name_of(self.endpoint)} ({place_of(self.endpoint)})"
            raise ResponseModelDeclarationError(f"{error}\nEndpoint: {place}") from error

    def matches(self, scope: AsgiScope) -> tuple[Match, AsgiScope]:
        """As Starlette's, with the route itself for middleware to see."""
        match, child_scope = super().matches(scope)
        if match is not Match.NONE:
            child_scope["route"] = self
        return match, child_scope

    def check(self) -> None:
        """Raise what is wrong with the dependencies; at startup, when all names are known."""
        self._programs.check(names_may_follow=False)

    def check_override(
        self, original: Callable[..., Any], overrides: Mapping[Callable[..., Any], Any]
    ) -> None:
        """Raise what would be wrong here with *overrides*, of which *original*'s is new."""
        self._programs.check_override(original, overrides)

    def explain(self) -> str:
        """The source of the function that serves this route."""
        return self._programs.current(None).program.source

    def under(self, inherited: Inherited) -> APIRoute:
        """The route as it answers where its router is included."""
        current = {name: getattr(self, name) for name in self._options.names()}
        path, options = inherited.applied_to(self.path, RouteOptions(**current))
        return type(self)(
            path,
            self.endpoint,
            dependency_overrides_provider=inherited.overrides_provider,
            **{name: getattr(options, name) for name in options.names()},
        )

    async def _serve(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        exchange = HttpExchange(asgi_scope, receive, send)
        try:
            await self._run(exchange)
        except Exception as error:  # handlers are looked up for every class
            # A disconnect is for the dependencies; nobody else can be told any more.
            if error is not exchange.disconnect and not await answer_exception(exchange, error):
                raise
        finally:
            if isinstance(exchange.body, FormBody):
                await exchange.body.close()

    async def _run(self, exchange: HttpExchange) -> None:
        program, body_plan = self._programs.current(_overrides(self, exchange))
        if body_plan is not None:
            await self._load(exchange, body_plan)
        await run_program(program, exchange)

    async def _load(self, exchange: HttpExchange, body_plan: BodyPlan) -> None:
        exchange.body = await body_plan.load(
            exchange.request,
            self._strict_content_type,
            endpoint_context=context_of(self._endpoint_context, exchange),
        )


class APIWebSocketRoute(WebSocketRoute):
    """A WebSocket endpoint with dependencies; closed over when the endpoint returns."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        name: str | None = None,
        dependencies: Sequence[Depends] | None = None,
        dependency_overrides_provider: Any = None,
    ) -> None:
        self.path = path
        self.endpoint = endpoint
        self.name: str = name or _name_of(endpoint)
        self.dependencies = dependencies_of(dependencies)
        self.dependency_overrides_provider = dependency_overrides_provider
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        _refuse_generator(endpoint)
        _require_coroutine(endpoint)
        names, context = frozenset(self.param_convertors), _endpoint_context(endpoint, path)
        self._programs = EndpointPrograms(
            endpoint,
            self.dependencies,
            lambda: HttpBinder(names, is_websocket=True, endpoint_context=context),
            _WEBSOCKET,
        )
        self._programs.check(names_may_follow=True)
        self.app = self._serve

    def matches(self, scope: AsgiScope) -> tuple[Match, AsgiScope]:
        """As Starlette's, with the route itself for middleware to see."""
        match, child_scope = super().matches(scope)
        if match is not Match.NONE:
            child_scope["route"] = self
        return match, child_scope

    def check(self) -> None:
        """Raise what is wrong with the dependencies; at startup, when all names are known."""
        self._programs.check(names_may_follow=False)

    def check_override(
        self, original: Callable[..., Any], overrides: Mapping[Callable[..., Any], Any]
    ) -> None:
        """Raise what would be wrong here with *overrides*, of which *original*'s is new."""
        self._programs.check_override(original, overrides)

    def explain(self) -> str:
        """The source of the function that serves this route."""
        return self._programs.current(None).program.source

    def under(self, inherited: Inherited) -> APIWebSocketRoute:
        """The route as it answers where its router is included."""
        return type(self)(
            inherited.prefix + self.path,
            self.endpoint,
            name=self.name,
            dependencies=[*inherited.dependencies, *self.dependencies],
            dependency_overrides_provider=inherited.overrides_provider,
        )

    async def _serve(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        exchange: Exchange = WebSocketExchange(asgi_scope, receive, send)
        try:
            compiled = self._programs.current(_overrides(self, exchange))
            await run_program(compiled.program, exchange)
        except Exception as error:  # handlers are looked up for every class
            if not await answer_exception(exchange, error):
                raise


def _overrides(route: APIRoute | APIWebSocketRoute, exchange: Exchange) -> Any:
    """Those of the route's application, or else of the application that it is mounted in."""
    provider = route.dependency_overrides_provider
    own = provider.dependency_overrides if provider is not None else None
    return own or exchange.asgi_scope.get("tenure.overrides")


def _name_of(endpoint: Callable[..., Any]) -> str:
    name: str = getattr(endpoint, "__name__", type(endpoint).__name__)
    return name


def _description_of(endpoint: Callable[..., Any], options: RouteOptions) -> str:
    text = options.description or inspect.cleandoc(endpoint.__doc__ or "")
    return text.split("\f")[0].strip()


def _response_model_of(
    endpoint: Callable[..., Any], options: RouteOptions
) -> tuple[Any, tuple[str, ...]]:
    """What is declared, or the return annotation where it is the type of a JSON value.

    Also the names in the annotation that are not known yet.
    """
    if is_set(options.response_model):
        return options.response_model, ()
    annotation = inspect.signature(endpoint).return_annotation
    if annotation is EMPTY:
        return None, ()
    resolution = resolve(annotation, inspect.unwrap(endpoint))
    if resolution.missing or resolution.problem:
        return None, resolution.missing or (resolution.problem,)
    inner, _ = split_annotated(resolution.annotation)
    if isinstance(inner, type) and issubclass(inner, Response):
        return None, ()
    return resolution.annotation, ()


def _unresolved_return(endpoint: Callable[..., Any], names: tuple[str, ...]) -> Fault:
    return Fault(
        "unresolved",
        f"The return annotation of {name_of(endpoint)} ({place_of(endpoint)}) cannot be resolved: "
        f"{', '.join(names)} is not known.",
        draw_chain([endpoint]),
        "import or define the name at module level, or write response_model=None to send what is "
        "returned as it is",
    )


def _endpoint_context(endpoint: Callable[..., Any], path: str) -> EndpointContext:
    file, _, line = place_of(endpoint).rpartition(":")
    context: EndpointContext = {"path": path, "function": getattr(endpoint, "__name__", "")}
    if line.isdigit():
        context |= {"file": file, "line": int(line)}
    return context


def _refuse_generator(endpoint: Callable[..., Any]) -> None:
    if provider_of(endpoint).kind.opens:
        raise GraphError(
            [
                Fault(
                    "endpoint",
                    f"The endpoint {name_of(endpoint)} ({place_of(endpoint)}) yields.",
                    draw_chain([endpoint]),
                    "return a StreamingResponse of the generator",
                )
            ]
        )


def _require_coroutine(endpoint: Callable[..., Any]) -> None:
    if provider_of(endpoint).kind is not Kind.COROUTINE:
        raise GraphError(
            [
                Fault(
                    "endpoint",
                    f"The WebSocket endpoint {name_of(endpoint)} ({place_of(endpoint)}) is not "
                    "async.",
                    draw_chain([endpoint]),
                    "write async def",
                )
            ]
        )
