"""Receiving the body of a request, without a ``Request`` where nobody has asked for one."""

from __future__ import annotations

from email.message import Message
from functools import lru_cache
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from tenure.web.bind.exchange import Exchange

__all__ = ["is_json_type", "receive_json"]


async def receive_json(exchange: Exchange, *, strict_content_type: bool) -> bytes | None:
    """Receive the body: its bytes where they are JSON, None where it is empty or something else.

    What is not JSON is the body of the exchange as it is. The exchange remembers what was
    received, for a ``Request`` that is asked for later.
    """
    # Nearly always it comes in one piece.
    message = await exchange.receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
    else:
        body = await _join(message, exchange.receive)
    exchange.received = body
    if not body:
        return None
    declared = _content_type_of(exchange.asgi_scope)
    if is_json_type(declared) if declared else not strict_content_type:
        return body
    exchange.body = body
    return None


async def _join(message: Any, receive: Receive) -> bytes:
    """What follows the first *message*, joined; raises ``ClientDisconnect``."""
    chunks: list[bytes] = []
    while True:
        if message["type"] == "http.request":
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(chunks)
        elif message["type"] == "http.disconnect":
            raise ClientDisconnect
        message = await receive()


def _content_type_of(asgi_scope: Any) -> str | None:
    """The first header of that name."""
    headers = asgi_scope["headers"]
    if type(headers) is not list:  # some iterable, perhaps one that can be gone through once
        headers = asgi_scope["headers"] = list(headers)
    for name, value in headers:
        if name == b"content-type":
            return str(value, "latin-1")
    return None


@lru_cache(maxsize=256)
def is_json_type(content_type: str) -> bool:
    """Whether a body of this type is read as JSON."""
    # The parser of mail headers, as FastAPI, so that odd spellings are taken the same way.
    message = Message()
    message["content-type"] = content_type
    if message.get_content_maintype() != "application":
        return False
    subtype = message.get_content_subtype()
    return subtype == "json" or subtype.endswith("+json")
