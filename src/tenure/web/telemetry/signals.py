"""Where spans, measurements and log records go: the providers, asked for at each request."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry import _logs, metrics, trace
from opentelemetry._logs import Logger
from opentelemetry.metrics import Histogram, UpDownCounter
from opentelemetry.trace import Tracer

from tenure.web.telemetry.config import Settings
from tenure.web.telemetry.unset import nothing_is_set

__all__ = ["Instruments", "Providers", "Signals", "real_provider"]

_SCHEMA: Final = "https://opentelemetry.io/schemas/1.44.0"
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


class Instruments:
    """What requests are counted and measured with."""

    def __init__(self, provider: metrics.MeterProvider) -> None:
        meter = provider.get_meter(*_named())
        self.active: UpDownCounter = meter.create_up_down_counter(
            "http.server.active_requests", "{request}", "Number of active HTTP server requests."
        )
        self.duration: Histogram = meter.create_histogram(
            "http.server.request.duration",
            "s",
            "Duration of HTTP server requests.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )


@dataclass(frozen=True, slots=True)
class Signals:
    """What a request is told to; None for what there is nobody to tell."""

    tracer: Tracer | None
    instruments: Instruments | None
    logger: Logger | None
    operation_spans: bool


class Providers:
    """The providers of one application: those it was given, or else those of the process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._latest: tuple[tuple[Any, Any, Any], Signals | None] = ((None, None, None), None)
        """The providers that were found last, and what was made with them."""
        own = (settings.tracer_provider, settings.meter_provider, settings.logger_provider)
        self._may_be_unset = not any(own)
        self._has_asked = False
        """Whether the API was asked: it sets what the environment names, the first time."""

    def current(self) -> Signals | None:
        """What to tell of a request that begins now; None while nobody would be told."""
        if self._has_asked and self._may_be_unset and nothing_is_set():
            return None
        self._has_asked = True
        settings = self._settings
        found = (
            real_provider(settings.tracer_provider or trace.get_tracer_provider())
            if settings.tracing
            else None,
            real_provider(settings.meter_provider or metrics.get_meter_provider())
            if settings.metrics
            else None,
            real_provider(settings.logger_provider or _logs.get_logger_provider())
            if settings.logs
            else None,
        )
        latest, signals = self._latest
        if found != latest:
            signals = self._made(*found)
            self._latest = (found, signals)
        return signals

    def _made(self, tracers: Any, meters: Any, loggers: Any) -> Signals | None:
        if tracers is None and meters is None and loggers is None:
            return None
        return Signals(
            tracers.get_tracer(*_named()) if tracers is not None else None,
            Instruments(meters) if meters is not None else None,
            loggers.get_logger(*_named()) if loggers is not None else None,
            self._settings.operation_spans,
        )


_API: Final = ("opentelemetry.trace", "opentelemetry.metrics", "opentelemetry._logs")


def real_provider(provider: Any) -> Any:
    """*provider*, unless it is one of the API's own: those stand for one that was not set."""
    return None if type(provider).__module__.startswith(_API) else provider


def _named() -> tuple[str, str, str]:
    """Who tells: the instrumentation scope."""
    return "tenure", importlib.metadata.version("tenure"), _SCHEMA
