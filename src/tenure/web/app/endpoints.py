"""What can be known of an endpoint when its route is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from starlette.responses import Response

from tenure.container import Container
from tenure.container.overriding import OverrideMap, used
from tenure.errors import DeclarationError, Fault, GraphError
from tenure.graph.annotations import resolve, split_annotated
from tenure.graph.providers import EMPTY, Kind, provider_of
from tenure.text.chains import draw_chain
from tenure.text.names import name_of, place_of
from tenure.web.app.options import (
    RouteOptions,
    is_set,
)
from tenure.web.exceptions import (
    EndpointContext,
    ResponseModelDeclarationError,
)
from tenure.web.reply.model import ResponseModel
from tenure.web.utils import is_body_allowed_for_status_code

__all__ = [
    "check_responses",
    "description_of",
    "endpoint_context",
    "note_overrides",
    "overrides_for",
    "require_coroutine",
    "response_model_of",
    "route_name_of",
    "unresolved_return",
]


def overrides_for(provider: Any, asgi_scope: Mapping[str, Any]) -> Any:
    """Those of the route's application, or else of the application that it is mounted in.

    Those of the context that the application was called in come before both.
    """
    own = provider.dependency_overrides if provider is not None else None
    found = own or asgi_scope.get("tenure.overrides")
    if used:
        of_context: OverrideMap | None = asgi_scope.get("tenure.context_overrides")
        if of_context:
            return of_context.over(found)
    return found


def note_overrides(container: Container, asgi_scope: MutableMapping[str, Any]) -> None:
    """Let routes find the overrides of *container* that hold in this context."""
    current = container.overriding.of_context()
    if current is not None:
        outer = asgi_scope.get("tenure.context_overrides")
        asgi_scope["tenure.context_overrides"] = current.over(outer)


def route_name_of(endpoint: Callable[..., Any]) -> str:
    """The name of a route that was given none: the endpoint's."""
    name: str = getattr(endpoint, "__name__", type(endpoint).__name__)
    return name


def description_of(endpoint: Callable[..., Any], options: RouteOptions) -> str:
    """What is declared, or the docstring up to a form feed."""
    text = options.description or inspect.cleandoc(endpoint.__doc__ or "")
    return text.split("\f")[0].strip()


def check_responses(endpoint: Callable[..., Any], responses: Mapping[Any, Any]) -> None:
    """Raise ``DeclarationError`` for an additional response that no document could hold."""
    for status, response in responses.items():
        fault = _fault_of_response(status, response)
        if fault:
            place = f"{name_of(endpoint)} ({place_of(endpoint)})"
            raise DeclarationError(f"responses={{{status!r}: ...}} of {place}: {fault}")
        if response.get("model"):
            _check_model(endpoint, status, response["model"])


def _check_model(endpoint: Callable[..., Any], status: Any, model: Any) -> None:
    try:
        ResponseModel(model)
    except ResponseModelDeclarationError as error:
        place = f"{name_of(endpoint)} ({place_of(endpoint)})"
        raise ResponseModelDeclarationError(
            f"responses={{{status!r}: ...}} of {place}: {error}"
        ) from error


def _fault_of_response(status: Any, response: Any) -> str:
    word = str(status).upper()
    if not word.isdecimal() and word not in _RANGES:
        return "write a status code, a range such as '4XX', or 'default'"
    if not isinstance(response, dict):
        return f"{response!r} is not a dict: write {{'description': ...}} or {{'model': ...}}"
    if response.get("model") and word.isdecimal() and not is_body_allowed_for_status_code(word):
        return "a response of this status has no body, so it has no model"
    return ""


_RANGES = frozenset({"DEFAULT", "1XX", "2XX", "3XX", "4XX", "5XX"})


def response_model_of(
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
    resolution = resolve(annotation, inspect.unwrap(endpoint), is_new=True)
    if resolution.missing or resolution.problem:
        return None, resolution.missing or (resolution.problem,)
    inner, _ = split_annotated(resolution.annotation)
    if isinstance(inner, type) and issubclass(inner, Response):
        return None, ()
    return resolution.annotation, ()


def unresolved_return(endpoint: Callable[..., Any], names: tuple[str, ...]) -> Fault:
    """The fault of a return annotation that nobody knows when the application starts."""
    return Fault(
        "unresolved",
        f"The return annotation of {name_of(endpoint)} ({place_of(endpoint)}) cannot be resolved: "
        f"{', '.join(names)} is not known.",
        draw_chain([endpoint]),
        "import or define the name at module level, or write response_model=None to send what is "
        "returned as it is",
    )


def endpoint_context(endpoint: Callable[..., Any], path: str) -> EndpointContext:
    """What validation errors say of the endpoint to the developer."""
    file, _, line = place_of(endpoint).rpartition(":")
    context: EndpointContext = {"path": path, "function": getattr(endpoint, "__name__", "")}
    if line.isdigit():
        context |= {"file": file, "line": int(line)}
    return context


def require_coroutine(endpoint: Callable[..., Any]) -> None:
    """Raise ``GraphError`` for a WebSocket endpoint that is not an ``async def`` function."""
    kind = provider_of(endpoint, is_new=True).kind
    if kind is Kind.COROUTINE:
        return
    does, hint = "is not async", "write async def"
    if kind.opens:
        does, hint = "yields", "send what it yields with the methods of the WebSocket"
    raise GraphError(
        [
            Fault(
                "endpoint",
                f"The WebSocket endpoint {name_of(endpoint)} ({place_of(endpoint)}) {does}.",
                draw_chain([endpoint]),
                hint,
            )
        ]
    )
