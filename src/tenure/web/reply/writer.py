"""From what an endpoint returned to the response that is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from json import encoder
from typing import Any, Final

from pydantic_core import PydanticSerializationError
from starlette.responses import Response

from tenure.web.app.options import RouteOptions, is_set
from tenure.web.bind.exchange import Exchange
from tenure.web.encoders import jsonable_encoder
from tenure.web.exceptions import EndpointContext
from tenure.web.reply.model import ResponseModel
from tenure.web.reply.streaming import is_plain_stream, send_stream
from tenure.web.reply.tasks import with_all_tasks
from tenure.web.utils import is_body_allowed_for_status_code

__all__ = ["Deliver", "Finish", "deliverer", "finisher"]

Finish = Callable[[Any, Any], Any]
"""``finish(exchange, result)`` answers a ``Response``, or the bytes of a body of JSON."""
Deliver = Callable[[Any, Any], Awaitable[None]]


def finisher(
    options: RouteOptions,
    model: ResponseModel | None,
    context: Callable[[Exchange], EndpointContext],
    *,
    makes_responses: bool = False,
) -> Finish:
    """How the values an endpoint returns become responses: decided once per route.

    A returned ``Response`` is sent as it is. Anything else is held against the *model*, if
    there is one, and written by the response class; headers, cookies, status and tasks that
    dependencies have set are added. Where there is no class and nothing to add, the bytes of
    the body are all that is needed, unless somebody wants to see a response
    (*makes_responses*).
    """
    status_code = options.status_code
    response_class: type[Response] | None = (
        options.response_class if is_set(options.response_class) else None
    )
    content_of = _content_of(model, context, as_bytes=response_class is None)
    make = _maker(response_class)
    may_be_bytes = (
        response_class is None
        and not makes_responses
        and is_body_allowed_for_status_code(status_code)
    )

    def finish(exchange: Exchange, result: Any) -> Any:
        if isinstance(result, Response):
            if result.background is None:
                result.background = exchange.tasks
            return result
        content = content_of(exchange, result)
        injected, tasks = exchange.response, exchange.tasks
        if may_be_bytes and injected is None and tasks is None:
            return content
        arguments: dict[str, Any] = {"background": tasks}
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
    to_json, to_python = model.to_json, model.to_python
    validate = model.validation.validate

    def content(exchange: Exchange, result: Any) -> Any:
        value, errors = validate(result, ("response",))
        if errors:
            model.validate(result, endpoint_context=context(exchange))
        if not as_bytes:
            return to_python(value)
        try:
            return to_json(value)
        except PydanticSerializationError as error:
            try:  # a text that is no UTF-8 can be written by the standard library
                return _in_utf_8(_encode(to_python(value)))
            except (ValueError, TypeError):
                raise error from None

    return content


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
"""What ``JSONResponse`` does, with the encoder made once."""
_encode = _ENCODER.encode


def _quick_encoder() -> Callable[[Any], str]:
    """The encoder without the objects that ``JSONEncoder`` makes for each call.

    It does not look for values that contain themselves: those are a ``RecursionError``.
    """
    make: Any = getattr(encoder, "c_make_encoder", None)
    if make is None:  # pragma: no cover - an interpreter without the module in C
        return _encode
    write = make(
        None,
        _ENCODER.default,
        encoder.encode_basestring,
        None,
        _ENCODER.key_separator,
        _ENCODER.item_separator,
        _ENCODER.sort_keys,
        _ENCODER.skipkeys,
        _ENCODER.allow_nan,
    )
    return lambda value: "".join(write(value, 0))


_encode_quickly = _quick_encoder()


def _plain_json(_exchange: Exchange, result: Any) -> bytes:
    """The JSON of what has no model: at once where it is made of plain values."""
    try:
        text = _encode_quickly(result)
    except RecursionError:
        text = _encode(result)  # which says what is wrong
    except (TypeError, ValueError):  # a number that JSON has not may be in what is left out
        text = _encode(jsonable_encoder(result))
    if '"_sa' in text:  # SQLAlchemy's state, which the encoder leaves out
        text = _encode(jsonable_encoder(result))
    return _in_utf_8(text)


_NOT_IN_UTF_8: Final = re.compile("[\ud800-\udfff]")


def _in_utf_8(text: str) -> bytes:
    """JSON as bytes; half of a surrogate pair, which a client may have sent, as an escape."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _NOT_IN_UTF_8.sub(_escaped, text).encode()


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _maker(response_class: type[Response] | None) -> Callable[[Any, dict[str, Any]], Response]:
    if response_class is not None:
        return lambda content, arguments: response_class(content, **arguments)
    return lambda content, arguments: Response(content, media_type="application/json", **arguments)


def deliverer(status_code: int | None) -> Deliver:
    """How the responses of a route are sent, and bytes with *status_code*."""
    status = status_code or 200

    async def deliver(exchange: Exchange, reply: Any) -> None:
        if type(reply) is not bytes:
            await _send_response(exchange, reply)
            return
        # The messages that a Response would make. New lists, because middleware changes them.
        length = (b"content-length", b"%d" % len(reply))
        exchange.is_answered = True
        send = exchange.raw_send
        await send(
            {"type": "http.response.start", "status": status, "headers": [length, _JSON_TYPE]}
        )
        await send({"type": "http.response.body", "body": reply})

    return deliver


_JSON_TYPE: Final = (b"content-type", b"application/json")


def _send_response(exchange: Exchange, response: Response) -> Awaitable[None]:
    """Send a response and run its background tasks."""
    if response.background is not None:
        response = with_all_tasks(exchange, response)
    if is_plain_stream(response):
        return send_stream(exchange, response)
    return response(exchange.asgi_scope, exchange.receive, exchange.send)
