"""``auto_configure``: exporters to where the environment says, in providers that have none of ours.

Only OTLP over HTTP, which is OpenTelemetry's own default. The SDK and the exporter are optional
packages, imported when there is something to export.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple

from anyio.to_thread import run_sync
from opentelemetry import _logs, metrics, trace

from tenure.web.logger import logger
from tenure.web.telemetry.config import Settings
from tenure.web.telemetry.signals import real_provider

__all__ = ["Exporters"]

_OTHERWISE: Final = (
    "Set providers of your own, and say telemetry={'auto_configure': False} where this is not meant"
)
_PROTOCOL: Final = "http/protobuf"


class _Signal(NamedTuple):
    """One of the three: traces, metrics, logs."""

    word: str
    current: Callable[[], Any]
    """The process's provider."""
    use: Callable[[Any], None]
    """Makes one the process's provider."""
    module: str
    name: str
    """Of the SDK's provider."""
    add: Callable[[Any], Any]
    """Adds an exporter to a provider; answers what exports, which can be flushed."""


class _CannotConfigureError(Exception):
    """What the environment asks for is not to be had; the text says why."""


class Exporters:
    """The exporters of one application; each provider gets one, however often it starts."""

    def __init__(self, settings: Settings) -> None:
        self._wanted = (
            (_TRACES, settings.tracing, settings.tracer_provider),
            (_METRICS, settings.metrics, settings.meter_provider),
            (_LOGS, settings.logs, settings.logger_provider),
        )
        self._is_on = settings.auto_configure and not _says("OTEL_SDK_DISABLED", "true")
        self._exporting: list[Any] = []

    async def start(self) -> None:
        """Add what is missing; what keeps it from that is logged, and stops nothing else."""
        if not self._is_on:
            return
        try:
            found = [
                (signal, own)
                for signal, is_on, own in self._wanted
                if is_on and _has_endpoint(signal)
            ]
            for signal, _ in found:
                _check(signal)
            self._exporting = [_exporting(signal, own) for signal, own in found]
        except Exception as error:  # of the exporters' own reading of the environment, too
            logger.warning("Telemetry is not configured automatically: %s", error)

    async def flush(self) -> None:
        """Send what has been told by now; providers go on."""
        for each in self._exporting:
            await run_sync(each.force_flush)


def _says(variable: str, word: str) -> bool:
    return os.environ.get(variable, "").strip().lower() == word


def _specific(signal: _Signal, name: str) -> str:
    """What the environment says under *name*: of this signal, else of all."""
    of_all = os.environ.get(f"OTEL_EXPORTER_OTLP_{name}", "")
    return os.environ.get(f"OTEL_EXPORTER_OTLP_{signal.word}_{name}", of_all).strip()


def _has_endpoint(signal: _Signal) -> bool:
    is_off = _says(f"OTEL_{signal.word}_EXPORTER", "none")
    return not is_off and bool(_specific(signal, "ENDPOINT"))


def _check(signal: _Signal) -> None:
    variable = f"OTEL_{signal.word}_EXPORTER"
    exporter = os.environ.get(variable, "").strip() or "otlp"
    if exporter != "otlp":
        raise _CannotConfigureError(f"{variable}={exporter} is not 'otlp' or 'none'. {_OTHERWISE}")
    protocol = _specific(signal, "PROTOCOL") or _PROTOCOL
    if protocol != _PROTOCOL:
        raise _CannotConfigureError(
            f"OTEL_EXPORTER_OTLP_PROTOCOL={protocol} is not {_PROTOCOL!r}. {_OTHERWISE}"
        )


_of_provider: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
"""What exports, of the providers that had it added here."""


def _exporting(signal: _Signal, own: Any) -> Any:
    """What exports from the provider that is used for *signal*; the provider is made if need be."""
    provider = real_provider(own or signal.current())
    is_new = provider is None
    if is_new:
        provider = _imported(signal.module, signal.name)()
    if provider not in _of_provider:
        _of_provider[provider] = signal.add(provider)
    if is_new:
        signal.use(provider)
    return _of_provider[provider]


def _imported(module: str, name: str) -> Any:
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        raise _CannotConfigureError(
            f"the package {error.name!r} is missing: install tenure[otlp]. {_OTHERWISE}"
        ) from error


def _exporter(path: str, name: str) -> Any:
    return _imported(f"opentelemetry.exporter.otlp.proto.http.{path}", name)()


def _add_spans(provider: Any) -> Any:
    make = _imported("opentelemetry.sdk.trace.export", "BatchSpanProcessor")
    processor = make(_exporter("trace_exporter", "OTLPSpanExporter"))
    provider.add_span_processor(processor)
    return processor


def _add_metrics(provider: Any) -> Any:
    make = _imported("opentelemetry.sdk.metrics.export", "PeriodicExportingMetricReader")
    reader = make(_exporter("metric_exporter", "OTLPMetricExporter"))
    provider.add_metric_reader(reader)
    return reader


def _add_logs(provider: Any) -> Any:
    make = _imported("opentelemetry.sdk._logs.export", "BatchLogRecordProcessor")
    processor = make(_exporter("_log_exporter", "OTLPLogExporter"))
    provider.add_log_record_processor(processor)
    return processor


_TRACES: Final = _Signal(
    "TRACES",
    trace.get_tracer_provider,
    trace.set_tracer_provider,
    "opentelemetry.sdk.trace",
    "TracerProvider",
    _add_spans,
)
_METRICS: Final = _Signal(
    "METRICS",
    metrics.get_meter_provider,
    metrics.set_meter_provider,
    "opentelemetry.sdk.metrics",
    "MeterProvider",
    _add_metrics,
)
_LOGS: Final = _Signal(
    "LOGS",
    _logs.get_logger_provider,
    _logs.set_logger_provider,
    "opentelemetry.sdk._logs",
    "LoggerProvider",
    _add_logs,
)
