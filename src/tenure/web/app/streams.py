"""What can be known of an endpoint that yields when its route is declared."""

from __future__ import annotations

import collections.abc
from collections.abc import Callable
from typing import Any, NamedTuple, get_args, get_origin

from starlette.responses import Response

from tenure.graph.annotations import split_annotated
from tenure.graph.providers import provider_of
from tenure.web.app.endpoints import response_model_of
from tenure.web.app.options import RouteOptions, is_set
from tenure.web.reply.producing import StreamKind
from tenure.web.sse import EventSourceResponse, ServerSentEvent

__all__ = ["ItemType", "Models", "models_of", "stream_kind_of"]

_STREAMS = (
    collections.abc.AsyncGenerator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncIterator,
    collections.abc.Generator,
    collections.abc.Iterable,
    collections.abc.Iterator,
)


class ItemType(NamedTuple):
    """The type of what a stream yields; as a response model, that it has been read before."""

    annotation: Any


class Models(NamedTuple):
    """What is declared of what an endpoint returns or yields."""

    response_model: Any
    stream_item_type: Any
    """The type of each item; None where they are not checked."""
    missing: tuple[str, ...] = ()
    """Names in the annotation that are not known yet."""


def stream_kind_of(endpoint: Callable[..., Any], options: RouteOptions) -> StreamKind | None:
    """How what *endpoint* yields is written; None for one that returns its response.

    With ``EventSourceResponse`` an endpoint may also return what is iterated.
    """
    if _is_class(options.response_class, EventSourceResponse):
        return StreamKind.EVENTS
    if not _yields(endpoint):
        return None
    return StreamKind.CHUNKS if is_set(options.response_class) else StreamKind.LINES


def models_of(
    endpoint: Callable[..., Any], options: RouteOptions, kind: StreamKind | None
) -> Models:
    """The declared models, or those of the return annotation where none is declared."""
    if isinstance(options.response_model, ItemType):
        return Models(None, options.response_model.annotation)
    annotation, missing = response_model_of(endpoint, options)
    if kind is None or is_set(options.response_model) or not _yields(endpoint):
        return Models(annotation, None, missing)
    inner, _ = split_annotated(annotation)
    if get_origin(inner) not in _STREAMS:
        return Models(annotation, None, missing)
    item = (*get_args(inner), Any)[0]
    if kind is StreamKind.CHUNKS or _is_class(item, ServerSentEvent):
        item = None  # sent as it is
    return Models(None, item, missing)


def _yields(endpoint: Callable[..., Any]) -> bool:
    return provider_of(endpoint, is_new=True).kind.opens


def _is_class(value: Any, base: type[Response | ServerSentEvent]) -> bool:
    return isinstance(value, type) and issubclass(value, base)
