"""What an application tells OpenTelemetry, as plain values that can be compared."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

OURS = ("tenure.dependency", "tenure.exit")
"""The spans that FastAPI does not have."""


class Listener:
    """Providers of one application, and what has come in through them."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self._reader = InMemoryMetricReader()
        self.meters = MeterProvider([self._reader])
        self._logs = InMemoryLogRecordExporter()
        self.loggers = LoggerProvider()
        self.loggers.add_log_record_processor(SimpleLogRecordProcessor(self._logs))

    def config(self, **more: Any) -> Any:
        """The option that has an application tell this."""
        return {
            "tracer_provider": self.tracers,
            "meter_provider": self.meters,
            "logger_provider": self.loggers,
            **more,
        }

    def spans(self) -> Sequence[ReadableSpan]:
        """All spans that have ended, in that order."""
        return self._spans.get_finished_spans()

    def told(self) -> list[str]:
        """Everything, a line each; what is particular to one of the frameworks is left out."""
        return [*self._told_spans(), *self._told_logs(), *self._told_measurements()]

    def tree(self) -> list[str]:
        """The spans, as "name < parent", in the order in which they have ended."""
        names = self._names()
        return [f"{span.name} < {_parent(span, names)}" for span in self.spans()]

    def _names(self) -> dict[int, str]:
        return {span.context.span_id: span.name for span in self.spans() if span.context}

    def _told_spans(self) -> list[str]:
        names = self._names()
        return [
            _plain(
                f"span {span.name} {span.kind.name} < {_parent(span, names)}"
                f" {_sorted(span.attributes)} {span.status.status_code.name}"
                f" {span.status.description} {[event.name for event in span.events]} {span.links}"
            )
            for span in self.spans()
            if span.name not in OURS
        ]

    def _told_logs(self) -> list[str]:
        names = self._names()
        lines = []
        for each in self._logs.get_finished_logs():
            record = each.log_record
            said = dict(record.attributes or {})
            said.pop("exception.stacktrace", None)
            said.pop("exception.message", None)  # names lines of the program, for validation errors
            lines.append(
                _plain(
                    f"log {record.severity_text} {record.severity_number} {record.body!r}"
                    f" {_sorted(said)} {record.event_name} of {names.get(record.span_id or 0)!r}"
                )
            )
        return lines

    def _told_measurements(self) -> list[str]:
        data = self._reader.get_metrics_data()
        lines: list[str] = []
        for resource in data.resource_metrics if data is not None else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    about = f"{metric.name} {metric.unit} {metric.description}"
                    lines.extend(
                        _plain(f"metric {about} {_sorted(point.attributes)} {_measured(point)}")
                        for point in metric.data.data_points
                    )
        return sorted(lines)


def _parent(span: ReadableSpan, names: dict[int, str]) -> str:
    if span.parent is None:
        return "nothing"
    return names.get(span.parent.span_id, f"{span.parent.span_id:x}")


def _sorted(attributes: Any) -> dict[str, Any]:
    return dict(sorted((attributes or {}).items()))


def _measured(point: Any) -> str:
    if hasattr(point, "explicit_bounds"):
        return f"{point.count} in {list(map(float, point.explicit_bounds))}"
    return f"{point.value}"


def _plain(line: str) -> str:
    return line.replace("tenure.web.", "fastapi.")
