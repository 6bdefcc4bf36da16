"""What a client gets for the exceptions every application handles by default."""

from __future__ import annotations

from typing import cast

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
    """Answer with 422 and the list of what is wrong."""
    return JSONResponse({"detail": jsonable_encoder(exc.errors())}, status_code=422)


async def websocket_request_validation_exception_handler(
    websocket: WebSocket, exc: WebSocketRequestValidationError
) -> None:
    """Close with 1008; the reason is the list of what is wrong."""
    # A list where ASGI asks for text: FastAPI sends it so, and servers and clients cope.
    reason = cast(str, jsonable_encoder(exc.errors()))
    await websocket.close(code=WS_1008_POLICY_VIOLATION, reason=reason)
