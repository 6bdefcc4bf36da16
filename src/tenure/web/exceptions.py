"""The exceptions of the web layer: those users raise, and those they see.

``FastAPIError`` and ``DependencyScopeError`` are the engine's own errors under the names that
FastAPI gives them, so that one ``except`` clause serves both frameworks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from pydantic import BaseModel, create_model
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.exceptions import WebSocketException as StarletteWebSocketException

from tenure.errors import DeclarationError, ScopeError, TenureError

__all__ = [
    "DependencyScopeError",
    "EndpointContext",
    "FastAPIDeprecationWarning",
    "FastAPIError",
    "HTTPException",
    "ParameterDeclarationError",
    "PydanticV1NotSupportedError",
    "RequestErrorModel",
    "RequestValidationError",
    "ResponseModelDeclarationError",
    "ResponseValidationError",
    "ValidationException",
    "WebSocketErrorModel",
    "WebSocketException",
    "WebSocketRequestValidationError",
]

FastAPIError = TenureError
DependencyScopeError = ScopeError

RequestErrorModel: type[BaseModel] = create_model("Request")
WebSocketErrorModel: type[BaseModel] = create_model("WebSocket")


class EndpointContext(TypedDict, total=False):
    """Which endpoint a request was for, as validation errors show it to the developer."""

    function: str
    path: str
    """Method and path as declared: ``GET /items/{item_id}``."""
    file: str
    line: int


class HTTPException(StarletteHTTPException):
    """Raise it to answer the client with an error status.

    ``detail`` may be anything that can be written as JSON; it becomes the ``detail`` of the
    body. Dependencies that are open see the exception at their ``yield`` first.
    """

    def __init__(
        self,
        status_code: int,
        detail: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status_code=status_code, detail=detail, headers=headers)


class WebSocketException(StarletteWebSocketException):
    """Raise it to close a WebSocket with a close code (RFC 6455, section 7.4) and a reason."""

    def __init__(self, code: int, reason: str | None = None) -> None:
        super().__init__(code=code, reason=reason)


class ValidationException(Exception):  # noqa: N818 - FastAPI's public name
    """Data did not have the declared shape; ``errors()`` lists every entry that is wrong.

    The text names the endpoint for the developer's log. The default handlers send only
    ``errors()`` to the client.
    """

    def __init__(
        self, errors: Sequence[Any], *, endpoint_ctx: EndpointContext | None = None
    ) -> None:
        super().__init__(errors)  # what a copy is made from, and one that is unpickled
        self._errors = errors
        self.endpoint_ctx = endpoint_ctx
        context: EndpointContext = endpoint_ctx if endpoint_ctx is not None else {}
        self.endpoint_function: str | None = context.get("function")
        self.endpoint_path: str | None = context.get("path")
        self.endpoint_file: str | None = context.get("file")
        self.endpoint_line: int | None = context.get("line")

    def errors(self) -> Sequence[Any]:
        """What is wrong, one entry a mistake, each with ``type``, ``loc``, ``msg``, ``input``."""
        return self._errors

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._errors!r})"

    def __str__(self) -> str:
        count = len(self._errors)
        lines = [f"{count} validation error{'' if count == 1 else 's'}:"]
        lines.extend(f"  {error}" for error in self._errors)
        lines.extend(self._endpoint_lines())
        return "\n".join(lines)

    def _endpoint_lines(self) -> list[str]:
        if not (self.endpoint_file and self.endpoint_line and self.endpoint_function):
            # Endpoints without source (built-ins, callables made at run time) have a path only.
            return ["", f"  Endpoint: {self.endpoint_path}"] if self.endpoint_path else []
        place = f'  File "{self.endpoint_file}", line {self.endpoint_line}'
        lines = ["", f"{place}, in {self.endpoint_function}"]
        if self.endpoint_path:
            lines.append(f"    {self.endpoint_path}")
        return lines


class RequestValidationError(ValidationException):
    """The request does not fit what the endpoint and its dependencies declare; answered by 422.

    ``body`` is the request's body as it was read: parsed JSON, a form, bytes, or None.
    """

    def __init__(
        self,
        errors: Sequence[Any],
        *,
        body: Any = None,
        endpoint_ctx: EndpointContext | None = None,
    ) -> None:
        super().__init__(errors, endpoint_ctx=endpoint_ctx)
        self.body = body


class WebSocketRequestValidationError(ValidationException):
    """The handshake does not fit what the endpoint declares; the socket is closed with 1008."""


class ResponseValidationError(ValidationException):
    """The endpoint returned something else than its response model; a fault of the server.

    ``body`` is what the endpoint returned.
    """

    def __init__(
        self,
        errors: Sequence[Any],
        *,
        body: Any = None,
        endpoint_ctx: EndpointContext | None = None,
    ) -> None:
        super().__init__(errors, endpoint_ctx=endpoint_ctx)
        self.body = body


class ParameterDeclarationError(DeclarationError):
    """A parameter is declared in a way that no request could fill.

    ``message`` says which parameter and what is wrong, ``hint`` what to write instead.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message}\nHint: {hint}" if hint else message)


class ResponseModelDeclarationError(TenureError):
    """A response model or return annotation that pydantic can build no schema for."""


class PydanticV1NotSupportedError(TenureError):
    """A model of ``pydantic.v1`` was used; only models of pydantic 2 are understood."""


class FastAPIDeprecationWarning(UserWarning):
    """Something is deprecated; not a ``DeprecationWarning``, which Python hides by default."""
