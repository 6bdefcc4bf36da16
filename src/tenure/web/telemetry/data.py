"""What processors of spans and logs may look up of the request that is served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from opentelemetry import context as contexts
from opentelemetry.context import Context
from starlette.requests import Request
from starlette.websockets import WebSocket

__all__ = ["SERVED", "TelemetryData", "get_telemetry_data"]

SERVED: Final = contexts.create_key("tenure-served")
"""Under which an OpenTelemetry context has the request that it belongs to."""


class TelemetryData:
    """What is known of a request or WebSocket by now; read it, and keep it out of exports.

    Nothing of it is exported unless a processor of yours does that.
    """

    def __init__(
        self,
        *,
        request: Request | None = None,
        websocket: WebSocket | None = None,
        body: Any = None,
        values: dict[str, Any] | None = None,
        errors: Sequence[Any] | None = None,
    ) -> None:
        self.request = request
        """The request, from where its route is about to solve dependencies."""
        self.websocket = websocket
        """The WebSocket, from there on."""
        self.values = values
        """The endpoint's arguments, when dependencies are solved; None where inputs are bad."""
        self.errors = errors
        """What is wrong with the inputs; empty when dependencies are solved and nothing was."""
        self._body = body
        self._parse: Callable[[], Any] | None = None

    @property
    def body(self) -> Any:
        """The body before it was validated; parsed now where nobody has needed that before."""
        if self._parse is not None:
            self._body, self._parse = self._parse(), None
        return self._body

    @body.setter
    def body(self, body: Any) -> None:
        self._body, self._parse = body, None

    def parse_body_later(self, parse: Callable[[], Any]) -> None:
        """Have *parse* called when somebody asks for the body."""
        self._parse = parse


class _Served(Protocol):
    data: TelemetryData | None


def get_telemetry_data(context: Context | None = None) -> TelemetryData | None:
    """What is known of the request that *context* belongs to, by default the current one.

    For processors, while they are called: None outside of requests, and when one is over.
    """
    served: Any = contexts.get_value(SERVED, context)
    found: _Served | None = served
    return found.data if found is not None else None
