"""What a client gets for the exceptions every application handles by default."""

from __future__ import annotations

from typing import Any, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.status import WS_1008_POLICY_VIOLATION
from starlette.websockets import WebSocket

from tenure.web.encoders import jsonable_encoder
from tenure.web.exceptions import RequestValidationError, WebSocketRequestValidationError
from tenure.web.utils import is_body_allowed_for_status_code

__all__ = [
    "http_exception_handler",
    "request_validation_exception_handler",
    "websocket_request_validation_exception_handler",
]


async def http_exception_handler(
    request: Request,  # noqa: ARG001 - the signature of all handlers
    exc: HTTPException,
) -> Response:
    """Answer with the status, the headers and, where the status allows a body, the detail."""
    if not is_body_allowed_for_status_code(exc.status_code):
        return Response(status_code=exc.status_code, headers=exc.headers)
    content = {"detail": exc.detail}
    return JSONResponse(content, status_code=exc.status_code, headers=exc.headers)


async def request_validation_exception_handler(
    request: Request,  # noqa: ARG001 - the signature of all handlers
    exc: RequestValidationError,
) -> JSONResponse:
    """Answer with 422 and the list of what is wrong.

    An input that JSON cannot hold (bytes that are no text, lone surrogates, NaN, nesting too deep
    to write) is left out of it: a client's mistake must not become a failure of the server.
    """
    errors = exc.errors()
    try:
        return JSONResponse({"detail": jsonable_encoder(errors)}, status_code=422)
    except (ValueError, RecursionError):
        return JSONResponse({"detail": [_without_input(each) for each in errors]}, status_code=422)


def _without_input(error: Any) -> dict[str, Any]:
    place = [_readable(part) if isinstance(part, str) else part for part in error["loc"]]
    return {"type": error["type"], "loc": place, "msg": _readable(error["msg"])}


def _readable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


async def websocket_request_validation_exception_handler(
    websocket: WebSocket, exc: WebSocketRequestValidationError
) -> None:
    """Close with 1008; the reason is the list of what is wrong."""
    # A list where ASGI asks for text: FastAPI sends it so, and servers and clients cope.
    errors = exc.errors()
    try:
        reason = cast(str, jsonable_encoder(errors))
    except (ValueError, RecursionError):
        reason = cast(str, [_without_input(each) for each in errors])
    await websocket.close(code=WS_1008_POLICY_VIOLATION, reason=reason)
