"""From what an endpoint yields to the streamed response that is sent."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from starlette.responses import Response, StreamingResponse

from tenure.life.iteration import Iteration
from tenure.web.app.options import RouteOptions
from tenure.web.bind.exchange import HttpExchange, Produced
from tenure.web.encoders import jsonable_encoder
from tenure.web.exceptions import EndpointContext
from tenure.web.reply.model import ResponseModel
from tenure.web.sse import KEEPALIVE_COMMENT, ServerSentEvent, format_sse_event

__all__ = ["StreamKind", "stream_finisher"]

Write = Callable[[Any], bytes]


class StreamKind(Enum):
    """How the items of a stream are written."""

    LINES = "lines"
    """A line of JSON for each; where no response class is declared."""
    EVENTS = "events"
    """A server-sent event for each."""
    CHUNKS = "chunks"
    """As they are, by the response class."""


def stream_finisher(
    kind: StreamKind,
    options: RouteOptions,
    model: ResponseModel | None,
    context: Callable[[HttpExchange], EndpointContext],
) -> Callable[[HttpExchange, Any], Response]:
    """How what an endpoint yields becomes a response: decided once per route.

    Nothing is produced yet: the iteration starts when the response is sent. Each item is held
    against the *model* of an item, if there is one; a value that does not fit is a
    ``ResponseValidationError`` in the middle of the stream.
    """

    def finish(exchange: HttpExchange, result: Any) -> Response:
        if isinstance(result, Response):  # of an endpoint that does not yield
            if result.background is None:
                result.background = exchange.tasks
            return result
        arguments = _arguments(exchange, options.status_code)
        if kind is StreamKind.CHUNKS:
            response = _chunks(exchange, result, options, arguments)
        else:
            write = _json_writer(model, lambda: context(exchange))
            make = _lines if kind is StreamKind.LINES else _events
            response = make(exchange, _Source(result, options.in_thread), write, arguments)
        if exchange.response is not None:
            response.headers.raw.extend(exchange.response.headers.raw)
        return response

    return finish


def _arguments(exchange: HttpExchange, declared: int | None) -> dict[str, Any]:
    injected = exchange.response.status_code if exchange.response is not None else None
    status = injected or declared
    arguments: dict[str, Any] = {"background": exchange.tasks}
    return arguments | ({"status_code": status} if status else {})


class _Source(NamedTuple):
    """What items come from."""

    iterable: Any
    in_thread: bool

    def iteration(self, convert: Write) -> Iteration:
        return Iteration(self.iterable, convert, in_thread=self.in_thread)


def _chunks(
    exchange: HttpExchange, result: Any, options: RouteOptions, arguments: dict[str, Any]
) -> Response:
    response_class: type[Response] = options.response_class
    if not issubclass(response_class, StreamingResponse):
        return response_class(result, **arguments)  # which may know what to do with it
    exchange.produced = Produced(Iteration(result, in_thread=options.in_thread))
    return response_class(exchange.produced.iteration, **arguments)


def _lines(
    exchange: HttpExchange, source: _Source, write: Write, arguments: dict[str, Any]
) -> Response:
    iteration = source.iteration(lambda item: write(item) + b"\n")
    exchange.produced = Produced(iteration)
    return StreamingResponse(iteration, media_type="application/jsonl", **arguments)


def _events(
    exchange: HttpExchange, source: _Source, write: Write, arguments: dict[str, Any]
) -> Response:
    iteration = source.iteration(lambda item: _event_of(item, write))
    exchange.produced = Produced(iteration, KEEPALIVE_COMMENT)
    response = StreamingResponse(iteration, media_type="text/event-stream", **arguments)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would wait until it has more
    return response


def _event_of(item: Any, write: Write) -> bytes:
    if not isinstance(item, ServerSentEvent):
        return format_sse_event(data_str=write(item).decode())
    data = item.raw_data
    if data is None and item.data is not None:
        data = _json_of_data(item.data)
    return format_sse_event(
        data_str=data, event=item.event, id=item.id, retry=item.retry, comment=item.comment
    )


def _json_of_data(data: Any) -> str:
    if hasattr(data, "model_dump_json"):
        text: str = data.model_dump_json()
        return text
    return _plain_json(data)


def _json_writer(model: ResponseModel | None, context: Callable[[], EndpointContext]) -> Write:
    if model is None:
        return lambda item: _plain_json(item).encode()

    def write(item: Any) -> bytes:
        value, errors = model.validation.validate(item, ("response",))
        if errors:
            model.validate(item, endpoint_context=context())
        return model.to_json(value)

    return write


def _plain_json(item: Any) -> str:
    return json.dumps(_finite(jsonable_encoder(item)))


def _finite(value: Any) -> Any:
    """The same with None for the floats that JSON has no word for."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _finite(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [_finite(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value
