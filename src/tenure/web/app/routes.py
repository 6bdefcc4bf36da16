"""API routes: an endpoint with its dependencies, served over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Any, Unpack

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, compile_path
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.container import Program, run_around, run_program
from tenure.errors import DeclarationError, GraphError
from tenure.plan.planner import Shape
from tenure.text.names import name_of, place_of
from tenure.web.app.changes import changes
from tenure.web.app.companions import companion_of
from tenure.web.app.described import Described
from tenure.web.app.endpoints import (
    check_responses,
    description_of,
    endpoint_context,
    overrides_for,
    route_name_of,
    unresolved_return,
)
from tenure.web.app.leaving import deliver_if_there, run_while_there
from tenure.web.app.limits import checked_limit, limit_body
from tenure.web.app.options import (
    UNSET,
    Inherited,
    RouteKeywords,
    RouteOptions,
    is_set,
    options_of,
    route_keywords,
)
from tenure.web.app.programs import EndpointPrograms
from tenure.web.app.serving import answer_exception
from tenure.web.app.starting import application_for, observers_of, shape_for
from tenure.web.app.streams import ItemType, models_of, stream_kind_of
from tenure.web.bind.binder import HttpBinder, context_of
from tenure.web.bind.body import BodyPlan
from tenure.web.bind.exchange import Exchange, HttpExchange
from tenure.web.bind.forms import FormBody
from tenure.web.exceptions import EndpointContext, ResponseModelDeclarationError
from tenure.web.params import Depends
from tenure.web.reply.ending import status_of
from tenure.web.reply.model import ResponseModel
from tenure.web.reply.producing import StreamKind, stream_finisher
from tenure.web.reply.streaming import close_produced, deliver_produced
from tenure.web.reply.tasks import raise_failures
from tenure.web.reply.writer import Deliver, Finish, deliverer, finisher
from tenure.web.types import IncEx
from tenure.web.utils import generate_unique_id, is_body_allowed_for_status_code

__all__ = ["APIRoute"]

_Detour = Callable[[HttpExchange, Program, BodyPlan | None], Awaitable[None]]
"""What a route does around its program."""

_HTTP = Shape(finishes=True, delivers=True)
_HTTP_IN_PLACE = Shape(finishes=True, delivers=True, in_thread=False)


class APIRoute(Described, Route):
    """A path operation: made by the decorators of applications and routers.

    Takes the keywords of ``RouteKeywords``; each is an attribute of the route as well. Raises
    ``GraphError`` with all faults of the endpoint's dependencies, unless the only ones are
    names that may still be defined; those are raised at startup.
    """

    response_model: Any
    stream_item_type: Any
    """Of an endpoint that yields: the type of each item; None where they are not checked."""
    is_json_stream: bool
    """Whether the endpoint yields, and each item is sent as a line of JSON."""
    is_sse_stream: bool
    """Whether the endpoint yields, and each item is sent as a server-sent event."""
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
    cancel_on_disconnect: Any
    max_body_size: Any
    in_thread: bool
    revision = 0
    """How often it was changed after it was declared."""
    _handler: Callable[[Request], Awaitable[Response]] | None = None
    """Around every request; None for the usual one."""

    @route_keywords
    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        dependency_overrides_provider: Any = None,
        **keywords: Unpack[RouteKeywords],
    ) -> None:
        if not callable(endpoint):
            msg = f"The endpoint of {path!r} is {endpoint!r}, which cannot be called"
            raise DeclarationError(msg)
        options = options_of(path, {"methods": methods, **keywords}).normalised()
        self.path = path
        self.endpoint = endpoint
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        for name in options.names():
            setattr(self, name, getattr(options, name))
        self.name: str = options.name or route_name_of(endpoint)
        self.methods: set[str] = {method.upper() for method in options.methods or ["GET"]}
        self.description = description_of(endpoint, options)
        self._stream_kind = stream_kind_of(endpoint, options)
        self.is_json_stream = self._stream_kind is StreamKind.LINES
        self.is_sse_stream = self._stream_kind is StreamKind.EVENTS
        self._options = options
        check_responses(endpoint, self.responses)
        self._read_models()
        self.dependency_overrides_provider = dependency_overrides_provider
        make_id = options.generate_unique_id_function
        self.unique_id: str = options.operation_id or (
            make_id if is_set(make_id) else generate_unique_id
        )(self)
        self._strict_content_type = options.strict_content_type is not False
        self.endpoint_context: EndpointContext = endpoint_context(endpoint, self.path_format)
        self._programs = self._make_programs()
        self._programs.check(names_may_follow=True)
        if self._has_own_handler():
            self._handler = self.get_route_handler()
        # Most routes need nothing around what they run, and go without the detour.
        self._detour = self._make_detour()
        self.app = self.own_app = self._serve

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        """The function from a request to its response; override it to wrap every request.

        What it is around: the body, the dependencies, the endpoint and the making of the
        response. It sees their exceptions before any dependency does; their exits and the
        sending come after it. A subclass of ``Request`` may be passed on.
        """
        return _handle_inner

    def _make_detour(self) -> _Detour | None:
        options = self._options
        detour: _Detour | None = None
        if self._handler is not None:
            detour = partial(self._run_inside, self._handler)
        if options.cancel_on_disconnect:
            detour = partial(self._run_while_there, detour)
        if is_set(options.max_body_size):
            detour = partial(self._run_limited, detour, checked_limit(options.max_body_size))
        return detour

    def handle_with(self, handler: Callable[[Request], Awaitable[Response]]) -> None:
        """Wrap every request from now on, with what ``get_route_handler`` would return."""
        around = None if handler is _handle_inner else handler
        if around is not self._handler:
            self._handler = around
            self.renew()

    def renew(self) -> None:
        """Read ``dependencies`` again, to which one was added; raises ``GraphError``."""
        self._options = replace(self._options, dependencies=self.dependencies)
        self._programs = self._make_programs()
        self._programs.check(names_may_follow=True)
        self._detour = self._make_detour()
        self.revision += 1
        changes.count += 1

    def _has_own_handler(self) -> bool:
        is_own = type(self).get_route_handler is not APIRoute.get_route_handler
        return is_own or self._handler is not None

    def _make_programs(self) -> EndpointPrograms:
        names = frozenset(self.param_convertors)
        context = self.endpoint_context
        return EndpointPrograms(
            self.endpoint,
            self._options.dependencies or (),
            lambda: HttpBinder(names, endpoint_context=context),
            shape_for(
                _HTTP if self._options.in_thread else _HTTP_IN_PLACE,
                self.dependency_overrides_provider,
            ),
            make_finish=self._make_finish,
            status_of=partial(status_of, self._options.status_code or 200),
            application=application_for(self.dependency_overrides_provider),
            observers=observers_of(self.dependency_overrides_provider),
            companion=companion_of(self.dependency_overrides_provider),
            deliver=self._make_deliver(),
        )

    def _make_deliver(self) -> Deliver:
        deliver: Deliver = deliver_produced
        if self._stream_kind is None:
            deliver = deliverer(self._options.status_code)
        return deliver_if_there(deliver) if self._options.cancel_on_disconnect else deliver

    def _read_models(self) -> None:
        self.response_model, self.stream_item_type, self._unresolved = models_of(
            self.endpoint, self._options, self._stream_kind
        )

    def _make_finish(self) -> Finish:
        if self._unresolved:
            # Known at the latest when the application starts; else nothing would be filtered.
            self._read_models()
        if self._unresolved:
            raise GraphError([unresolved_return(self.endpoint, self._unresolved)])
        self._check_status()
        kind, context = self._stream_kind, self._context_of
        if kind is not None:
            return stream_finisher(kind, self._options, self._model(self.stream_item_type), context)
        return finisher(
            self._options,
            self._model(self.response_model),
            context,
            makes_responses=self._has_own_handler(),
        )

    def _check_status(self) -> None:
        status = self._options.status_code
        if self.response_model is not None and not is_body_allowed_for_status_code(status):
            raise DeclarationError(
                f"Status code {status} must not have a response body, but "
                f"{name_of(self.endpoint)} ({place_of(self.endpoint)}) has a response model. "
                "Write response_model=None."
            )

    def _model(self, annotation: Any) -> ResponseModel | None:
        if annotation is None:
            return None
        options = self._options
        try:
            return ResponseModel(
                annotation,
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

    def under(self, inherited: Inherited) -> APIRoute:
        """The route as it answers where its router is included."""
        current = {name: getattr(self, name) for name in self._options.names()}
        if self._unresolved:
            current["response_model"] = UNSET  # still to be read from the annotation
        elif self.stream_item_type is not None:
            current["response_model"] = ItemType(self.stream_item_type)
        path, options = inherited.applied_to(self.path, RouteOptions(**current))
        return type(self)(
            path,
            self.endpoint,
            dependency_overrides_provider=inherited.overrides_provider,
            **{name: getattr(options, name) for name in options.names()},
        )

    def serves_as_declared(self) -> bool:
        """Whether nothing of a subclass decides what matches, or is around a request."""
        kind = type(self)
        return (
            self._handler is None
            and kind.matches is APIRoute.matches
            and kind.handle is APIRoute.handle
            and kind._serve is APIRoute._serve  # noqa: SLF001
        )

    async def _serve(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        exchange = HttpExchange(asgi_scope, receive, send)
        try:
            await self.run(exchange)
            raise_failures(exchange)
        except Exception as error:  # handlers are looked up for every class
            # A disconnect is for the dependencies; nobody else can be told any more.
            if error is not exchange.disconnect and not await answer_exception(exchange, error):
                raise
        finally:
            if isinstance(exchange.body, FormBody):
                await exchange.body.close()

    def run(self, exchange: HttpExchange) -> Awaitable[Any]:
        """Serve *exchange*; what is raised, and the closing of a form, are up to the caller."""
        program, body_plan = self._programs.current(
            overrides_for(self.dependency_overrides_provider, exchange.asgi_scope)
        )
        if self._detour is not None:
            return self._detour(exchange, program, body_plan)
        if body_plan is not None:
            return self._run_with_body(exchange, program, body_plan)
        return run_program(program, exchange)

    async def _run_limited(
        self,
        inner: _Detour | None,
        limit: int | None,
        exchange: HttpExchange,
        program: Program,
        body_plan: BodyPlan | None,
    ) -> None:
        limit_body(exchange, limit)
        if inner is not None:
            await inner(exchange, program, body_plan)
        elif body_plan is not None:
            await self._run_with_body(exchange, program, body_plan)
        else:
            await run_program(program, exchange)

    async def _run_while_there(
        self,
        inner: _Detour | None,
        exchange: HttpExchange,
        program: Program,
        body_plan: BodyPlan | None,
    ) -> None:
        if inner is not None:
            await run_while_there(exchange, partial(inner, exchange, program, body_plan))
            return
        if body_plan is not None:
            await self._load(exchange, body_plan)
        await run_while_there(exchange, partial(run_program, program, exchange))

    async def _run_with_body(
        self, exchange: HttpExchange, program: Program, body_plan: BodyPlan
    ) -> None:
        await self._load(exchange, body_plan)
        await run_program(program, exchange)

    async def _run_inside(
        self,
        handler: Callable[[Request], Awaitable[Response]],
        exchange: HttpExchange,
        program: Program,
        body_plan: BodyPlan | None,
    ) -> None:
        async def around(solve: Callable[[], Awaitable[Any]]) -> Response:
            async def inner() -> Any:
                if body_plan is not None:
                    await self._load(exchange, body_plan)
                return await solve()

            exchange.inner = inner
            exchange.asgi_scope["tenure.exchange"] = exchange
            try:
                return await handler(exchange.connection)
            except BaseException:
                await close_produced(exchange)  # it may have been begun
                raise
            finally:
                del exchange.inner, exchange.asgi_scope["tenure.exchange"]

        await run_around(program, exchange, around)

    async def _load(self, exchange: HttpExchange, body_plan: BodyPlan) -> None:
        strict = self._strict_content_type
        if not (exchange.has_connection or body_plan.is_form):
            await body_plan.load_json(exchange, strict, partial(self._context_of, exchange))
            return
        context = self._context_of(exchange)
        exchange.body = await body_plan.load(exchange.connection, strict, endpoint_context=context)

    def _context_of(self, exchange: Exchange) -> EndpointContext:
        return context_of(self.endpoint_context, exchange)


async def _handle_inner(request: Request) -> Response:
    exchange: HttpExchange = request.scope["tenure.exchange"]
    exchange.connection = request
    response: Response = await exchange.inner()
    return response
