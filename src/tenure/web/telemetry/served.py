"""One request or WebSocket, and what is told of it: its span, its measurements, its log records."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any, Final

from opentelemetry import context as contexts
from opentelemetry import propagate, trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode
from starlette.requests import ClientDisconnect
from starlette.types import Message

from tenure.web.telemetry.attributes import (
    METHODS,
    attributes_of_request,
    attributes_of_websocket,
    error_type,
    is_failure,
    method_of,
)
from tenure.web.telemetry.data import SERVED, TelemetryData
from tenure.web.telemetry.paths import PathOfRoute
from tenure.web.telemetry.signals import Signals

__all__ = ["Served", "mark_failed"]

_OF_COUNT: Final = ("url.scheme", "http.request.method")
_OF_DURATION: Final = (*_OF_COUNT, "network.protocol.version")
_LAST_ANSWER: Final = 500
"""The status that is sent for an exception before that goes on to the server."""


class Served:
    """What is told of one request or WebSocket, from its begin to its end.

    Its span ends with the last message of the response; log records, and the spans of what runs
    after it, still belong to it then.
    """

    def __init__(
        self,
        signals: Signals,
        asgi_scope: Mapping[str, Any],
        path: PathOfRoute,
    ) -> None:
        self.signals = signals
        self.data: TelemetryData | None = TelemetryData()
        self.is_http = asgi_scope["type"] == "http"
        self.operations: Span | None = None
        """The span in which dependencies are opened, while they are."""
        self.openings: dict[int, Any] = {}
        """Of what is open: what ``dependencies.py`` has noted of it."""
        self._route: PathOfRoute | None = path
        self._path: str | None = None
        self._status: int | None = None
        self._has_left = False
        self._answered_at: tuple[int, float] | None = None
        """When the last message was sent, where the end is put off."""
        self._is_over = False
        self._method = self._verb = "WS"
        if self.is_http:
            self._method = method_of(asgi_scope)
            self._verb = self._method if self._method in METHODS else "HTTP"
        self._attributes = (attributes_of_request if self.is_http else attributes_of_websocket)(
            asgi_scope
        )
        self.span, self.context = self._begin(asgi_scope)
        self._began = time.perf_counter()
        if signals.instruments is not None and self.is_http:
            signals.instruments.active.add(1, self._some(_OF_COUNT), self.context)

    def _begin(self, asgi_scope: Mapping[str, Any]) -> tuple[Span | None, Context]:
        tracer = self.signals.tracer
        if tracer is None:
            return None, contexts.set_value(SERVED, self)
        carrier: dict[str, str] = {}
        for name, value in asgi_scope["headers"]:
            carrier.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        outside = propagate.extract(carrier, Context())
        span = tracer.start_span(
            self._verb, outside, kind=SpanKind.SERVER, attributes=self._attributes
        )
        return span, contexts.set_value(SERVED, self, trace.set_span_in_context(span, outside))

    def _some(self, names: tuple[str, ...]) -> dict[str, Any]:
        return {name: self._attributes[name] for name in names}

    def note_route(self, asgi_scope: Mapping[str, Any]) -> None:
        """The route is known, and serves *asgi_scope*."""
        if self._route is not None:
            self._note_path(self._route.seen_from(asgi_scope) or self._route())

    def _find_path(self) -> None:
        if self._path is None and self._route is not None:
            self._note_path(self._route(self._status))

    def _note_path(self, path: str | None) -> None:
        if path is None:
            return
        self._path = path
        if self.span is not None:
            self.span.update_name(f"{self._verb} {path}")
            self.span.set_attribute("http.route", path)

    def is_sending(self, message: Message) -> None:
        """*message* is about to be sent."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._find_path()

    def has_sent(self, message: Message) -> None:
        """*message* has been sent; the last one of a response ends the span."""
        kind = message["type"]
        if not self.is_http or not (
            kind == "http.response.pathsend"
            or (kind == "http.response.body" and not message.get("more_body", False))
        ):
            return
        if self._status == _LAST_ANSWER and sys.exception() is not None:
            # The answer to an exception, which may come out next, and is to be named then.
            self._answered_at = (time.time_ns(), time.perf_counter())
        else:
            self.end()

    def client_has_left(self) -> None:
        """Nobody will see a response."""
        self._has_left = True

    def returned(self) -> None:
        """The application is done."""
        if self._is_over or not self.is_http or self._answered_at is not None:
            self.end()
        else:  # a server makes its own response of that, and calls it an error
            self.end(ClientDisconnect() if self._has_left else RuntimeError())

    def failed(self, error: BaseException) -> None:
        """The application has raised *error*."""
        if is_failure(error):
            self.end(error)
            if isinstance(error, Exception):
                self._log_exception(error)
        else:
            self.end()

    def end(self, error: BaseException | None = None) -> None:
        """The response has been sent, or never will be; nothing happens the second time."""
        if self._is_over:
            return
        self._is_over = True
        nanoseconds, seconds = self._answered_at or (None, time.perf_counter())
        self._find_path()
        said: dict[str, Any] = {}
        if self._path is not None:
            said["http.route"] = self._path
        if self._status is not None:
            said["http.response.status_code"] = self._status
        if error is not None:
            said["error.type"] = error_type(error)
        elif self._status is not None and self._status >= _LAST_ANSWER:
            said["error.type"] = str(self._status)
        if self.span is not None:
            self.span.set_attributes(said)
            if "error.type" in said:
                self.span.set_status(StatusCode.ERROR)
            self.span.end(nanoseconds)
        instruments = self.signals.instruments
        if instruments is not None and self.is_http:
            instruments.active.add(-1, self._some(_OF_COUNT), self.context)
            instruments.duration.record(
                seconds - self._began, {**self._some(_OF_DURATION), **said}, self.context
            )

    def over(self) -> None:
        """Nothing is done for it any more; what refers to it in a circle is let go."""
        self.data = self._route = None
        self.context = Context()
        self.openings.clear()

    def rejected(self, errors: list[Any]) -> None:
        """Its inputs are bad: *errors* is what the client is told."""
        if self.data is not None:
            self.data.errors = errors
        self._log(
            SeverityNumber.WARN,
            "Request validation failed",
            "fastapi.validation.failed",
            {"fastapi.validation.error_count": len(errors)},
        )

    def _log_exception(self, error: Exception) -> None:
        what, event = "request", "http.server.request.exception"
        if not self.is_http:
            what, event = "WebSocket connection", "fastapi.websocket.exception"
        self._log(
            SeverityNumber.ERROR,
            f"Unhandled exception in FastAPI {what}",
            event,
            {
                "exception.type": error_type(error),
                "exception.message": str(error),
                "exception.stacktrace": "".join(traceback.format_exception(error)),
            },
        )

    def _log(
        self, severity: SeverityNumber, body: str, event: str, attributes: dict[str, Any]
    ) -> None:
        logger = self.signals.logger
        if logger is None:
            return
        self._find_path()
        if self._path is not None:
            attributes["http.route"] = self._path
        now = time.time_ns()
        logger.emit(
            timestamp=now,
            observed_timestamp=now,
            context=self.context,
            severity_number=severity,
            severity_text=severity.name,
            body=body,
            attributes=attributes,
            event_name=event,
        )


def mark_failed(span: Span, error: BaseException) -> None:
    """Say on *span* that *error* came out, unless it is no failure of the program.

    A cancellation, and whatever else is no ``Exception``, is none of the code that it ends.
    """
    if isinstance(error, Exception) and is_failure(error):
        span.set_attribute("error.type", error_type(error))
        span.set_status(StatusCode.ERROR)
