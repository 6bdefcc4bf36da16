"""What the option ``telemetry`` of an application may say."""

from __future__ import annotations

import os
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from opentelemetry._logs import LoggerProvider
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider

__all__ = ["Settings", "TelemetryConfig"]

_AUTO_CONFIGURE: Final = "FASTAPI_OTEL_AUTO_CONFIGURE"
"""The variable of the environment that says it where ``auto_configure`` does not."""


class TelemetryConfig(TypedDict, total=False):
    """The option ``telemetry``; what is left out has the default that stands here."""

    tracer_provider: TracerProvider | None
    """Makes the spans; the process's own provider by default."""
    meter_provider: MeterProvider | None
    """Counts and measures; the process's own provider by default."""
    logger_provider: LoggerProvider | None
    """Takes the log records; the process's own provider by default."""
    tracing: bool
    """Whether there are spans; True."""
    metrics: bool
    """Whether requests are counted and measured; True."""
    logs: bool
    """Whether rejected requests and unhandled exceptions are logged, tracebacks too; True."""
    operation_spans: bool
    """Whether dependencies, endpoint, serialization and background tasks have spans; True."""
    auto_configure: bool
    """Whether exporters are made as ``OTEL_EXPORTER_OTLP_ENDPOINT`` and its kind say; False."""
    exclude: Callable[[MutableMapping[str, Any]], bool] | None
    """Is handed the ASGI scope; nothing is told of those for which it answers true."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A ``TelemetryConfig`` with its defaults."""

    tracer_provider: TracerProvider | None = None
    meter_provider: MeterProvider | None = None
    logger_provider: LoggerProvider | None = None
    tracing: bool = True
    metrics: bool = True
    logs: bool = True
    operation_spans: bool = True
    auto_configure: bool = False
    exclude: Callable[[MutableMapping[str, Any]], bool] | None = None

    @classmethod
    def of(cls, config: TelemetryConfig | None) -> Settings:
        """What *config* says; options that nobody knows are passed over, as FastAPI does."""
        given = {**(config or {})}
        given.setdefault("auto_configure", os.environ.get(_AUTO_CONFIGURE, "").lower() == "true")
        known: Any = {name: given[name] for name in cls.__slots__ if name in given}
        return cls(**known)
