"""The parts of a request that have spans: dependencies as a whole, endpoint, response, tasks."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace import Span
from starlette.requests import Request
from starlette.responses import Response

from tenure.errors import RejectedInputs
from tenure.graph.inputs import Reader
from tenure.graph.nodes import InputUse, Node
from tenure.graph.providers import Kind
from tenure.plan.runtime import Hooks
from tenure.web.bind.body import BodyPlan
from tenure.web.bind.exchange import Exchange
from tenure.web.bind.validation import NOTHING
from tenure.web.exceptions import EndpointContext, RequestValidationError
from tenure.web.telemetry.attributes import code_name
from tenure.web.telemetry.served import Served, mark_failed

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Operations", "end_dependencies"]


def _served_of(asgi_scope: Mapping[str, Any]) -> Served | None:
    return asgi_scope.get("tenure.telemetry")


class Operations:
    """Puts the spans of its parts around what an application compiles for its routes."""

    def around(
        self, endpoint: Callable[..., Any], hooks: Hooks, body_plan: BodyPlan | None
    ) -> tuple[Hooks, BodyPlan | None]:
        """*hooks* and *body_plan* of *endpoint*, with what tells of them."""
        name = code_name(endpoint)
        finish = hooks.finish
        around = replace(
            hooks,
            reader=partial(_reader, hooks.reader),
            reject=partial(_reject, hooks.reject),
            finish=partial(_finish, finish, name) if finish is not None else None,
            accompany=partial(_accompany, name),
        )
        return around, _BodyPlan(body_plan.fields) if body_plan is not None else None


def _accompany(name: str, exchange: Any) -> Callable[..., Any] | None:
    """Dependencies are about to be solved for the endpoint called *name*."""
    served = _served_of(exchange.asgi_scope)
    if served is None:
        return None
    served.note_route(exchange.asgi_scope)
    _note_connection(served, exchange)
    tracer = served.signals.tracer
    if tracer is not None and served.signals.operation_spans:
        served.operations = tracer.start_span(
            "fastapi.dependencies", served.context, attributes={"code.function.name": name}
        )
    return partial(_call_endpoint, served, name)


def _note_connection(served: Served, exchange: Exchange) -> None:
    data = served.data
    if data is None:
        return
    if not served.is_http:
        data.websocket = exchange.connection  # type: ignore[assignment]
        return
    data.request = exchange.connection  # type: ignore[assignment]

    def parse() -> Any:
        body = exchange.parsed_body()
        return None if body is NOTHING else body

    data.parse_body_later(parse)


def _call_endpoint(
    served: Served, name: str, node: Node, arguments: tuple[Any, ...], named: dict[str, Any]
) -> Any:
    """Call the endpoint, which *node* is; dependencies are solved."""
    if served.data is not None:
        names = [parameter.name for parameter in node.provider.parameters]
        served.data.values = {**dict(zip(names, arguments, strict=False)), **named}
        served.data.errors = []
    end_dependencies(served)
    kind = node.provider.kind
    if kind.opens:  # it has produced nothing when it was called
        return node.call(*arguments, **named)
    if kind is not Kind.COROUTINE:
        with _operation(served, "fastapi.endpoint", name):
            return node.call(*arguments, **named)
    made = node.call(*arguments, **named)
    return _awaited(served, name, made) if inspect.isawaitable(made) else made


async def _awaited(served: Served, name: str, made: Awaitable[Any]) -> Any:
    with _operation(served, "fastapi.endpoint", name):
        return await made


def end_dependencies(served: Served, error: BaseException | None = None) -> None:
    """No dependency is opened any more; *error* is why, unless all were."""
    span, served.operations = served.operations, None
    if span is not None:
        if error is not None:
            mark_failed(span, error)
        span.end()


def _finish(finish: Callable[[Any, Any], Any], name: str, exchange: Exchange, result: Any) -> Any:
    served = _served_of(exchange.asgi_scope)
    if served is None:
        return finish(exchange, result)
    if isinstance(result, Response) or hasattr(result, "__next__") or hasattr(result, "__anext__"):
        made = finish(exchange, result)
    else:
        with _operation(served, "fastapi.serialization", name):
            made = finish(exchange, result)
    if exchange.tasks is not None:
        exchange.tasks.around = partial(_run_task, served)
    return made


async def _run_task(served: Served, task: Callable[[], Awaitable[None]]) -> None:
    with _operation(served, "fastapi.background_task", code_name(getattr(task, "func", task))):
        await task()


@contextmanager
def _operation(served: Served, operation: str, name: str) -> Generator[None]:
    """A span that is the current one inside of the block, and ends with it."""
    tracer = served.signals.tracer
    if tracer is None or not served.signals.operation_spans:
        yield
        return
    span = tracer.start_span(operation, served.context, attributes={"code.function.name": name})
    with _current(span):
        try:
            yield
        except BaseException as error:
            mark_failed(span, error)
            raise
        finally:
            span.end()


@contextmanager
def _current(span: Span) -> Generator[None]:
    before = contexts.get_current()
    contexts.attach(trace.set_span_in_context(span, before))
    try:
        yield
    finally:
        # Not by the token: the code inside may have been left from another context.
        contexts.attach(before)


def _reader(make: Callable[[Sequence[InputUse]], Reader], uses: Sequence[InputUse]) -> Reader:
    read = make(uses)

    def told(exchange: Any) -> tuple[Any, ...]:
        try:
            return read(exchange)
        except RejectedInputs:
            raise
        except BaseException as error:
            served = _served_of(exchange.asgi_scope)
            if served is not None:
                end_dependencies(served, error)
            raise

    return told


def _reject(
    reject: Callable[[Any, Sequence[Any]], BaseException], exchange: Exchange, faults: Sequence[Any]
) -> BaseException:
    error = reject(exchange, faults)
    served = _served_of(exchange.asgi_scope)
    if served is not None:
        served.rejected(_errors_of(error))
        end_dependencies(served)
    return error


def _errors_of(error: Any) -> list[Any]:
    errors: list[Any] = list(error.errors()) if hasattr(error, "errors") else []
    return errors


class _BodyPlan(BodyPlan):
    """Tells of bodies that cannot be parsed, which no dependency is opened for."""

    async def load(
        self,
        request: Request,
        strict_content_type: bool = True,
        *,
        endpoint_context: EndpointContext | None = None,
    ) -> Any:
        try:
            return await super().load(
                request, strict_content_type, endpoint_context=endpoint_context
            )
        except RequestValidationError as error:
            _tell_of_body(request.scope, error, request)
            raise

    async def load_json(
        self,
        exchange: Exchange,
        strict_content_type: bool,
        endpoint_context: Callable[[], EndpointContext],
    ) -> None:
        try:
            await super().load_json(exchange, strict_content_type, endpoint_context)
        except RequestValidationError as error:
            _tell_of_body(exchange.asgi_scope, error, exchange.connection)
            raise


def _tell_of_body(
    asgi_scope: Mapping[str, Any], error: RequestValidationError, request: Any
) -> None:
    served = _served_of(asgi_scope)
    if served is None:
        return
    if served.data is not None:
        served.data.request = request
        served.data.body = error.body
    served.note_route(asgi_scope)
    served.rejected(_errors_of(error))
