"""Whether the process has said where anything is to be sent: the quick question.

The API's own getters look into the environment each time while nothing is set, three times for a
request, which is as long as a small request takes in all.
"""

from __future__ import annotations

from typing import Any, Final

from opentelemetry import _logs, metrics, trace

__all__ = ["nothing_is_set"]

# There is no public way to ask. A test tells when these names move; then the getters are asked.
_traces: Final[Any] = trace
_metrics: Final[Any] = getattr(metrics, "_internal", None)
_log_records: Final[Any] = getattr(_logs, "_internal", None)


def nothing_is_set() -> bool:
    """Whether no provider is set; False where that cannot be told."""
    try:
        return (
            _traces._TRACER_PROVIDER is None  # noqa: SLF001
            and _metrics._METER_PROVIDER is None  # noqa: SLF001
            and _log_records._LOGGER_PROVIDER is None  # noqa: SLF001
        )
    except AttributeError:
        return False
