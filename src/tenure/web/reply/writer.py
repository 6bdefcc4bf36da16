"""From what an endpoint returned to the response that is sent."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response, StreamingResponse

from tenure.web.app.options import RouteOptions, is_set
from tenure.web.bind.exchange import Exchange
from tenure.web.encoders import jsonable_encoder
from tenure.web.exceptions import EndpointContext
from tenure.web.reply.model import ResponseModel
from tenure.web.reply.streaming import send_stream
from tenure.web.utils import is_body_allowed_for_status_code

__all__ = ["deliver", "finisher"]

_STREAMS = StreamingResponse.__call__
"""Classes that override it send themselves."""

Finish = Callable[[Exchange, Any], Response]


def finisher(
    options: RouteOptions,
    model: ResponseModel | None,
    context: Callable[[Exchange], EndpointContext],
) -> Finish:
    """How the values an endpoint returns become responses: decided once per route.

    A returned ``Response`` is sent as it is. Anything else is held against the *model*, if
    there is one, and written by the response class; headers, cookies, status and tasks that
    dependencies have set are added.
    """
    status_code = options.status_code
    response_class: type[Response] | None = (
        options.response_class if is_set(options.response_class) else None
    )
    content_of = _content_of(model, context, as_bytes=response_class is None)
    make = _maker(response_class)

    def finish(exchange: Exchange, result: Any) -> Response:
        if isinstance(result, Response):
            if result.background is None:
                result.background = exchange.tasks
            return result
        content = content_of(exchange, result)
        injected = exchange.response
        arguments: dict[str, Any] = {"background": exchange.tasks}
        status = (injected.status_code if injected is not None else None) or status_code
        if status:
            arguments["status_code"] = status
        response = make(content, arguments)
        if not is_body_allowed_for_status_code(response.status_code):
            response.body = b""
        if injected is not None:
            response.headers.raw.extend(injected.headers.raw)
        return response

    return finish


def _content_of(
    model: ResponseModel | None,
    context: Callable[[Exchange], EndpointContext],
    *,
    as_bytes: bool,
) -> Callable[[Exchange, Any], Any]:
    if model is None:
        return _plain_json if as_bytes else lambda _exchange, result: jsonable_encoder(result)
    write = model.to_json if as_bytes else model.to_python
    validate = model.validation.validate

    def content(exchange: Exchange, result: Any) -> Any:
        value, errors = validate(result, ("response",))
        if errors:
            model.validate(result, endpoint_context=context(exchange))
        return write(value)

    return content


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""What ``JSONResponse`` does, with the encoder made once."""


def _plain_json(_exchange: Exchange, result: Any) -> bytes:
    """The JSON of what has no model: at once where it is made of plain values."""
    try:
        text = _encode(result)
    except TypeError:
        return _encode(jsonable_encoder(result)).encode()
    if '"_sa' in text:  # SQLAlchemy's state, which the encoder leaves out
        text = _encode(jsonable_encoder(result))
    return text.encode()


def _maker(response_class: type[Response] | None) -> Callable[[Any, dict[str, Any]], Response]:
    if response_class is not None:
        return lambda content, arguments: response_class(content, **arguments)
    return lambda content, arguments: Response(content, media_type="application/json", **arguments)


def deliver(exchange: Exchange, response: Response) -> Awaitable[None]:
    """Send the response and run its background tasks."""
    if isinstance(response, StreamingResponse) and type(response).__call__ is _STREAMS:
        return send_stream(exchange, response)
    return response(exchange.asgi_scope, exchange.receive, exchange.send)
