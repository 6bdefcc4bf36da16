"""How a request ended, for the ``Outcome`` that exit code may ask for."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.websockets import WebSocketDisconnect

from tenure.life import endings

__all__ = ["ending_of", "status_of"]


def status_of(default: int, _exchange: Any, reply: Any) -> int:
    """The status of a response; *default* is that of a body that is sent as it is."""
    status: int = getattr(reply, "status_code", default)
    return status


def ending_of(exchange: Any, error: BaseException) -> tuple[str, int | None]:
    """The kind of outcome that *error* is, and its status where it is an answer."""
    gone = isinstance(error, ClientDisconnect | WebSocketDisconnect)
    if gone or exchange.disconnect is not None:
        return "disconnected", None
    error = endings.alone_in_groups(error)
    if isinstance(error, HTTPException):
        return "raised", error.status_code
    return endings.ending_of(exchange, error)
