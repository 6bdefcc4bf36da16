"""What can be known of an endpoint when its route is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from tenure.errors import Fault, GraphError
from tenure.graph.annotations import resolve, split_annotated
from tenure.graph.providers import EMPTY, Kind, provider_of
from tenure.text.chains import draw_chain
from tenure.text.names import name_of, place_of
from tenure.web.app.options import (
    RouteOptions,
    is_set,
)
from tenure.web.bind.exchange import Exchange
from tenure.web.exceptions import (
    EndpointContext,
)

__all__ = [
    "description_of",
    "endpoint_context",
    "overrides_for",
    "refuse_generator",
    "require_coroutine",
    "response_model_of",
    "route_name_of",
    "unresolved_return",
]


def overrides_for(provider: Any, exchange: Exchange) -> Any:
    """Those of the route's application, or else of the application that it is mounted in."""
    own = provider.dependency_overrides if provider is not None else None
    return own or exchange.asgi_scope.get("tenure.overrides")


def route_name_of(endpoint: Callable[..., Any]) -> str:
    """The name of a route that was given none: the endpoint's."""
    name: str = getattr(endpoint, "__name__", type(endpoint).__name__)
    return name


def description_of(endpoint: Callable[..., Any], options: RouteOptions) -> str:
    """What is declared, or the docstring up to a form feed."""
    text = options.description or inspect.cleandoc(endpoint.__doc__ or "")
    return text.split("\f")[0].strip()


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


def refuse_generator(endpoint: Callable[..., Any]) -> None:
    """Raise ``GraphError`` for an endpoint that yields."""
    if provider_of(endpoint, is_new=True).kind.opens:
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


def require_coroutine(endpoint: Callable[..., Any]) -> None:
    """Raise ``GraphError`` for a WebSocket endpoint that is not async."""
    if provider_of(endpoint, is_new=True).kind is not Kind.COROUTINE:
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
