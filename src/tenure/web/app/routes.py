"""API routes: an endpoint with its dependencies, served over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, compile_path
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.container import Program, run_around, run_program
from tenure.errors import GraphError
from tenure.plan.planner import Shape
from tenure.text.names import name_of, place_of
from tenure.web.app.endpoints import (
    description_of,
    endpoint_context,
    overrides_for,
    refuse_generator,
    response_model_of,
    route_name_of,
    unresolved_return,
)
from tenure.web.app.options import (
    UNSET,
    Inherited,
    RouteOptions,
    is_set,
    options_of,
)
from tenure.web.app.programmed import Programmed
from tenure.web.app.programs import EndpointPrograms
from tenure.web.app.serving import answer_exception
from tenure.web.bind.binder import HttpBinder, context_of
from tenure.web.bind.body import BodyPlan
from tenure.web.bind.exchange import HttpExchange
from tenure.web.bind.forms import FormBody
from tenure.web.exceptions import (
    FastAPIError,
    ResponseModelDeclarationError,
)
from tenure.web.params import Depends
from tenure.web.reply.model import ResponseModel
from tenure.web.reply.writer import Finish, deliver, finisher
from tenure.web.types import IncEx
from tenure.web.utils import generate_unique_id, is_body_allowed_for_status_code

__all__ = ["APIRoute"]

_HTTP = Shape(finishes=True, delivers=True)


class APIRoute(Programmed, Route):
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
        self.name: str = options.name or route_name_of(endpoint)
        self.methods: set[str] = {method.upper() for method in options.methods or ["GET"]}
        self.description = description_of(endpoint, options)
        self.response_model, self._unresolved = response_model_of(endpoint, options)
        self.dependency_overrides_provider = dependency_overrides_provider
        make_id = options.generate_unique_id_function
        self.unique_id: str = options.operation_id or (
            make_id if is_set(make_id) else generate_unique_id
        )(self)
        self._options = options
        self._strict_content_type = options.strict_content_type is not False
        self.endpoint_context = endpoint_context(endpoint, self.path_format)
        self._programs = self._make_programs()
        self._programs.check(names_may_follow=True)
        # Most routes have no handler of their own, and go without the detour.
        is_own = type(self).get_route_handler is not APIRoute.get_route_handler
        self._handler = self.get_route_handler() if is_own else None
        self.app = self._serve

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        """The function from a request to its response; override it to wrap every request.

        What it is around: the body, the dependencies, the endpoint and the making of the
        response. It sees their exceptions before any dependency does; their exits and the
        sending come after it. A subclass of ``Request`` may be passed on.
        """
        return _handle_inner

    def _make_programs(self) -> EndpointPrograms:
        refuse_generator(self.endpoint)
        names = frozenset(self.param_convertors)
        context = self.endpoint_context
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
            self.response_model, self._unresolved = response_model_of(self.endpoint, self._options)
        if self._unresolved:
            raise GraphError([unresolved_return(self.endpoint, self._unresolved)])
        context = self.endpoint_context
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

    def under(self, inherited: Inherited) -> APIRoute:
        """The route as it answers where its router is included."""
        current = {name: getattr(self, name) for name in self._options.names()}
        if self._unresolved:
            current["response_model"] = UNSET  # still to be read from the annotation
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
        program, body_plan = self._programs.current(
            overrides_for(self.dependency_overrides_provider, exchange)
        )
        if self._handler is not None:
            await self._run_inside(self._handler, exchange, program, body_plan)
            return
        if body_plan is not None:
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
            finally:
                del exchange.inner, exchange.asgi_scope["tenure.exchange"]

        await run_around(program, exchange, around)

    async def _load(self, exchange: HttpExchange, body_plan: BodyPlan) -> None:
        exchange.body = await body_plan.load(
            exchange.connection,
            self._strict_content_type,
            endpoint_context=context_of(self.endpoint_context, exchange),
        )


async def _handle_inner(request: Request) -> Response:
    exchange: HttpExchange = request.scope["tenure.exchange"]
    exchange.connection = request
    response: Response = await exchange.inner()
    return response
