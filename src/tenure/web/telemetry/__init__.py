"""What OpenTelemetry is told of requests: spans, metrics and logs.

::

    app = App(telemetry={"exclude": lambda asgi_scope: asgi_scope["path"] == "/health"})

The option may be left out: once the process has providers, they are used. The names of what is
told are FastAPI's; ``tenure.dependency`` and ``tenure.exit`` are ours, a span for each dependency
that is opened, and for each exit. It needs the extra ``tenure[telemetry]``.
"""

from importlib import import_module

try:
    import_module("opentelemetry.trace")
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "Telemetry needs the package opentelemetry-api: install tenure[telemetry], or leave the "
        "option telemetry of the application out",
        name=error.name,
    ) from error

from tenure.web.telemetry.config import TelemetryConfig
from tenure.web.telemetry.data import TelemetryData, get_telemetry_data

__all__ = ["TelemetryConfig", "TelemetryData", "get_telemetry_data"]
