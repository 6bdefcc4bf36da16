"""What spans and metrics say of a request, by OpenTelemetry's semantic conventions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from opentelemetry.util.types import AttributeValue
from starlette.exceptions import HTTPException, WebSocketException
from starlette.websockets import WebSocketDisconnect

from tenure.web.exceptions import RequestValidationError, WebSocketRequestValidationError

__all__ = [
    "METHODS",
    "attributes_of_request",
    "attributes_of_websocket",
    "code_name",
    "error_type",
    "is_failure",
    "method_of",
]

Attributes = dict[str, AttributeValue]

METHODS: Final = frozenset(
    "CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split()  # noqa: SIM905
)
_OTHER: Final = "_OTHER"
_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_SECRETS: Final = frozenset(
    {"sig", "X-Amz-Credential", "X-Amz-Security-Token", "X-Amz-Signature", "X-Goog-Signature"}
)
"""Parameters of queries that let whoever reads them in."""
_EXPECTED: Final = (
    HTTPException,
    RequestValidationError,
    WebSocketException,
    WebSocketRequestValidationError,
)
_CLOSED_IN_ORDER: Final = (1000, 1001)


def method_of(asgi_scope: Mapping[str, Any]) -> str:
    """The method of the request; one word for all that no standard knows."""
    method: str = asgi_scope["method"]
    return method if method in METHODS else _OTHER


def attributes_of_request(asgi_scope: Mapping[str, Any]) -> Attributes:
    """What is known of a request before its route is."""
    attributes = _server(asgi_scope)
    attributes["url.path"] = asgi_scope["path"]
    if asgi_scope["query_string"]:
        attributes["url.query"] = _query(asgi_scope["query_string"])
    attributes["url.scheme"] = asgi_scope.get("scheme", "http")
    method = attributes["http.request.method"] = method_of(asgi_scope)
    if method == _OTHER:
        attributes["http.request.method_original"] = asgi_scope["method"]
    attributes["network.protocol.version"] = asgi_scope.get("http_version", "1.1")
    return attributes


def attributes_of_websocket(asgi_scope: Mapping[str, Any]) -> Attributes:
    """What is known of a WebSocket before its route is."""
    attributes = _server(asgi_scope)
    attributes["url.scheme"] = asgi_scope.get("scheme", "ws")
    attributes["network.protocol.name"] = "websocket"
    return attributes


def _server(asgi_scope: Mapping[str, Any]) -> Attributes:
    """The address that the client has asked for, or else the one that was listened at."""
    for name, value in asgi_scope["headers"]:
        if name == b"host":
            return _asked_for(value.decode("latin-1"), asgi_scope.get("scheme", "http"))
    host, port = asgi_scope.get("server") or (None, None)
    return _address(host, port)


def _asked_for(host: str, scheme: str) -> Attributes:
    try:
        parts = urlsplit(f"//{host}")
        return _address(parts.hostname, parts.port or _PORTS.get(scheme))
    except ValueError:
        return {}


def _address(host: str | None, port: int | None) -> Attributes:
    attributes: Attributes = {}
    if host:
        attributes["server.address"] = host
        if port is not None:
            attributes["server.port"] = port
    return attributes


def _query(raw: bytes) -> str:
    pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True)
    return urlencode([(key, "REDACTED" if key in _SECRETS else value) for key, value in pairs])


def code_name(call: Any) -> str:
    """The name of *call* with its module; of an object that is called, that of its class."""
    named = call if hasattr(call, "__qualname__") else type(call)
    return f"{named.__module__}.{named.__qualname__}"


def error_type(error: BaseException) -> str:
    """The name of the class of *error*, with its module unless it is built in."""
    kind = type(error)
    name = kind.__qualname__
    return name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}"


def is_failure(error: BaseException) -> bool:
    """Whether *error* is a failure of the program, and no answer it gives on purpose."""
    if isinstance(error, WebSocketDisconnect):
        return error.code not in _CLOSED_IN_ORDER
    return not isinstance(error, _EXPECTED)
